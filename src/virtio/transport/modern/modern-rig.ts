import type { Width } from '../../../core/bits.ts';
import type { Board } from '../../../core/board.ts';
import { GuestMemory } from '../../../core/memory.ts';
import { struct } from '../../../core/struct.ts';
import { factsOf } from '../../../machine/watches.ts';
import { PciRig } from '../../../pci/rig.ts';
import { MIRROR_RULES } from '../../../rules/virtio/mirror-rig.ts';
import { judgeVirtio } from '../../../rules/virtio/watches.ts';
import { Echo } from '../../echo-rig.ts';
import { type Manners, PLAIN } from '../../manners.ts';
import { type Part, RingGuest } from '../../queue/queue-rig.ts';
import { VirtioFunction } from '../function.ts';

const SLOT = 4;
const PORT = 0xc040;
const BAR = 0xfebf_e000;
const TABLE = 0xfebf_f000;
/** Offsets of the structures in the BAR. */
const ISR = 0x100;
const CONFIG = 0x200;
const NOTIFY = 0x800;
const VERSION_1 = 32;

/**
 * For tests: a device behind the modern interface at 00:04.0, and a guest that talks to it by the numbers of virtio
 * 1.4, Common configuration structure layout; a transitional one has its ports at c040.
 *
 * @example
 * const rig = new ModernRig();
 * rig.start();
 * const head = rig.send(0, Uint8Array.of(1), 1);
 * rig.guests[0]!.take();                       // [[head, 1]]
 */
export class ModernRig extends PciRig {
  readonly device: Echo;
  readonly card: VirtioFunction;
  /** One for each queue that is set up. */
  readonly guests: RingGuest[] = [];

  /** @param features offered beside VERSION_1. @param vectors entries of the MSI-X table; 0 leaves it out. */
  constructor(features: readonly number[] = [], vectors = 0, manners: Partial<Manners> = {}) {
    super(GuestMemory.of(4 << 20));
    this.device = mirror(this.board, [VERSION_1, ...features], { ...PLAIN, shows: 'modern', ...manners });
    this.card = new VirtioFunction('mirror0', this.device, {
      class: 0x00ff00,
      msix: vectors === 0 ? null : { vectors },
    });
    const facts = { ...factsOf(this.card), featureRules: MIRROR_RULES };
    this.device.watchedBy(judgeVirtio(facts, this.journal));
    this.bus.add(this.card, SLOT);
    this.set(SLOT, 0x10, PORT, 4);
    this.set(SLOT, 0x14, TABLE, 4);
    this.set(SLOT, 0x20, BAR, 4);
    this.set(SLOT, 0x04, 0x0007, 2);
  }

  /** Reads the common configuration. */
  in(offset: number, width: Width): number {
    return this.mmio.read(BAR + offset, width);
  }

  out(offset: number, value: number, width: Width): void {
    this.mmio.write(BAR + offset, value, width);
  }

  /** Reads the legacy header of a transitional function. */
  portIn(offset: number, width: Width): number {
    return this.ports.read(PORT + offset, width);
  }

  portOut(offset: number, value: number, width: Width): void {
    this.ports.write(PORT + offset, value, width);
  }

  isr(): number {
    return this.in(ISR, 1);
  }

  readConfig(offset: number, width: Width): number {
    return this.in(CONFIG + offset, width);
  }

  writeConfig(offset: number, value: number, width: Width): void {
    this.out(CONFIG + offset, value, width);
  }

  /** Kicks queue `index` without notification features. */
  kick(index: number, value = index, width: Width = 2): void {
    this.out(NOTIFY + index * 4, value, width);
  }

  /** Resets, and initialises up to the features: they are written, FEATURES_OK is not. */
  negotiate(...features: readonly number[]): this {
    this.out(0x14, 0, 1);
    this.in(0x14, 1);
    this.out(0x14, 1, 1);
    this.out(0x14, 3, 1);
    this.accept(VERSION_1, ...features);
    return this;
  }

  /** Reads the offered features and writes the accepted ones, all four words. */
  accept(...features: readonly number[]): void {
    this.look();
    for (const word of [0, 1, 2, 3]) {
      this.out(0x00, word, 4);
      this.in(0x04, 4);
      this.out(0x08, word, 4);
      const bits = features.filter((bit) => bit >> 5 === word);
      this.out(
        0x0c,
        bits.reduce((sum, bit) => sum + 2 ** (bit & 31), 0),
        4,
      );
    }
  }

  /** Reads the type of the first capability. */
  look(): void {
    this.get(SLOT, this.get(SLOT, 0x34, 1) + 3, 1);
  }

  /** Initialises correctly, with both queues. */
  start(...features: readonly number[]): this {
    this.negotiate(...features);
    this.out(0x14, 0x0b, 1);
    this.in(0x14, 1);
    this.setUpQueue(0);
    this.setUpQueue(1);
    this.out(0x14, 0x0f, 1);
    return this;
  }

  /** Configures queue `index` and enables it. */
  setUpQueue(index: number): void {
    this.addresses(index);
    this.out(0x1c, 1, 2);
  }

  /** Selects queue `index` and writes its three addresses. */
  addresses(index: number): void {
    this.out(0x16, index, 2);
    const { bytes } = this.board.memory.ranges[0]!;
    const at = 0x10_0000 + index * 0x4000;
    bytes.fill(0, at, at + 0x4000);
    const guest = new RingGuest(bytes, at, this.in(0x18, 2), 0x20_0000 + index * 0x4_0000);
    this.guests[index] = guest;
    for (const [i, address] of [guest.at, guest.avail, guest.used].entries()) {
      this.out(0x20 + 8 * i, address, 4);
      this.out(0x24 + 8 * i, 0, 4);
    }
  }

  /** Offers a chain to queue `index` and kicks it; returns the head. */
  send(index: number, ...parts: readonly Part[]): number {
    const guest = this.guests[index]!;
    const head = guest.chain(...parts);
    guest.offer(head);
    this.kick(index);
    return head;
  }

  get clauses(): string[] {
    return [...new Set(this.journal.findings.map(({ clause }) => clause))];
  }
}

/** The six bytes of its configuration as fields: one of each access width. */
const MIRROR_CONFIG = struct('mirror_config', 'le', { wide: 'u32', flags: { bytes: 2 } });

const mirror = (board: Board, offered: readonly number[], manners: Manners) =>
  new Echo(board, 'mirror0', {
    offered: [0, 1, 24, 27, 28, 29, ...offered],
    configFields: MIRROR_CONFIG,
    manners,
    // As in MIRROR_RULES.
    dependencies: [{ bit: 1, needs: [0] }],
  });
