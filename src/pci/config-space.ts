import { hex, type Width } from '../core/bits.ts';
import type { Register } from '../core/register.ts';
import { type Told, valueText } from '../core/register-block.ts';

export const CONFIG_SIZE = 256;

/** A function's deviations from the declaration of a register. */
interface Override {
  readonly reset?: number;
  readonly writable?: number;
}

/**
 * The 256 bytes of a function's configuration space, with a write mask and a write-1-to-clear mask for each bit.
 * Undeclared bytes read 0 and ignore writes.
 */
export class ConfigSpace {
  /** One buffer for all four: each costs the engine the same, however short. */
  private readonly buffer = new ArrayBuffer(4 * CONFIG_SIZE);
  readonly bytes = new Uint8Array(this.buffer, 0, CONFIG_SIZE);
  private readonly initial = new Uint8Array(this.buffer, CONFIG_SIZE, CONFIG_SIZE);
  private readonly writable = new Uint8Array(this.buffer, 2 * CONFIG_SIZE, CONFIG_SIZE);
  private readonly w1c = new Uint8Array(this.buffer, 3 * CONFIG_SIZE, CONFIG_SIZE);
  private readonly registers: { readonly at: number; readonly register: Register }[] = [];

  /** Defines `register` at `base` + its offset, with its reset value and write rule, replacing an earlier definition. */
  define(register: Register, override: Override = {}, base = 0): void {
    const at = base + register.offset;
    const reset = override.reset ?? register.reset;
    const writable = override.writable ?? register.writable;
    for (let i = 0; i < register.width; i++) {
      this.initial[at + i] = reset >>> (i * 8);
      this.bytes[at + i] = reset >>> (i * 8);
      this.writable[at + i] = writable >>> (i * 8);
      this.w1c[at + i] = register.w1c >>> (i * 8);
    }
    const known = this.registers.findIndex((one) => one.at === at && one.register.width === register.width);
    if (known >= 0) this.registers[known] = { at, register };
    else this.registers.push({ at, register });
  }

  /** Sets a value for the function itself, ignoring the masks. */
  set(register: Register, value: number, base = 0): void {
    for (let i = 0; i < register.width; i++) this.bytes[base + register.offset + i] = value >>> (i * 8);
  }

  get(register: Register, base = 0): number {
    return this.read(base + register.offset, register.width);
  }

  /** Bytes past the end read ff. */
  read(offset: number, width: Width): number {
    let value = 0;
    for (let i = width - 1; i >= 0; i--) value = (value << 8) | (this.bytes[offset + i] ?? 0xff);
    return value >>> 0;
  }

  write(offset: number, value: number, width: Width): void {
    for (let i = 0; i < width && offset + i < CONFIG_SIZE; i++) {
      const at = offset + i;
      const byte = (value >>> (i * 8)) & 0xff;
      const mask = this.writable[at]!;
      this.bytes[at] = (this.bytes[at]! & ~mask & ~(byte & this.w1c[at]!)) | (byte & mask);
    }
  }

  reset(): void {
    this.bytes.set(this.initial);
  }

  /** `Command ← 0007  IO_SPACE MEMORY_SPACE BUS_MASTER`, for each register the access touches. */
  describe(access: Told & { readonly offset: number }): string {
    const { offset, width, value } = access;
    const shown = valueText(access);
    const touched = this.registers.filter(
      ({ at, register }) => at < offset + width && offset < at + register.width,
    );
    if (touched.length === 0) return `config ${hex(offset, 2)}${shown}`;
    const names = touched.map(({ register }) => register.name).join(', ');
    const fields = touched
      .filter(({ at, register }) => value !== null && at >= offset && at + register.width <= offset + width)
      .map(({ at, register }) =>
        register.format(((value! >>> ((at - offset) * 8)) & (2 ** (register.width * 8) - 1)) >>> 0),
      );
    return `${names}${shown}${fields.length > 0 ? `  ${fields.join('; ')}` : ''}`;
  }
}
