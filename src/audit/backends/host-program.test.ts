import { describe, expect, test } from 'vitest';
import { MisuseError } from '../../core/misuse.ts';
import { throughProgram } from './host-program.ts';

/** The shell stands for the program: it is there. */
const program = (text: string) => ['sh', '-c', text] as const;

async function output(text: string, bytes: Uint8Array): Promise<string> {
  const pieces: Uint8Array[] = [];
  await throughProgram('w', program(text), '', bytes, (piece) => pieces.push(piece));
  return Buffer.concat(pieces).toString();
}

describe('a program of the host', () => {
  test('gets the bytes, and its output is taken', async () => {
    const bytes = Buffer.alloc(1 << 20, 'x');

    expect(await output('cat', bytes)).toBe(bytes.toString());
  });

  test('may stop reading', async () => {
    expect(await output('echo 7', Buffer.alloc(1 << 20))).toBe('7\n');
  });

  test('that fails is told in its own words', async () => {
    await expect(
      output('echo data is bad >&2; echo more >&2; exit 1', Buffer.alloc(1 << 20)),
    ).rejects.toThrow(/^data is bad$/);
  });

  test('that fails without a word is named', async () => {
    await expect(output('exit 3', Buffer.of(1))).rejects.toThrow('sh ended with 3');
  });

  test('that goes on for ever is ended when its output is not wanted', async () => {
    const endless = program('while echo more; do :; done');
    const refused = throughProgram('w', endless, '', Buffer.of(), () => {
      throw new MisuseError('w', '', '', 'is too large');
    });

    await expect(refused).rejects.toThrow('w: is too large');
  });

  test('that is not there is named in one sentence', async () => {
    const absent = throughProgram('w', ['no-such-program'], 'needs it: install it', Buffer.of(1), () => {});

    await expect(absent).rejects.toThrow(new MisuseError('w', 'no-such-program', '', 'needs it: install it'));
  });
});
