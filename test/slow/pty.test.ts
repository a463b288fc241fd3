import { spawnSync } from 'node:child_process';
import { type FileHandle, open } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { UartDriver } from '../../src/guest/index.ts';
import { gceN1, openPty } from '../../src/index.ts';

const MILLISECOND = 1_000_000;
const present = spawnSync('socat', ['-V']).status === 0;

/** Reads the other end's input, while the process does its other work in between. */
async function receive(uart: UartDriver, length: number): Promise<string> {
  const bytes: number[] = [];
  while (bytes.length < length) {
    await new Promise((resume) => setImmediate(resume));
    bytes.push(...uart.read(MILLISECOND));
  }
  return String.fromCharCode(...bytes);
}

/** A terminal returns what it has: the rest may come later. */
async function readText(terminal: FileHandle, length: number): Promise<string> {
  let text = '';
  while (text.length < length) {
    const { bytesRead, buffer } = await terminal.read(Buffer.alloc(length - text.length));
    text += buffer.toString('latin1', 0, bytesRead);
  }
  return text;
}

test.skipIf(!present)(
  'a program on a pseudo-terminal talks with the guest, and another after it',
  async () => {
    const machine = gceN1();
    const uart = new UartDriver(machine.port, 0x3f8);
    uart.open();
    // By interrupts: while this host is busy, a driver that polls would be told of its busy-waiting.
    uart.listen(4);
    const pty = await openPty(machine.serial[0]!);

    const first = await open(pty.path, 'r+');
    uart.write(new TextEncoder().encode('login: '));
    const printed = await readText(first, 7);
    await first.write('root\n');
    const answer = await receive(uart, 5);
    await first.close();
    const second = await open(pty.path, 'r+');
    await second.write('more\n');
    const more = await receive(uart, 5);
    await second.close();
    await pty.close();

    expect([printed, answer, more]).toEqual(['login: ', 'root\n', 'more\n']);
    expect(machine.findings).toEqual([]);
  },
);
