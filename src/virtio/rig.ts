import type { Width } from '../core/bits.ts';
import type { Board } from '../core/board.ts';
import { GuestMemory } from '../core/memory.ts';
import { type WatchOf, watchVirtio } from '../machine/watches.ts';
import { PciRig } from '../pci/rig.ts';
import { judgeVirtio } from '../rules/virtio/watches.ts';
import type { VirtioDevice } from './device.ts';
import { type Part, RingGuest } from './queue/queue-rig.ts';
import { VirtioFunction } from './transport/function.ts';

const SLOT = 4;
const PORT = 0xc040;
const TABLE = 0xfebf_f000;
const RAM = 4 << 20;

/** For a device type without rules of its own. */
const anyWatch: WatchOf<VirtioDevice> = (facts, _device, journal) => judgeVirtio(facts, journal);

/**
 * For tests: a device behind the legacy transport at 00:04.0, its ports at c040, and a guest that talks to it by
 * the numbers of virtio 1.4, Legacy Interfaces.
 *
 * @example
 * const rig = new LegacyRig((board) => new VirtioRng('rng0', board, 16));
 * rig.start();
 * const head = rig.send(0, 32);                // a chain with room for 32 bytes, and a kick
 * rig.guests[0]!.take();                       // [[head, 32]]
 */
export class LegacyRig<D extends VirtioDevice> extends PciRig {
  readonly device: D;
  readonly card: VirtioFunction;
  /** One for each queue that is set up. */
  readonly guests: RingGuest[] = [];

  /** @param vectors entries of the MSI-X table; 0 leaves the capability out. */
  constructor(make: (board: Board) => D, vectors = 0, watch: WatchOf<D> = anyWatch) {
    super(GuestMemory.of(RAM));
    this.device = make(this.board);
    this.card = new VirtioFunction(this.device.name, this.device, {
      class: 0x00ff00,
      msix: vectors === 0 ? null : { vectors },
    });
    this.bus.add(this.card, SLOT);
    watchVirtio(this.card, this.device, watch, { journal: this.journal, stores: null });
    this.set(SLOT, 0x10, PORT, 4);
    this.set(SLOT, 0x14, TABLE, 4);
    this.command(0x0007);
  }

  in(offset: number, width: Width): number {
    return this.ports.read(PORT + offset, width);
  }

  out(offset: number, value: number, width: Width): void {
    this.ports.write(PORT + offset, value, width);
  }

  /** Writes the Command register: 7 is I/O, memory and bus mastering. */
  command(value: number): void {
    this.set(SLOT, 0x04, value, 2);
  }

  /** Turns MSI-X on, with an entry of its own for each vector: vector n has data n. */
  enableMsix(vectors: number): void {
    for (let n = 0; n < vectors; n++)
      for (const [i, value] of [0xfee0_0000, 0, n, 0].entries())
        this.mmio.write(TABLE + n * 16 + i * 4, value, 4);
    this.set(SLOT, 0x42, 0x8000, 2);
  }

  maskVector(n: number, masked: boolean): void {
    this.mmio.write(TABLE + n * 16 + 12, masked ? 1 : 0, 4);
  }

  disableMsix(): void {
    this.set(SLOT, 0x42, 0, 2);
  }

  /** Initialises correctly, with the given features and every existing queue. */
  start(...features: readonly number[]): this {
    this.out(0x12, 0, 1);
    this.in(0x12, 1);
    this.out(0x12, 1, 1);
    this.out(0x12, 3, 1);
    this.in(0x00, 4);
    this.out(
      0x04,
      features.reduce((word, bit) => word + 2 ** bit, 0),
      4,
    );
    for (let index = 0; index < this.device.queues.length; index++) this.setUpQueue(index);
    this.out(0x12, 7, 1);
    return this;
  }

  /** Configures queue `index`, if the device has it. */
  setUpQueue(index: number): void {
    this.out(0x0e, index, 2);
    const size = this.in(0x0c, 2);
    if (size === 0) return;
    const { bytes } = this.board.memory.ranges[0]!;
    const guest = new RingGuest(bytes, 0x10_0000 + index * 0x4000, size, 0x20_0000 + index * 0x4_0000);
    bytes.fill(0, guest.at, guest.at + 0x4000);
    this.guests[index] = guest;
    this.out(0x08, guest.at / 4096, 4);
  }

  kick(index: number): void {
    this.out(0x10, index, 2);
  }

  /** Offers a chain to queue `index` and kicks it; returns the head. */
  send(index: number, ...parts: readonly Part[]): number {
    const guest = this.guests[index]!;
    const head = guest.chain(...parts);
    guest.offer(head);
    this.kick(index);
    return head;
  }

  /** The level of INTx. */
  get intx(): boolean {
    return this.high === 'd';
  }
}
