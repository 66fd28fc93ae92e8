import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { marked } from 'marked';

const CSS = readFileSync(
  fileURLToPath(import.meta.resolve('github-markdown-css/github-markdown.css')),
  'utf8',
);

/** The frame that GitHub draws around a comment. */
const FRAME = `
  body { margin: 0 }
  .comment { border: 1px solid var(--borderColor-default); border-radius: 6px; overflow: hidden }
  .comment .author { margin: 0 !important; padding: 8px 16px; color: var(--fgColor-muted); background: var(--bgColor-muted);
    border-bottom: 1px solid var(--borderColor-default) }
  .comment .author strong { color: var(--fgColor-default) }
  .comment article { padding: 16px }
  .markdown-body { font-size: 14px }`;

/** A web page that shows Markdown as GitHub shows a comment. It follows the browser's colour scheme. */
export function commentPage(markdown: string): string {
  return `<!doctype html><meta charset="utf-8"><style>${CSS}${FRAME}</style>
<div class="comment markdown-body">
<p class="author"><strong>github-actions</strong> bot commented</p>
<article class="markdown-body">${marked.parse(markdown, { async: false })}</article>
</div>`;
}
