import type { Gpa } from '../../src/core/bits.ts';

/** What no machine is asked: a driver that was told nonsense went on with it. It gives up. */
export class DriverMistake extends Error {
  override readonly name = 'DriverMistake';
}

export function checkPort(port: number): void {
  if (!(port >= 0 && port <= 0xffff)) throw new DriverMistake(`${port} is no port`);
}

/** A base address of 64 bits may be more than a number holds. */
export function checkAddress(address: Gpa): void {
  if (!Number.isSafeInteger(address) || address < 0) throw new DriverMistake(`${address} is no address`);
}
