import type { Region } from '../core/access.ts';
import { MisuseError } from '../core/misuse.ts';
import type { ConfigSpace } from './config-space.ts';
import { BAR_IO, BAR_MEMORY, BAR_UPPER, BAR0, COMMAND } from './registers.ts';

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
      throw new MisuseError(`${region.name}.size`, region.size, `a power of two from ${least}`);
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
