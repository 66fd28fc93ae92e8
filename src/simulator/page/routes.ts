import { randomBytes } from 'node:crypto';
import type { Context } from 'hono';
import type { Budgets } from '../server/budgets.js';
import { eventStream } from '../server/event-stream.js';
import type { RecordParts } from '../server/recording.js';
import { renderDocument } from './document.js';
import { Feed } from './feed.js';
import { viewedEnvironment, type PageView } from './view.js';

/** Everything that the page needs. */
export interface PageParts extends RecordParts {
  readonly budgets: Budgets;
  /** The certificate in PEM, if the simulator serves https. */
  readonly certificate: string | undefined;
}

export async function showPage(c: Context, parts: PageParts): Promise<Response> {
  const nonce = randomBytes(16).toString('base64');
  c.header(
    'Content-Security-Policy',
    `default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  );
  c.header('Cache-Control', 'no-store');
  return c.html(parts.credentials.text(String(await renderDocument(viewOf(c, parts)(), nonce))));
}

/** The certificate, for clients to trust. It is public: every connection shows it. */
export function showCertificate(c: Context, { certificate }: PageParts): Response | Promise<Response> {
  if (certificate === undefined) return c.notFound();
  c.header('Content-Type', 'application/x-pem-file');
  return c.body(certificate);
}

/** Streams the pieces of the page that change. */
export function feedPage(c: Context, parts: PageParts): Response {
  return eventStream(c, (send) => {
    const feed = new Feed(viewOf(c, parts), (pieces) => {
      const shown = pieces.map(([id, markup]) => [id, parts.credentials.text(markup)]);
      send({ event: 'pieces', data: JSON.stringify(shown) });
    });
    const ends = [
      parts.world.onChange((change) => feed.changed(change)),
      parts.recording.onAnswered(() => feed.answered()),
    ];
    // Includes what changed between the page and the start of this stream.
    feed.everything();
    return () => {
      feed.stop();
      for (const end of ends) end();
    };
  });
}

function viewOf(c: Context, parts: PageParts): () => PageView {
  const where = viewedEnvironment(parts.world, new URL(c.req.url).searchParams);
  return () => {
    const now = parts.now();
    return {
      ...where,
      world: parts.world,
      budgets: parts.budgets.state(now),
      now,
      isTls: parts.certificate !== undefined,
    };
  };
}
