import type { GuestPort } from '../../src/core/guest-port.ts';

const STEP = /\[([0-9a-f]+)\](?:=([0-9a-f]+)|\?)|([0-9a-f]+)(?:=([0-9a-f]+)|\?(?:&([0-9a-f]+))?)|~([0-9]+)/g;
const MILLISECOND = 1_000_000;

/**
 * Plays accesses and returns what was read, all hexadecimal: `20=0b` writes a port, `20?` reads it,
 * `61?&20` one bit of it, `[fec00000]=10` and `[fec00010]?` do so with a doubleword of memory, `~1500` lets that many milliseconds pass.
 */
export function play(port: GuestPort, script: string): string {
  const answers: string[] = [];
  for (const [, address, word, io, byte, mask = 'ff', pause] of script.matchAll(STEP)) {
    if (pause !== undefined) port.wait(() => false, Number(pause) * MILLISECOND);
    else if (address !== undefined) memory(port, Number.parseInt(address, 16), word, answers);
    else if (byte !== undefined) port.out(Number.parseInt(io!, 16), Number.parseInt(byte, 16), 1);
    else answers.push(hex(port.in(Number.parseInt(io!, 16), 1) & Number.parseInt(mask, 16), 2));
  }
  return answers.join(' ');
}

function memory(port: GuestPort, address: number, word: string | undefined, answers: string[]): void {
  if (word === undefined) answers.push(hex(port.read(address, 4), 8));
  else port.write(address, Number.parseInt(word, 16), 4);
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}
