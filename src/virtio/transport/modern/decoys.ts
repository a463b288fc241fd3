import { allOnes, hex, type Width } from '../../../core/bits.ts';
import type { Random } from '../../../core/random.ts';
import { type AccessValue, valueText } from '../../../core/register-block.ts';
import type { VirtioDevice } from '../../device.ts';
import type { Oddity } from '../../events.ts';
import { VIRTIO_PCI_CAP } from './registers.ts';
import type { Structure } from './small-structures.ts';

const { COMMON, NOTIFY, ISR } = VIRTIO_PCI_CAP;
/** Reserved types (virtio 1.4, Virtio Structure PCI Capabilities). */
const RESERVED_TYPES = [0, 6, 7, 10, 0x7f, 0xff];
/** Reserved BARs above 5: two that an array of eight would hold, and two whose low bits are those of a real one. */
const RESERVED_BARS = [6, 7, 0x0c, 0x14];

/** The trap in the first of two capabilities of one type. */
type Trap = 'none' | 'padded' | 'long';
const SECOND: Record<Trap, Oddity> = {
  none: 'second',
  padded: 'second to a padded',
  long: 'second to a long',
};

/** Capabilities that a driver must skip, chosen by the seed. */
export interface Decoys {
  readonly reservedType: number;
  readonly reservedBar: { readonly bar: number; readonly type: number };
  /** The structure with two capabilities, and the trap in the first of them. */
  readonly twin: { readonly type: number; readonly trap: Trap };
}

export function pickDecoys(random: Random): Decoys {
  const one = <T>(list: readonly T[]): T => list[random.below(list.length)]!;
  const types = [COMMON, NOTIFY, ISR];
  return {
    reservedType: one(RESERVED_TYPES),
    reservedBar: { bar: one(RESERVED_BARS), type: one(types) },
    twin: { type: one(types), trap: one(['none', 'padded', 'long'] as const) },
  };
}

/** What using the second capability means for a driver. */
export function twinOddity({ twin }: Decoys): Oddity {
  return SECOND[twin.trap];
}

/** All oddities of these decoys. */
export function oddities(decoys: Decoys): Oddity[] {
  return ['reserved type', 'reserved BAR', twinOddity(decoys)];
}

/** A decoy's target: nothing, or that of `behind`. A driver that accesses it took the capability for a valid one. */
export class DecoyStructure implements Structure {
  readonly name: string;
  readonly type: number;
  readonly length: number;
  private readonly device: VirtioDevice;
  private readonly oddity: Oddity;
  private readonly behind: Structure | null;

  /** @param what the fields of the capability. */
  constructor(
    device: VirtioDevice,
    oddity: Oddity,
    what: { name: string; type: number; length: number },
    behind: Structure | null = null,
  ) {
    this.name = what.name;
    this.type = what.type;
    this.length = what.length;
    this.device = device;
    this.oddity = oddity;
    this.behind = behind;
  }

  read(offset: number, width: Width): number {
    this.used(offset);
    return this.behind?.read(offset, width) ?? allOnes(width);
  }

  write(offset: number, value: number, width: Width): void {
    this.used(offset);
    this.behind?.write(offset, value, width);
  }

  describe(access: AccessValue & { offset: number }): string {
    return `${this.name}+${hex(access.offset, 2)}${valueText(access)}`;
  }

  private used(offset: number): void {
    this.device.events?.decoyUsed(this.oddity, this.name, offset);
  }
}
