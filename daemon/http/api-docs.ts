/**
 * `/api/docs`: every operation of the API on one small page without scripts, and the OpenAPI 3.1 document it is made of.
 */
import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';

interface Operation {
  readonly summary?: string;
  readonly tags?: readonly string[];
  readonly requestBody?: unknown;
}
type Paths = Readonly<Record<string, Readonly<Record<string, Operation>>>>;

const hidden = { schema: { hide: true } };
const INTRODUCTION = `Sign in with POST /api/v1/session and send its \`csrf\` in the header x-csrf-token of changing requests, or use a token: \`Authorization: Bearer mst_…\`.
Lists answer {items, next, total}; pass \`next\` as ?after=. Times are RFC 3339 UTC, bytes integers, ids strings, null is unlimited.
Errors are {error: {code, message, field?, reference?}}: 400 invalid, 401 unauthenticated, 403 forbidden or refused, 404 not_found (also another's object), 409 exists, 429 throttled, 503 unavailable, 500 internal.`;

const STYLE = `:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
h2 { margin: 2rem 0 .5rem; font-size: 1.1rem }
ul { list-style: none; margin: 0; padding: 0 }
li { display: grid; grid-template-columns: 4.5rem minmax(14rem, 1fr) 2fr; gap: .75rem; padding: .35rem 0; border-top: 1px solid color-mix(in srgb, currentColor 15%, transparent) }
code { font-family: ui-monospace, monospace; font-size: .9em; overflow-wrap: anywhere }
@media (max-width: 40rem) { li { grid-template-columns: 4.5rem 1fr } li span { grid-column: 2 } }
`;

/** Must be registered before the routes that it describes. */
export async function describeApi(app: FastifyInstance, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Mailstead', version, description: INTRODUCTION },
      components: {
        securitySchemes: {
          session: { type: 'apiKey', in: 'cookie', name: '__Host-mailstead' },
          token: { type: 'http', scheme: 'bearer' },
        },
      },
      security: [{ session: [] }, { token: [] }],
    },
  });
  let page: string | undefined;
  app.get('/api/docs', hidden, async (_request, reply) =>
    reply.type('text/html; charset=utf-8').send((page ??= docsPage(app.swagger().paths as Paths))),
  );
  app.get('/api/docs/openapi.json', hidden, async () => app.swagger());
  app.get('/api/docs/style.css', hidden, async (_request, reply) => reply.type('text/css; charset=utf-8').send(STYLE));
}

function docsPage(paths: Paths): string {
  const byTag = new Map<string, string[]>();
  for (const [path, operations] of Object.entries(paths)) {
    for (const [method, { summary = '', tags = [] }] of Object.entries(operations)) {
      const rows = byTag.get(tags[0] ?? '') ?? [];
      rows.push(`<li><b>${escapeHtml(method.toUpperCase())}</b><code>${escapeHtml(path)}</code><span>${escapeHtml(summary)}</span></li>`);
      byTag.set(tags[0] ?? '', rows);
    }
  }
  const sections = [...byTag].map(([tag, rows]) => `<h2>${escapeHtml(tag)}</h2>\n<ul>\n${rows.join('\n')}\n</ul>`);
  const introduction = INTRODUCTION.split('\n').map((line) => `<p>${escapeHtml(line).replace(/`([^`]*)`/g, '<code>$1</code>')}</p>`);
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Mailstead API</title><link rel="stylesheet" href="/api/docs/style.css"></head>
<body>
<h1>Mailstead API</h1>
${introduction.join('\n')}
<p><a href="/api/docs/openapi.json">OpenAPI 3.1 document</a></p>
${sections.join('\n')}
</body>
</html>
`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (mark) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[mark] ?? '');
}
