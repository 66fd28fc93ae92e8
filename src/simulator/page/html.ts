import type { HtmlEscapedString } from 'hono/utils/html';

/** Markup in which all inserted values are escaped. */
export type Html = HtmlEscapedString | Promise<HtmlEscapedString>;
