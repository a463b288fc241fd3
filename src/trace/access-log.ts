import { type Access, describe, type Tap } from '../core/access.ts';
import { hex, type Nanos } from '../core/bits.ts';

const DIRECTION = { port: ['in', 'out'], memory: ['read', 'write'] } as const;
const ADDRESS_DIGITS = { port: 4, memory: 8 } as const;

/**
 * Writes every access of a guest as a line: virtual time in microseconds, direction, address, width in bytes,
 * value, and register and fields by name.
 *
 * @example
 * machine.observe(new AccessLog((line) => console.log(line), () => machine.now));
 * //       48.000 out       0cf8 4 80001800  CONFADD ← 80001800  00:03.0 register 00
 * //       49.000 in        0cfc 2     1af4  00:03.0 Vendor ID → 1af4
 *
 * A line names what the address meant before the access: a write to LCR may turn RBR into DLL.
 */
export class AccessLog implements Tap {
  private readonly sink: (line: string) => void;
  private readonly now: () => Nanos;

  constructor(sink: (line: string) => void, now: () => Nanos) {
    this.sink = sink;
    this.now = now;
  }

  /** A write is described before it changes the described state. */
  begin(access: Access): void {
    if (access.write) this.log(access);
  }

  /** A read has its value only now; `access.context` is still the earlier one. */
  end(access: Access): void {
    if (!access.write) this.log(access);
  }

  private log(access: Access): void {
    const { space, write, address, width, value } = access;
    const direction = DIRECTION[space][write ? 1 : 0];
    const at = hex(address, ADDRESS_DIGITS[space]).padStart(8);
    const digits = hex(value, 2 * width).padStart(8);
    const time = (this.now() / 1000).toFixed(3).padStart(12);
    this.sink(`${time} ${direction.padEnd(5)} ${at} ${width} ${digits}  ${describe(access)}`);
  }
}
