import { visible } from '../core/visible.ts';

/** What of a longer message is shown: where it begins says what is wrong, where it ends why. */
const HEAD = 400;
const TAIL = 200;

/** A message as one line that a terminal can show: nothing in it moves a cursor, turns the writing or goes on for ever. */
export function oneLine(text: string): string {
  const flat = text.trim().replaceAll(/\s+/g, ' ');
  const cut = flat.length > HEAD + TAIL ? `${flat.slice(0, HEAD)} … ${flat.slice(-TAIL)}` : flat;
  return `${visible(cut)}\n`;
}
