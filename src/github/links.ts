import type { Links } from '../report/page/text.js';
import type { Runner } from './runner.js';

/** URLs of GitHub's website for what a page mentions. */
export function linksTo(
  { serverUrl, repository, runUrl }: Pick<Runner, 'serverUrl' | 'repository' | 'runUrl'>,
  commit: string,
): Links {
  const base = `${serverUrl}/${repository}`;
  return {
    line: ({ file, line }, last = line) => {
      if (commit === '') return undefined;
      const path = file.split('/').map(segment).join('/');
      return `${base}/blob/${commit}/${path}?plain=1#L${line}${last === line ? '' : `-L${last}`}`;
    },
    commit: (id) => `${base}/commit/${id}`,
    run: runUrl,
  };
}

/** Parentheses would end a link in Markdown. */
function segment(text: string): string {
  return encodeURIComponent(text).replaceAll(/[()'*!]/g, (sign) => `%${sign.charCodeAt(0).toString(16)}`);
}
