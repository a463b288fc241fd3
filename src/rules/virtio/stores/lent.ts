import type { Mark } from '../../../core/access.ts';
import type { Gpa } from '../../../core/bits.ts';
import type { Copy } from './copy.ts';

/** Buffers of a chain that are followed. */
const BUFFERS_MAX = 256;

/** A chain that the driver made available, as it was in RAM then. One for each head or id, reused. */
export class Lent {
  readonly owner: LentOwner;
  /** Its id in the used ring. */
  id = 0;
  /** Its number among all chains that were made available. */
  position = 0;
  /** The store that made it available. */
  mark: Mark = 0;
  /** The device has it, or may take it. */
  active = false;
  /** A finding was reported on it already. */
  told = false;
  /** It changed before the device took it, or was not followed: it is followed when the device takes it. */
  loose = false;
  /** Its number among all chains that came back; -1 while it has not. */
  cameAs = -1;
  /** It came back, with bytes that the device did not write. */
  left = false;
  /** Its descriptors in the ring, in the order of the chain; only the first `slotCount` are valid. */
  readonly slots: number[] = [];
  slotCount = 0;
  table: Gpa = 0;
  tableBytes = 0;
  /** Its buffers, as many as `count`. */
  readonly addresses: Gpa[] = [];
  readonly lengths: number[] = [];
  count = 0;
  /** How many of the buffers the device reads: they come first. */
  readable = 0;
  writableBytes = 0;
  /** Its first range in the index; -1 is none. */
  range = -1;
  /** Bytes that the device wrote, once it came back. */
  written = 0;
  /** Its content when the device took it, where a guest's stores are not seen; null is not kept. */
  copy: Copy | null = null;
  /** The descriptor by which it runs into another chain that the device has, and that chain's head; or that it has twice, and its own. -1 is none. */
  meetsAt = -1;
  meets = -1;
  /** It is in the list of chains that are compared. */
  listed = false;

  constructor(owner: LentOwner) {
    this.owner = owner;
  }

  begin(id: number, position: number, mark: Mark): void {
    this.id = id;
    this.position = position;
    this.mark = mark;
    this.active = true;
    this.told = this.loose = this.left = false;
    this.cameAs = -1;
    this.copy = null;
    this.empty();
  }

  /** Forgets its buffers, descriptors and table. */
  empty(): void {
    this.slotCount = this.count = 0;
    this.meetsAt = this.meets = -1;
    this.table = this.tableBytes = this.readable = this.writableBytes = 0;
  }

  /** It has as many buffers as are followed. */
  get isFull(): boolean {
    return this.count === BUFFERS_MAX;
  }

  add(address: Gpa, length: number, writable: boolean): void {
    this.addresses[this.count] = address;
    this.lengths[this.count++] = length;
    if (writable) this.writableBytes += length;
    else if (this.writableBytes === 0) this.readable++;
  }
}

/** The ring of a chain, notified when the driver touches what belongs to the chain. */
export interface LentOwner {
  /** `net0, transmit queue 1` */
  readonly subject: string;
  /** Finds out which chains came back since the last time. */
  sync(): void;
  /** Tells, if so, that the driver took another chain for this one, which the device has. */
  tellMistaken(lent: Lent): boolean;
  /** The driver changed the chain's indirect table. */
  tableChanged(lent: Lent, address: Gpa): void;
  /** The driver changed a buffer that the device is to read, or to write. */
  bufferChanged(lent: Lent, address: Gpa, isRead: boolean): void;
  /** The driver gave back memory of the chain. */
  freed(lent: Lent, address: Gpa): void;
  /** The driver looked into a buffer that the device is to write. */
  peeked(lent: Lent, address: Gpa): void;
  /** The driver read bytes that the device did not write. */
  leftRead(lent: Lent, address: Gpa): void;
  /** What the device left unwritten of the chain's buffers no longer matters. */
  forgetLeft(lent: Lent): void;
}
