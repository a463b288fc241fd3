import { visible } from '../core/visible.ts';

/** The parts of a longer message that are shown: its beginning says what is wrong, its end why. */
const HEAD = 400;
const TAIL = 200;

/**
 * A message as one line that a terminal can show: without cursor movements, changes of direction or an excessive length.
 */
export function oneLine(text: string): string {
  const flat = text.trim().replaceAll(/\s+/g, ' ');
  const cut = flat.length > HEAD + TAIL ? `${flat.slice(0, HEAD)} … ${flat.slice(-TAIL)}` : flat;
  return `${visible(cut)}\n`;
}
