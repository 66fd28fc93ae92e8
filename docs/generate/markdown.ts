/** The first line of every generated page. */
export function generated(source: string): string {
  return `<!-- Generated from ${source} by npm run docs. -->\n\n`;
}

/** A table of cells in Markdown; a line break in a cell becomes a blank. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return `${line(head)}${line(head.map(() => '---'))}${rows.map(line).join('')}\n`;
}

function line(cells: readonly string[]): string {
  return `| ${cells.map(cell).join(' | ')} |\n`;
}

/** Text as inline code. */
export function code(text: string): string {
  return text.includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
