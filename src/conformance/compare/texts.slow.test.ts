import { describe, expect, test } from 'vitest';
import { gceN1 } from '../../machine/gce-n1.ts';
import { compareText, optionsOfText } from './texts.ts';

const LENGTH = 1 << 18;
/** A text of such. */
const lines = (line: string) => `${line}\n`.repeat(LENGTH / line.length);

describe('a text of a real machine', () => {
  test.each([
    `sd0: 1MB, ${'1'.repeat(LENGTH)}`,
    `00:03.0 ${'[1af4]: ['.repeat(LENGTH / 8)}`,
    '[1ae0:0042]'.repeat(LENGTH / 8),
    '[1ae0:0042]\n'.repeat(LENGTH / 8),
    `[1ae0:0042]${'reg 0x14: [mem 0x'.repeat(LENGTH / 8)}`,
    `pci 0000:00:04.0: BAR 1 [mem 0x${'c000'.repeat(LENGTH / 4)}`,
    ...['>', ' ', 'a:', '[', '[ ', '<1>', 'a: kern', '1,', '"', '{', '{"MESSAGE":"', '{"a":'].map((part) =>
      lines(part.repeat(1900 / part.length)),
    ),
    `{"contents":"${'x\\n'.repeat(LENGTH / 8)}"}`,
    `{"a":`.repeat(4 * LENGTH),
    '{\n'.repeat(LENGTH / 8),
  ])('whose parts repeat is read in time (%#)', (text) => {
    expect(optionsOfText(text).vcpus).toBe(1);
    expect(compareText(text, gceN1()).filter(({ outcome }) => outcome === 'new')).toEqual([]);
  });
});
