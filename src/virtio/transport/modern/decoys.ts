import { allOnes, hex, type Width } from '../../../core/bits.ts';
import type { ClauseId } from '../../../core/clause.ts';
import type { Random } from '../../../core/random.ts';
import type { VirtioDevice } from '../../device.ts';
import { VIRTIO_PCI_CAP } from './registers.ts';
import type { Structure } from './structure.ts';

const { COMMON, NOTIFY, ISR } = VIRTIO_PCI_CAP;
/** Types that the standard keeps for later (virtio 1.4, Virtio Structure PCI Capabilities). */
const RESERVED_TYPES = [0, 6, 7, 10, 0x7f, 0xff];
/** BARs above 5: the two that a table of eight has room for, and two whose low bits are those of a real one. */
const RESERVED_BARS = [6, 7, 0x0c, 0xfc];

/** What the first of two capabilities of one type has that a driver must not stumble over. */
type Oddity = 'none' | 'padded' | 'long';
const TWIN_CLAUSE: Record<Oddity, ClauseId> = {
  none: 'virtio/PCI-CAP-D2',
  padded: 'virtio/PCI-CAP-D3',
  long: 'virtio/PCI-CAP-D6',
};

/** Capabilities that a driver passes over, chosen by the seed. */
export interface Decoys {
  readonly reservedType: number;
  readonly reservedBar: { readonly bar: number; readonly type: number };
  /** Which structure has two capabilities, and what the first of them is like. */
  readonly twin: { readonly type: number; readonly oddity: Oddity };
}

export function pickDecoys(random: Random): Decoys {
  const one = <T>(list: readonly T[]): T => list[random.below(list.length)]!;
  const types = [COMMON, NOTIFY, ISR];
  return {
    reservedType: one(RESERVED_TYPES),
    reservedBar: { bar: one(RESERVED_BARS), type: one(types) },
    twin: { type: one(types), oddity: one(['none', 'padded', 'long'] as const) },
  };
}

/** The rule that a driver breaks when it takes the second of two capabilities of one type. */
export function twinClause({ twin }: Decoys): ClauseId {
  return TWIN_CLAUSE[twin.oddity];
}

/** All rules that these decoys put to the test. */
export function decoyClauses(decoys: Decoys): ClauseId[] {
  return ['virtio/PCI-CAP-D1', 'virtio/PCI-CAP-D4', twinClause(decoys)];
}

/** Where a decoy leads: to nothing, or to what `behind` is. Whoever comes here took the capability for a good one. */
export class DecoyStructure implements Structure {
  readonly name: string;
  readonly type: number;
  readonly length: number;
  private readonly device: VirtioDevice;
  private readonly clause: ClauseId;
  private readonly behind: Structure | null;

  /** @param what what the capability says, for the finding. */
  constructor(
    device: VirtioDevice,
    clause: ClauseId,
    what: { name: string; type: number; length: number },
    behind: Structure | null = null,
  ) {
    this.name = what.name;
    this.type = what.type;
    this.length = what.length;
    this.device = device;
    this.clause = clause;
    this.behind = behind;
  }

  read(offset: number, width: Width): number {
    this.report(offset);
    return this.behind?.read(offset, width) ?? allOnes(width);
  }

  write(offset: number, value: number, width: Width): void {
    this.report(offset);
    this.behind?.write(offset, value, width);
  }

  describe(offset: number, width: number, value: number | null, write: boolean): string {
    const shown = value === null ? '' : ` ${write ? '←' : '→'} ${hex(value, width * 2)}`;
    return `${this.name}+${hex(offset, 2)}${shown}`;
  }

  private report(offset: number): void {
    const said = `${this.name} was used, at ${hex(offset, 2)}`;
    this.device.board.journal.report(this.clause, this.device.subject, said);
  }
}
