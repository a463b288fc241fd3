import { AccessTrail } from '../../../core/access.ts';
import { BitSet } from '../../../core/bit-set.ts';
import type { Nanos } from '../../../core/bits.ts';
import { Journal } from '../../../core/journal.ts';
import { GuestMemory } from '../../../core/memory.ts';
import type { Endian } from '../../../core/struct.ts';
import { RamAccess } from '../../../machine/ram-access.ts';
import { DeviceStores } from './device-stores.ts';
import { StoreWatch } from './store-watch.ts';

const DRIVER_OK = 0x04;
const DESC = 0x1_0000;
const DRIVER = 0x1_1000;
const DEVICE = 0x1_2000;
/** Where the rings lie once they were moved. */
const MOVED = 0x10_0000;

interface RigOptions {
  readonly clock?: { now: Nanos };
  readonly packed?: boolean;
  readonly size?: number;
  readonly endian?: Endian;
  readonly inOrder?: boolean;
  readonly legacy?: boolean;
}

/**
 * For tests: a ring in 4 MiB of RAM, a driver that stores to it field by field, and no real device: the test calls
 * what it takes and writes.
 *
 * @example
 * const rig = new StoresRig(journal);
 * rig.desc(0, 0x5000, 64, 0);       // the driver: descriptor 0
 * rig.entry(0, 0);                  // avail.ring[0] = 0
 * rig.idx(1);
 * rig.take(0);                      // the device
 * rig.use(0, 0, 0);                 // used.ring[0], and used.idx
 */
export class StoresRig {
  readonly journal: Journal;
  readonly ram: RamAccess;
  /** The same RAM, as the device accesses it: no watch sees these accesses. */
  readonly device: RamAccess;
  readonly rings: DeviceStores;
  readonly stores: StoreWatch;
  private readonly options: RigOptions;
  private base = 0;

  constructor(journal: Journal, options: RigOptions = {}) {
    const { endian = 'le', inOrder = false, legacy = false } = options;
    const memory = GuestMemory.of(4 << 20);
    this.options = options;
    this.journal = journal;
    this.ram = new RamAccess(memory, endian);
    this.device = new RamAccess(memory, endian);
    this.stores = new StoreWatch(memory, endian, journal);
    this.ram.tap = this.stores;
    this.rings = new DeviceStores({ name: 'net0', queueName: () => 'net0, transmit queue 1' }, this.stores);
    const accepted = new BitSet();
    if (inOrder) accepted.add(35);
    this.rings.negotiated(accepted, legacy);
    this.place();
    this.rings.statusChanged(DRIVER_OK);
  }

  /** Hands the ring over. */
  place(): void {
    const { packed = false, size = 4, endian = 'le' } = this.options;
    const { base } = this;
    this.rings.placed(0, {
      packed,
      endian,
      size,
      desc: base + DESC,
      driver: base + DRIVER,
      device: base + DEVICE,
    });
  }

  /** Hands it over at another place. */
  move(): void {
    this.base = MOVED;
    this.place();
  }

  /** Stores a descriptor of a split ring, or an entry of the table at `table`. */
  desc(i: number, address: number, length: number, flags: number, next = 0, table = this.base + DESC): void {
    const at = table + 16 * i;
    const big = this.options.endian === 'be';
    this.ram.store(at + (big ? 4 : 0), address, 4);
    this.ram.store(at + (big ? 0 : 4), 0, 4);
    this.ram.store(at + 8, length, 4);
    this.ram.store(at + 12, flags, 2);
    this.ram.store(at + 14, next, 2);
  }

  entry(slot: number, head: number): void {
    this.ram.store(this.base + DRIVER + 4 + 2 * slot, head, 2);
  }

  idx(value: number): void {
    this.ram.store(this.base + DRIVER + 2, value, 2);
  }

  /** Makes a chain of one buffer available at `position`, and moves avail.idx. */
  post(position: number, head: number, address: number, length: number, flags = 0): void {
    const { size = 4 } = this.options;
    this.desc(head, address, length, flags);
    this.entry(position % size, head);
    this.idx(position + 1);
  }

  /** Stores a descriptor of a packed ring. */
  slot(i: number, address: number, length: number, id: number, flags: number | null): void {
    const at = this.base + DESC + 16 * i;
    this.ram.store(at, address, 4);
    this.ram.store(at + 8, length, 4);
    this.ram.store(at + 12, id, 2);
    if (flags !== null) this.flags(i, flags);
  }

  flags(i: number, value: number): void {
    this.ram.store(this.base + DESC + 16 * i + 14, value, 2);
  }

  /** The device takes the next chain. */
  take(id: number): void {
    this.rings.taken(0, { id });
  }

  kick(): void {
    this.rings.kicked(0);
  }

  /** The driver gives memory back, all that it got at `at`. */
  free(at: number, bytes: number): void {
    this.stores.released(at, bytes);
  }

  /** The device is reset. */
  reset(): void {
    this.rings.reset();
  }

  /** The device uses a chain of a split ring, and moves used.idx. */
  use(position: number, id: number, written: number): void {
    const { size = 4 } = this.options;
    const at = this.base + DEVICE + 4 + 8 * (position % size);
    this.device.store(at, id, 4);
    this.device.store(at + 4, written, 4);
    this.device.store(this.base + DEVICE + 2, position + 1, 2);
    this.rings.published(0);
  }

  /** The driver clears or sets NO_INTERRUPT. */
  wantInterrupts(wants: boolean): void {
    this.ram.store(this.base + DRIVER, wants ? 0 : 1, 2);
  }

  /** Time passes. */
  pass(time: Nanos): void {
    this.options.clock!.now += time;
  }

  /** The driver reads used.idx. */
  look(): number {
    return this.ram.load(this.base + DEVICE + 2, 2);
  }

  /** The driver reads an entry of the used ring. */
  lookUp(slot: number): void {
    this.ram.load(this.base + DEVICE + 4 + 8 * slot, 4);
    this.ram.load(this.base + DEVICE + 8 + 8 * slot, 4);
  }

  /** The device uses a buffer of a packed ring. */
  usePacked(slot: number, id: number, written: number, wrap = true): void {
    const at = this.base + DESC + 16 * slot;
    this.device.store(at + 8, written, 4);
    this.device.store(at + 12, id, 2);
    this.device.store(at + 14, wrap ? 0x8080 : 0, 2);
    this.rings.published(0);
  }

  /** The driver reads the flags of a packed descriptor. */
  lookAt(slot: number): void {
    this.ram.load(this.base + DESC + 16 * slot + 14, 2);
  }

  /** The findings' texts so far, each after its clause. */
  get said(): readonly string[] {
    return this.journal.findings.map(({ clause, said }) => `${clause}: ${said}`);
  }

  /** The clauses broken so far. */
  get broken(): readonly string[] {
    return this.journal.findings.map(({ clause }) => clause);
  }
}

export function storesRig(options: RigOptions = {}): StoresRig {
  return new StoresRig(new Journal({ now: 0 }, new AccessTrail({ now: 0 })), options);
}

/** Where the parts of the rig's ring lie. */
export const AT = { desc: DESC, driver: DRIVER, device: DEVICE } as const;
