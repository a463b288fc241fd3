/** A table, compact: its source is for the page, not for the eye. The first row is the head. */
export function table(rows: readonly (readonly string[])[]): string {
  const [head, ...body] = rows.map(line);
  return [head, line(rows[0]!.map(() => '---')), ...body].join('\n');
}

function line(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll(/\s+/g, ' ')).join(' | ')} |`;
}

/** Paragraphs, tables and headings with an empty line between them. */
export function page(blocks: readonly string[]): string {
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}

export function code(text: string): string {
  return `\`${text}\``;
}
