import { gceN1 } from '../../../src/index.ts';
import { LSR } from '../../../src/serial/registers.ts';
import type { Work } from './ring.ts';

const COM1 = 0x3f8;
const [FCR, LCR, MCR] = [2, 3, 4];
const { THRE } = LSR.mask;

/** Characters take no time, so that there is always room: FIFOs are on, without interrupts. */
export function uartByte(): Work {
  const machine = gceN1({ judge: false, patience: false, serial: { pace: 'instant' } });
  const { port } = machine;
  for (const [offset, value] of [
    [LCR, 0x80],
    [0, 1],
    [1, 0],
    [LCR, 3],
    [FCR, 1],
    [MCR, 0xb],
  ] as const)
    port.out(COM1 + offset, value, 1);
  const work = (times: number) => {
    for (let i = 0; i < times; i++) {
      while ((port.in(COM1 + LSR.offset, 1) & THRE) === 0);
      port.out(COM1, i & 0xff, 1);
    }
  };
  return { work, made: () => machine.serial[0]!.sentTotal };
}
