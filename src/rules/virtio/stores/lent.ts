import type { Mark } from '../../../core/access.ts';
import type { Gpa } from '../../../core/bits.ts';
import type { Copy } from './copy.ts';

/** Buffers of a chain that are looked after. */
const BUFFERS_MAX = 256;

/** A chain that the driver made available, as it stood in RAM then. One for each head or id, used again. */
export class Lent {
  readonly owner: LentOwner;
  /** What the used ring will call it. */
  id = 0;
  /** Its number among all chains that were made available. */
  position = 0;
  /** The store that made it available. */
  mark: Mark = 0;
  /** The device has it, or may take it. */
  active = false;
  /** Something was said about it already. */
  told = false;
  /** It changed before the device took it: what it consists of is looked up again then. */
  loose = false;
  /** It came back, with bytes that the device did not write. */
  left = false;
  /** Descriptors in the ring, in the order of the chain, as many as `slotCount`: behind lies what earlier chains left. */
  readonly slots: number[] = [];
  slotCount = 0;
  table: Gpa = 0;
  tableBytes = 0;
  /** Its buffers, as many as `count`. */
  readonly addresses: Gpa[] = [];
  readonly lengths: number[] = [];
  count = 0;
  /** How many of the buffers are for the device to read: they come first. */
  readable = 0;
  writableBytes = 0;
  /** Its first range in the index; -1 is none. */
  range = -1;
  /** Bytes that the device wrote, once it came back. */
  written = 0;
  /** What it consisted of when the device took it, where nobody tells of a guest's stores; null is not kept. */
  copy: Copy | null = null;
  /** It is among those that are compared, or was. */
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
    this.copy = null;
    this.empty();
  }

  /** Nothing is known of what it consists of. */
  empty(): void {
    this.slotCount = this.count = 0;
    this.table = this.tableBytes = this.readable = this.writableBytes = 0;
  }

  /** It has as many buffers as are looked after. */
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

/** Whose chain it is: told when the driver touches what belongs to it. */
export interface LentOwner {
  /** `net0, transmit queue 1` */
  readonly subject: string;
  /** Finds out which chains came back since the last time. */
  sync(): void;
  /** The driver changed the chain's indirect table. */
  tableChanged(lent: Lent, address: Gpa): void;
  /** The driver changed a buffer that the device is to read. */
  bufferChanged(lent: Lent, address: Gpa): void;
  /** The driver gave back memory of the chain's. */
  freed(lent: Lent, address: Gpa): void;
  /** The driver looked into a buffer that the device is to write. */
  peeked(lent: Lent, address: Gpa): void;
  /** The driver read bytes that the device did not write. */
  leftRead(lent: Lent, address: Gpa): void;
  /** Nobody cares any more what the device left of the chain's buffers. */
  forgetLeft(lent: Lent): void;
}
