import type { GuestPort } from '../../src/index.ts';
import type { ClauseId } from '../../src/rules/index.ts';

/** Good code of other projects that uses a PC's parts. */
export interface UnusualCode {
  readonly name: string;
  run(port: GuestPort): void;
}

/** Code with one mistake, and the clause that it breaks. */
export interface BrokenCode extends UnusualCode {
  readonly clause: ClauseId;
}

export const SECOND = 1_000_000_000;
export const [PIC, SLAVE, PIT, RTC] = [0x20, 0xa0, 0x40, 0x70];

export type Write = readonly [port: number, value: number];

export function outs(port: GuestPort, ...writes: readonly Write[]): void {
  for (const [at, value] of writes) port.out(at, value, 1);
}

/** What comes after ICW1 of each of the pair, as Linux has it. */
const [MASTERS, SLAVES] = [
  [0x20, 0x04, 0x01],
  [0x28, 0x02, 0x01],
] as const;
type Words = readonly [icw2: number, icw3: number, icw4: number];

/** Sets the pair up, with all lines masked. */
export function setUpPics(port: GuestPort, master: Words = MASTERS, slave: Words = SLAVES): void {
  outs(port, [PIC + 1, 0xff], [SLAVE + 1, 0xff]);
  outs(port, [PIC, 0x11], ...master.map((word): Write => [PIC + 1, word]));
  outs(port, [SLAVE, 0x11], ...slave.map((word): Write => [SLAVE + 1, word]));
  outs(port, [PIC + 1, 0xff], [SLAVE + 1, 0xff]);
}
