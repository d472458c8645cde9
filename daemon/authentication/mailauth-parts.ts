/**
 * The parts of mailauth that we call, loaded when the first message needs them: signing-only threads and idle daemons
 * never pay for its dependencies.
 *
 * 1. Every call runs in its strict mode: exactly what the RFCs say, no lenient extras.
 * 2. Nothing outside this folder names mailauth.
 */
import { createRequire } from 'node:module';
import type { Readable } from 'node:stream';
import type { NodeResolve } from '../dns/node-resolve.ts';

export interface MailauthStatus {
  readonly result: string;
  readonly comment?: string;
  readonly header?: Readonly<Record<string, unknown>>;
  readonly smtp?: Readonly<Record<string, unknown>>;
  readonly policy?: Readonly<Record<string, unknown>>;
  readonly underSized?: number;
}

export interface MailauthSignature {
  readonly id?: string;
  readonly signingDomain?: string;
  readonly selector?: string;
  readonly algo?: string;
  readonly signature?: string;
  readonly status: MailauthStatus;
}

export interface MailauthDkim {
  readonly headerFrom: string[];
  readonly fromFields: number;
  readonly results: MailauthSignature[];
  readonly arc?: unknown;
}

export interface MailauthDmarc {
  readonly status: MailauthStatus;
  readonly policy?: string;
}

export interface MailauthArc {
  readonly status: MailauthStatus;
  readonly signature?: MailauthSignature | false;
}

interface SpfOptions {
  readonly sender: string;
  readonly ip: string;
  readonly helo: string;
  readonly mta: string;
  readonly resolver: NodeResolve;
  readonly maxElapsedTime: number;
  readonly strict: true;
}

interface DmarcOptions {
  readonly headerFrom: readonly string[];
  readonly fromFields: number;
  readonly spfDomains: readonly string[];
  readonly dkimDomains: readonly { readonly domain: string; readonly underSized?: number }[];
  readonly resolver: NodeResolve;
  readonly strict: true;
}

export interface MailauthParts {
  spf(options: SpfOptions): Promise<{ readonly domain: string; readonly status: MailauthStatus }>;
  dkimVerify(message: Buffer | Readable, options: { resolver: NodeResolve; strict: true; sender: string }): Promise<MailauthDkim>;
  evaluateDmarc(options: DmarcOptions): Promise<{ readonly response: MailauthDmarc | false; readonly reason?: string }>;
  arc(data: unknown, options: { resolver: NodeResolve; strict: true }): Promise<MailauthArc>;
}

/** A loader that loads once, at its first call. */
export function mailauthLoader(): () => MailauthParts {
  let parts: MailauthParts | undefined;
  return () => {
    parts ??= load();
    return parts;
  };
}

function load(): MailauthParts {
  const require = createRequire(import.meta.url);
  const { spf } = require('mailauth/lib/spf') as Pick<MailauthParts, 'spf'>;
  const { dkimVerify } = require('mailauth/lib/dkim/verify') as Pick<MailauthParts, 'dkimVerify'>;
  const { evaluateDmarc } = require('mailauth/lib/dmarc') as Pick<MailauthParts, 'evaluateDmarc'>;
  const { arc } = require('mailauth/lib/arc') as Pick<MailauthParts, 'arc'>;
  return { spf, dkimVerify, evaluateDmarc, arc };
}
