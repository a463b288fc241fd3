import type { OpCode } from './op.ts';

const KEPT = 2048;

/** The most recent operations, from which a splice takes its pieces. */
export class Recent {
  count = 0;
  private readonly codes = new Uint8Array(KEPT);
  private readonly addresses = new Float64Array(KEPT);
  private readonly values = new Float64Array(KEPT);
  private readonly widths = new Uint8Array(KEPT);

  add(code: OpCode, address: number, value: number, width: number): void {
    const at = this.count++ & (KEPT - 1);
    this.codes[at] = code;
    this.addresses[at] = address;
    this.values[at] = value;
    this.widths[at] = width;
  }

  /** Calls `each` with `length` operations, oldest first, the first of them `age` operations ago. */
  replay(
    age: number,
    length: number,
    each: (code: OpCode, address: number, value: number, width: number) => void,
  ): void {
    const most = Math.min(this.count, KEPT);
    const pieces = Array.from({ length: Math.min(length, age, most) }, (_, i) => {
      const at = (this.count - Math.min(age, most) + i) & (KEPT - 1);
      return [this.codes[at]!, this.addresses[at]!, this.values[at]!, this.widths[at]!] as const;
    });
    for (const [code, address, value, width] of pieces) each(code, address, value, width);
  }
}
