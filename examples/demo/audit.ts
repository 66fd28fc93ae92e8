import type { AuditEntry } from './simulator.js';

/**
 * Lists audit log entries under their comments.
 * @param subjects the commits of the repository: subjects by the first 12 digits of their ids
 * @throws if a comment does not name its commit. An entry without a comment was made by hand.
 */
export function describeAudit(
  entries: readonly AuditEntry[],
  subjects: ReadonlyMap<string, string>,
  heading: (text: string) => string,
): string {
  const groups = [...new Set(entries.map((entry) => entry.comment))].map((comment) => {
    const sha = /\((?<sha>[0-9a-f]{12}) by /.exec(comment)?.groups?.['sha'] ?? '';
    const subject = subjects.get(sha);
    if (comment !== '' && (subject === undefined || !comment.startsWith(subject))) {
      throw new Error(`this comment in the audit log belongs to no commit: ${JSON.stringify(comment)}`);
    }
    const lines = entries
      .filter((entry) => entry.comment === comment)
      .map(({ resource, description }) => {
        const place = resource.replace(/^proj\/[^:]*:env\//, '').replace(':flag/', ' ');
        return `  ${place}: ${description}\n`;
      });
    return `\n${heading(comment === '' ? 'by hand, without a comment' : comment)}\n${lines.join('')}`;
  });
  return groups.join('');
}
