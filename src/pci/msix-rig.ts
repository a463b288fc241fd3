import type { Width } from '../core/bits.ts';
import { Msix, type MsixLayout } from './msix.ts';
import { PciFunction } from './pci-function.ts';
import { PciRig } from './rig.ts';

const TABLE = 0xfebf_f000;

class Card extends PciFunction {
  readonly msix: Msix;

  constructor(rig: PciRig, layout: Omit<MsixLayout, 'bar'>) {
    super('net0', rig.board, { vendor: 0x1af4, device: 0x1000, class: 0x020000, revision: 0 });
    this.msix = new Msix(this, { ...layout, bar: 1 });
  }

  protected override configWritten(): void {
    this.msix.configWritten();
  }
}

/** For tests: a card at 00:04.0 with three vectors, as a NIC with one pair of queues; memory and bus mastering are on. */
export function msixCard(layout: Omit<MsixLayout, 'bar'> = { vectors: 3 }) {
  const rig = new PciRig();
  const card = new Card(rig, layout);
  rig.bus.add(card, 4);
  rig.set(4, 0x14, TABLE, 4);
  rig.set(4, 0x04, 0x0006, 2);
  return {
    rig,
    card,
    /** Writes Message Control. */
    control: (value: number) => rig.set(4, 0x42, value, 2),
    /** Programs an entry with its own address and data, and unmasks it by default. */
    program: (vector: number, mask = 0) => {
      const entry = [0xfee0_1000 + vector * 4, 0, 0x40 + vector, mask];
      for (const [i, value] of entry.entries()) rig.mmio.write(TABLE + vector * 16 + i * 4, value, 4);
    },
    mask: (vector: number, value: number) => rig.mmio.write(TABLE + vector * 16 + 12, value, 4),
    read: (offset: number, width: Width = 4) => rig.mmio.read(TABLE + offset, width),
    write: (offset: number, value: number, width: Width = 4) => rig.mmio.write(TABLE + offset, value, width),
    /** Pending bits 0 to 31; they follow three entries. */
    pending: () => rig.mmio.read(TABLE + 48, 4),
    /** Data of the messages sent so far. */
    sent: () => rig.sent.map(({ data }) => data),
  };
}
