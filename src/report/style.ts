import { styleText } from 'node:util';
import { visible } from '../core/visible.ts';

/** Colours on a terminal; in a pipe no style changes the text. */
export interface Style {
  good(text: string): string;
  bad(text: string): string;
  dim(text: string): string;
  bold(text: string): string;
}

const plain = (text: string): string => text;

/** Text for a file, or a pipe. */
export const PLAIN: Style = { good: plain, bad: plain, dim: plain, bold: plain };

export function styleFor(color: boolean): Style {
  if (!color) return PLAIN;
  const by = (format: 'green' | 'red' | 'dim' | 'bold') => (text: string) =>
    styleText(format, text, { validateStream: false });
  return { good: by('green'), bad: by('red'), dim: by('dim'), bold: by('bold') };
}

/** Rows with their columns under each other. */
export function columns(given: readonly (readonly string[])[]): string[] {
  const rows = given.map((row) => row.map(visible));
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => (row[i] ?? '').length)));
  return rows.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i]!))
      .join('  ')
      .trimEnd(),
  );
}
