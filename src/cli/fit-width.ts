import { stripVTControlCharacters } from 'node:util';

/** A narrower terminal cannot show a report. */
const NARROWEST = 20;
/** Colours, gaps and words. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: ESC begins a colour
const PARTS = /\x1b\[[\d;]*m|\x1b(?!\[)| +|[^ \x1b]+/g;

/**
 * Text in lines of at most `width` columns of a terminal: the rest of a line continues below, under the last column of
 * its table that begins in the left half. Without a width the text is unchanged: the reader of a pipe splits it.
 */
export function fitWidth(text: string, width: number | undefined): string {
  if (width === undefined) return text;
  const most = Math.max(width, NARROWEST);
  return text
    .split('\n')
    .map((line) => fitLine(line, most))
    .join('\n');
}

function fitLine(line: string, width: number): string {
  const plain = stripVTControlCharacters(line);
  if (plain.length <= width) return line;
  const indent = hang(plain, width);
  const margin = `\n${' '.repeat(indent)}`;
  let fitted = '';
  let column = 0;
  let gap = '';
  for (let part of line.match(PARTS) ?? []) {
    if (part.startsWith('\x1b')) fitted += part;
    else if (part.startsWith(' ')) gap = part;
    else {
      if (column > indent && column + gap.length + part.length > width) {
        fitted += margin;
        column = indent;
        gap = '';
      }
      fitted += gap;
      column += gap.length;
      gap = '';
      // A word longer than a line, such as a path.
      for (; column + part.length > width; column = indent) {
        fitted += part.slice(0, width - column) + margin;
        part = part.slice(width - column);
      }
      fitted += part;
      column += part.length;
    }
  }
  return fitted;
}

/** Where the last column in the left half begins; else a little behind the start of the line. */
function hang(plain: string, width: number): number {
  const begins = [...plain.matchAll(/\S {2,}(?=\S)/g)].map(({ index, 0: gap }) => index + gap.length);
  const column = begins.filter((at) => at <= width / 2).at(-1);
  return column ?? Math.min(plain.length - plain.trimStart().length + 2, width / 2);
}

/** The columns of a stream to a terminal. One without a size, as in `script`, says 0. */
export function columnsOf({ columns }: { readonly columns?: number }): number | undefined {
  return columns === 0 ? undefined : columns;
}
