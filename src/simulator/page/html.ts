import type { HtmlEscapedString } from 'hono/utils/html';

/** Markup in which everything that was put in is escaped. */
export type Html = HtmlEscapedString | Promise<HtmlEscapedString>;
