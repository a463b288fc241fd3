import { GuestMemory } from '../../core/memory.ts';
import { Rig } from '../../core/rig.ts';
import { PackedQueue } from './packed-queue.ts';
import { watchRing } from './queue-rig.ts';

export const LOW = 0x20_0000;
export const RING = 0x2000;

/**
 * For tests: a packed queue and its ring, laid out by hand after virtio 1.4, Packed Virtqueues. It shares no
 * declaration with the device.
 */
export class PackedRig extends Rig {
  interrupts = 0;
  readonly inOrder = false;
  readonly notifyOnEmpty = false;
  readonly indirect: boolean;
  readonly eventIdx: boolean;
  readonly queue: PackedQueue;
  readonly view: DataView;

  constructor(indirect = true, size = 4, eventIdx = false) {
    super(GuestMemory.of(LOW));
    this.indirect = indirect;
    this.eventIdx = eventIdx;
    this.view = this.board.memory.ranges[0]!.view;
    this.queue = new PackedQueue(0, size, this);
    watchRing(this.queue, this, this.journal);
    this.queue.configure(RING, RING + 0x100, RING + 0x200);
  }

  queueInterrupt(): void {
    this.interrupts++;
  }

  describe(slot: number, address: number, length: number, flags: number, id = 0, table = RING): void {
    const at = table + slot * 16;
    this.view.setBigUint64(at, BigInt(address), true);
    this.view.setUint32(at + 8, length, true);
    this.view.setUint16(at + 12, id, true);
    this.view.setUint16(at + 14, flags, true);
  }
}
