import { randomBytes } from 'node:crypto';
import type { Context } from 'hono';
import type { Budgets } from '../server/budgets.js';
import { eventStream } from '../server/event-stream.js';
import type { RecordParts } from '../server/recording.js';
import { renderDocument } from './document.js';
import type { EditParts } from './edit.js';
import { Feed } from './feed.js';
import { findContexts } from './find.js';
import type { Revision } from './revision.js';
import { viewedPlace, type PageView } from './view.js';

/** Everything that the page needs. */
export interface PageParts extends RecordParts, EditParts {
  readonly budgets: Budgets;
  readonly revision: Revision;
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
  const token = parts.tokens.issue(c.req.header('host') ?? '');
  const document = renderDocument(viewOf(c, parts)(), { nonce, token, revision: parts.revision.current });
  return c.html(parts.credentials.text(String(await document)));
}

/** The certificate, for clients to trust. It is public: every connection shows it. */
export function showCertificate(c: Context, { certificate }: PageParts): Response | Promise<Response> {
  if (certificate === undefined) return c.notFound();
  c.header('Content-Type', 'application/x-pem-file');
  return c.body(certificate);
}

/** The contexts that match a search, but that the page does not show. */
export async function findOnPage(c: Context, parts: PageParts): Promise<Response> {
  const words = (c.req.query('find') ?? '').toLowerCase().split(/\s+/).filter(Boolean);
  const found = await findContexts(viewOf(c, parts)(), words);
  c.header('Cache-Control', 'no-store');
  return c.json(
    found.map(([id, variation, kind, markup]) => [id, variation, kind, parts.credentials.text(markup)]),
  );
}

/** Streams the pieces of the page that change. */
export function feedPage(c: Context, parts: PageParts): Response {
  return eventStream(c, (send) => {
    // After a lost connection, browsers would wait for three seconds or more.
    send({ event: 'start', data: parts.revision.start, retry: 1000 });
    const feed = new Feed(viewOf(c, parts), (pieces) => {
      const shown = pieces.map(([id, markup]) => [id, parts.credentials.text(markup)]);
      send({ event: 'pieces', data: JSON.stringify(shown) });
    });
    const ends = [
      parts.world.onChange((change) => feed.changed(change)),
      parts.world.onReset(() => feed.everything()),
      parts.recording.onAnswered(() => feed.answered()),
    ];
    // What changed between the page and the start of this stream.
    if (c.req.query('revision') === parts.revision.current) feed.answered();
    else feed.everything();
    return () => {
      feed.stop();
      for (const end of ends) end();
    };
  });
}

function viewOf(c: Context, parts: PageParts): () => PageView {
  const place = viewedPlace(parts.world, new URL(c.req.url).searchParams);
  return () => {
    const now = parts.now();
    return {
      ...place,
      world: parts.world,
      budgets: parts.budgets.state(now),
      requests: parts.recording.requests,
      now,
      isTls: parts.certificate !== undefined,
    };
  };
}
