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

/**
 * The text with each block between `<!-- NAME -->` and `<!-- end -->` written anew.
 *
 * @throws Error for a block that the text or `blocks` lacks.
 */
export function filled(text: string, blocks: Readonly<Record<string, string>>): string {
  const left = new Set(Object.keys(blocks));
  const result = text.replaceAll(/<!-- (\w+) -->\n[\s\S]*?<!-- end -->/g, (_, name: string) => {
    if (!left.delete(name)) throw new Error(`no block ${name}, or twice`);
    return `<!-- ${name} -->\n${blocks[name]}\n<!-- end -->`;
  });
  if (left.size > 0) throw new Error(`the page has no block ${[...left].join(', ')}`);
  return result;
}
