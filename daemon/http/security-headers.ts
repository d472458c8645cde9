/** Headers of every answer: nothing is framed, sniffed, embedded elsewhere or loaded from elsewhere. */
import type { FastifyInstance } from 'fastify';

const CONTENT_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

export const HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': CONTENT_POLICY,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
};

/** RFC 6797 §6.1.1; not in the trial, whose `localhost` other programs serve on other ports. */
const PINNED = { 'strict-transport-security': 'max-age=31536000' };

export function addSecurityHeaders(app: FastifyInstance, { pinned }: { pinned: boolean }): void {
  const headers = pinned ? { ...HEADERS, ...PINNED } : HEADERS;
  app.addHook('onRequest', async (_request, reply) => {
    reply.headers(headers);
  });
}
