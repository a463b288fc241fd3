import type { EventTable } from '../core/compose.ts';
import type { Register } from '../core/register.ts';

const NOTHING = new Uint8Array(0);

/** Where the bytes of a packet lie, by its descriptors; reused. */
class Pieces {
  count = 0;
  /** In RAM; else they are offsets in a list of pages. */
  isRaw = true;
  /** Of those beyond `count` nothing is said. */
  readonly addresses: number[] = [];
  readonly lengths: number[] = [];

  add(address: number, length: number): void {
    this.addresses[this.count] = address;
    this.lengths[this.count++] = length;
  }
}

/** A packet in a GQI ring, as its descriptors describe it; reused from packet to packet. */
export interface GqiPacket {
  queue: number;
  /** The bytes that were put together; empty if some could not be. */
  frame: Uint8Array;
  /** Descriptors that the first one counts, and whether each is of a type that may be there. */
  count: number;
  isSound: boolean;
  /** What the first one says of the whole; the sum of all; how many descriptors name no bytes. */
  said: number;
  length: number;
  empty: number;
  /** All bytes are the device's to read. */
  isInside: boolean;
  named: Pieces;
  /** Bytes of the first descriptor. */
  first: number;
  /** A checksum is to be completed: where its header is, and its field from there. */
  summed: boolean;
  start: number;
  offset: number;
  /** It is to be cut: by this MSS, as IPv6 or not. */
  isCut: boolean;
  mss: number;
  isSix: boolean;
  /** The descriptors of bytes behind the first do not agree about MSS, IP version and the place of its header. */
  isMixed: boolean;
  /** Where that header is; -1 if no descriptor says so. */
  ip: number;
  /** The bits of an MTD descriptor that have no meaning; and flags of the others. */
  rest: number;
  stray: number;
}

/** A record to be filled in. */
export function blankGqi(): GqiPacket {
  return {
    queue: 0,
    frame: NOTHING,
    count: 0,
    isSound: true,
    said: 0,
    length: 0,
    empty: 0,
    isInside: true,
    named: new Pieces(),
    first: 0,
    summed: false,
    start: 0,
    offset: 0,
    isCut: false,
    mss: 0,
    isSix: false,
    isMixed: false,
    ip: -1,
    rest: 0,
    stray: 0,
  };
}

/** A packet in a DQO ring; reused. */
export interface DqoPacket {
  queue: number;
  frame: Uint8Array;
  /** All descriptors; those that name bytes, and those of them that name none. */
  count: number;
  pieces: number;
  empty: number;
  /** Those of the pieces that ask for a checksum. */
  summed: number;
  /** Bits of descriptors that have no meaning. */
  rest: number;
  /** The tag of its completion. */
  tag: number;
  /** Types that are known, contexts before bytes. */
  isSound: boolean;
  isInside: boolean;
  named: Pieces;
  /** More descriptors than the device has room for: the queue stops. */
  isTooLong: boolean;
  length: number;
  /** It is to be cut: by this MSS, behind headers and with a payload of so many bytes. */
  isCut: boolean;
  mss: number;
  headers: number;
  payload: number;
  /** Descriptors that ask for a completion of their own, and do not end the packet. */
  reportsWithin: number;
  /** The last one asks for one. */
  reports: boolean;
}

/** The same of a DQO ring. */
export function blankDqo(): DqoPacket {
  return {
    queue: 0,
    frame: NOTHING,
    count: 0,
    pieces: 0,
    empty: 0,
    summed: 0,
    rest: 0,
    tag: 0,
    isSound: true,
    isInside: true,
    named: new Pieces(),
    isTooLong: false,
    length: 0,
    isCut: false,
    mss: 0,
    headers: 0,
    payload: 0,
    reportsWithin: 0,
    reports: false,
  };
}

/** What a gVNIC reports to the watcher of its driver. */
export interface GvnicEvents {
  /** All that the driver had set up is gone. */
  reset(): void;
  /** A register was written, `value` being the number that is meant; null where none begins. `open`: bus mastering is on. */
  registerWritten(
    register: Register | null,
    offset: number,
    width: number,
    value: number,
    open: boolean,
  ): void;
  /** A register was read, as this number; null where none begins. */
  registerRead(register: Register | null, offset: number, width: number, value: number): void;
  /** The device wants to be reset. */
  resetAsked(): void;
  /** An admin queue begins at `address`; at `before` was one already, or 0. */
  adminPlaced(address: number, before: number): void;
  /** So many commands are posted, and so many were done. */
  adminRung(posted: number, done: number): void;
  /** A command is carried out next: its slot, valid during the call. */
  commanded(slot: Uint8Array): void;
  /** It was carried out, with this status, which its driver can see. */
  answered(opcode: number, status: number): void;
  /**
   * The tail of a mailbox's ring of requests was written: the ring, the first of its slots that is not carried out yet, the one
   * behind the last, both of them in the ring, and how many it has. `hasBuffer`: there is room for an answer.
   */
  requestsRung(ring: number, first: number, tail: number, entries: number, hasBuffer: boolean): void;
  /** A request of a mailbox is carried out next: its body, valid during the call. */
  requested(opcode: number, body: Uint8Array): void;
  /** It was carried out, with this status; its answer, valid during the call, is given to the driver next. */
  replied(opcode: number, status: number, answer: Uint8Array): void;
  /** A doorbell was written, which is of nothing if `known` is false. `open`: bus mastering is on. */
  doorbellWritten(offset: number, width: number, known: boolean, open: boolean): void;
  /** The doorbell of a block: the word that is meant. */
  blockRung(block: number, word: number): void;
  /**
   * A GQI queue's doorbell: descriptors or buffers beyond those that the device is done with, how many the ring has, and how
   * many are new; fewer than none if the count fell back.
   */
  transmitRung(queue: number, outstanding: number, entries: number, added: number): void;
  receiveRung(queue: number, outstanding: number, entries: number, added: number): void;
  /**
   * A DQO transmit queue's doorbell: the slot behind the last descriptor, of so many of the ring. `added` are new, and
   * `isEnd` says whether the last one ends a packet; `outstanding` are those that the device has not taken, and the new.
   */
  tailRung(
    queue: number,
    tail: number,
    entries: number,
    added: number,
    isEnd: boolean,
    outstanding: number,
  ): void;
  /** A DQO receive queue's doorbell, and the buffers that the device then has. */
  buffersRung(queue: number, tail: number, outstanding: number, entries: number): void;
  /** A packet was taken from a transmit ring, before it is sent. */
  gqiPacket(packet: GqiPacket): void;
  dqoPacket(packet: DqoPacket): void;
  /** The counter of a GQI transmit queue was written. */
  gqiCounted(queue: number, count: number): void;
  /** A received packet was described to its driver, in so many descriptors or completions. */
  received(queue: number, count: number): void;
  /** A frame came for a receive queue that has too few buffers for it: it is dropped. */
  starved(queue: number): void;
  /** A completion was written into a DQO transmit queue's ring: its type, and the tag or slot that it names. */
  dqoCompleted(queue: number, type: number, tag: number): void;
  /**
   * A receive buffer is used next: what identifies it, and whether its bytes are the device's to write. It is number `index` of
   * those of the queue, of which `posted` were given to the device up to now. It begins at `address`, in RAM or in a list of pages;
   * headers go to `headers`, -1 being none.
   */
  slotTaken(
    queue: number,
    id: number,
    isInside: boolean,
    index: number,
    posted: number,
    address: number,
    headers: number,
  ): void;
}

export const GVNIC_EVENTS = {
  reset: 0,
  registerWritten: 5,
  registerRead: 4,
  resetAsked: 0,
  adminPlaced: 2,
  adminRung: 2,
  commanded: 1,
  answered: 2,
  requestsRung: 5,
  requested: 2,
  replied: 3,
  doorbellWritten: 4,
  blockRung: 2,
  transmitRung: 4,
  receiveRung: 4,
  tailRung: 6,
  buffersRung: 4,
  gqiPacket: 1,
  dqoPacket: 1,
  gqiCounted: 2,
  received: 2,
  starved: 1,
  dqoCompleted: 3,
  slotTaken: 7,
} as const satisfies EventTable<GvnicEvents>;
