import type { Gpa } from '../../src/core/bits.ts';

/** An invalid request of a driver that continued with nonsense; it never reaches a machine. The driver gives up. */
export class DriverMistake extends Error {
  override readonly name = 'DriverMistake';
}

export function checkPort(port: number): void {
  if (!(port >= 0 && port <= 0xffff)) throw new DriverMistake(`${port} is no port`);
}

/** A 64-bit base address may exceed the exact range of a number. */
export function checkAddress(address: Gpa): void {
  if (!Number.isSafeInteger(address) || address < 0) throw new DriverMistake(`${address} is no address`);
}
