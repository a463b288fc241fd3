import type { GuestPort } from '../../src/index.ts';

/** Good code of other projects that uses a PC's parts. */
export interface UnusualCode {
  readonly name: string;
  run(port: GuestPort): void;
}

export const SECOND = 1_000_000_000;
export const [PIC, SLAVE, PIT, RTC] = [0x20, 0xa0, 0x40, 0x70];

export type Write = readonly [port: number, value: number];

export function outs(port: GuestPort, ...writes: readonly Write[]): void {
  for (const [at, value] of writes) port.out(at, value, 1);
}

/** The pair, as Linux sets it up; `auto` is automatic EOI. */
export function setUpPics(port: GuestPort, auto = 0): void {
  outs(port, [PIC + 1, 0xff], [SLAVE + 1, 0xff]);
  outs(port, [PIC, 0x11], [PIC + 1, 0x20], [PIC + 1, 0x04], [PIC + 1, 1 | auto]);
  outs(port, [SLAVE, 0x11], [SLAVE + 1, 0x28], [SLAVE + 1, 0x02], [SLAVE + 1, 1]);
  outs(port, [PIC + 1, 0xff], [SLAVE + 1, 0xff]);
}
