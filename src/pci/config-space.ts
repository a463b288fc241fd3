import type { Region } from '../core/access.ts';
import { hex, type Width } from '../core/bits.ts';
import { MisuseError } from '../core/misuse.ts';
import type { Register } from '../core/register.ts';
import { type AccessValue, valueText } from '../core/register-block.ts';
import { BAR_IO, BAR_MEMORY, BAR_UPPER, BAR0, COMMAND } from './registers.ts';

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
  describe(access: AccessValue & { readonly offset: number }): string {
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

const { IO_SPACE, MEMORY_SPACE } = COMMAND.mask;
const MEM64_TYPE = BAR_MEMORY.encode({ TYPE: 2 });

export type BarKind = 'io' | 'mem32' | 'mem64';

/** One base address register and the region behind it. The bus maps it; a function never maps itself. */
export class Bar {
  readonly index: number;
  readonly kind: BarKind;
  readonly region: Region;
  /** The address at which the bus has it mapped, or null. */
  mapped: number | null = null;
  private readonly config: ConfigSpace;

  /** `region.size` is the BAR's size: a power of two, at least 4 (I/O) or 16 (memory). */
  constructor(config: ConfigSpace, index: number, kind: BarKind, region: Region) {
    const least = kind === 'io' ? 4 : 16;
    if (region.size < least || (region.size & (region.size - 1)) !== 0)
      throw new MisuseError(`${region.name}.size`, region.size, `a power of two of ${least} or more`);
    this.config = config;
    this.index = index;
    this.kind = kind;
    this.region = region;
    const declared = kind === 'io' ? BAR_IO : BAR_MEMORY;
    const address = (-region.size & declared.mask.ADDRESS) >>> 0;
    const fixed = kind === 'io' ? 1 : kind === 'mem64' ? MEM64_TYPE : 0;
    config.define(declared, { reset: fixed, writable: address }, index * 4);
    if (kind === 'mem64') config.define(BAR_UPPER, {}, (index + 1) * 4);
  }

  get offset(): number {
    return BAR0 + this.index * 4;
  }

  /** Bytes of configuration space it takes. */
  get length(): number {
    return this.kind === 'mem64' ? 8 : 4;
  }

  /** Whether its register holds `address`, decoded or not. */
  holds(address: number): boolean {
    const base = this.address();
    return base > 0 && address >= base && address < base + this.region.size;
  }

  /**
   * The address at which it answers now, or null. At address 0 it does not, as in other emulators; an I/O base above 0xffff
   * is beyond a PC's ports.
   */
  wanted(): number | null {
    const command = this.config.get(COMMAND);
    const address = this.address();
    if (this.kind === 'io')
      return (command & IO_SPACE) !== 0 && address > 0 && address < 0x1_0000 ? address : null;
    return (command & MEMORY_SPACE) !== 0 && address > 0 && Number.isSafeInteger(address) ? address : null;
  }

  private address(): number {
    const low = this.config.read(this.offset, 4);
    if (this.kind === 'io') return (low & BAR_IO.mask.ADDRESS) >>> 0;
    const high = this.kind === 'mem64' ? this.config.read(this.offset + 4, 4) : 0;
    return high * 0x1_0000_0000 + ((low & BAR_MEMORY.mask.ADDRESS) >>> 0);
  }
}
