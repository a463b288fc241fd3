import { expect, test } from 'vitest';
import { elfOf, outb } from '../hosts/boot/kernel-rig.ts';
import { inFolderOf } from './rig.ts';
import { run } from './run.ts';

/** A quarter of a second without a poll for input: mov ecx, 25000000; again: loop again. */
const BUSY = [0xb9, 0x40, 0x78, 0x7d, 0x01, 0xe2, 0xfe];
/** Waits until LSR says that a byte is there, and prints it. */
const ECHO = [
  ...[0x66, 0xba, 0xfd, 0x03, 0xec, 0xa8, 0x01, 0x74, 0xfb],
  ...[0x66, 0xba, 0xf8, 0x03, 0xec, 0xee, 0xeb, 0xef],
];
/** The same, with three milliseconds of other work (mov ecx, 300000; loop) after each byte. */
const SLOW = [...ECHO.slice(0, -2), 0xb9, 0xe0, 0x93, 0x04, 0x00, 0xe2, 0xfe, 0xeb, 0xe8];
const OPEN = [...outb(0x3fb, 3), ...outb(0x3f8, 0x3e)];
/** The same, with the receive interrupt on in IER; it clears its FIFO as it opens the port. */
const LATE = [...BUSY, ...outb(0x3fa, 7), ...outb(0x3f9, 1)];
const LINES = 'a line of some length, and\nanother one, much longer than any FIFO is\n';

inFolderOf({
  polls: elfOf([...BUSY, ...OPEN, ...ECHO]),
  interrupts: elfOf([...OPEN, ...LATE, ...ECHO]),
  dawdles: elfOf([...OPEN, ...outb(0x3fa, 0), ...outb(0x3f9, 1), ...SLOW]),
});

/** The console output of a guest that gets `LINES` at once, as from a pipe. */
async function piped(kernel: string): Promise<string> {
  const said = { out: '' };
  const listen = (type: (bytes: Uint8Array) => void) => {
    type(new TextEncoder().encode(LINES));
    return () => {};
  };
  await run(['boot', '--kernel', kernel, '--until', 'FIFO is\n', '--limit', '3s'], {
    out: (text) => (said.out += text),
    err: () => {},
    color: false,
    keyboard: { live: false, listen },
  });
  return said.out;
}

test.each(['polls', 'interrupts', 'dawdles'])(
  'no byte of a pipe is lost on a guest that %s, once it listens',
  async (kernel) => {
    const out = await piped(kernel);

    expect(out.slice(0, out.indexOf('\nRules'))).toBe(`>${LINES}`);
  },
);
