// SPDX-License-Identifier: MIT-0
import type { Driver, GuestPort } from 'guestrig';
import { Queue } from './queue.js';

const [CONFADD, CONFDATA] = [0xcf8, 0xcfc];
const [COMMAND, BAR0] = [0x04, 0x10];
const [IO_SPACE, BUS_MASTER] = [0x01, 0x04];
// virtio 1.4, 4.1.4.8 and 2.1: the legacy registers, and the steps of a driver.
const [DEVICE_FEATURES, DRIVER_FEATURES, STATUS] = [0, 4, 18];
const [ACKNOWLEDGE, DRIVER, DRIVER_OK] = [1, 2, 4];
const [RECEIVE, TRANSMIT] = [0, 1];
/** Bytes of virtio_net_hdr on a legacy function without MRG_RXBUF, and of the longest frame. */
const [HEADER, FRAME] = [10, 1514];
/** Frames that may be in flight, each way. */
const SLOTS = 8;
const SECOND = 1_000_000_000;

/** Frames in guest memory, by their slot. */
const slotAt = (memory: number, slot: number) => memory + slot * 2048;

/** A legacy virtio NIC, polled: virtio 1.4, 5.1. */
export class Nic {
  private readonly port: GuestPort;
  private readonly bdf: number;
  private readonly base: number;
  private readonly receiving: Queue;
  private readonly transmitting: Queue;
  private readonly incoming: number;
  private readonly outgoing: number;
  private readonly free: number[] = [];

  constructor(port: GuestPort, bdf: number) {
    this.port = port;
    this.bdf = bdf;
    this.command(IO_SPACE | BUS_MASTER);
    this.base = this.config(BAR0, 4) & 0xfffc;
    this.begin();
    this.receiving = new Queue(port, this.base, RECEIVE);
    this.transmitting = new Queue(port, this.base, TRANSMIT);
    [this.incoming, this.outgoing] = [port.allocate(SLOTS * 2048, 16), port.allocate(SLOTS * 2048, 16)];
    this.status(ACKNOWLEDGE | DRIVER | DRIVER_OK);
    for (let slot = 0; slot < Math.min(SLOTS, this.receiving.slots); slot++) this.makeRoom(slot);
    for (let slot = 0; slot < Math.min(SLOTS, this.transmitting.slots); slot++) this.free.push(slot);
  }

  send(frame: Uint8Array): void {
    if (!this.port.wait(() => this.hasFree(), SECOND)) throw new Error('the NIC takes no frames');
    const slot = this.free.pop()!;
    const at = slotAt(this.outgoing, slot);
    this.port.memory.fill(at, 0, HEADER);
    this.port.memory.write(at + HEADER, frame);
    this.transmitting.offer(slot, at, HEADER, frame.length, false);
  }

  /** @returns the next received frame, or null. */
  receive(): Uint8Array | null {
    const done = this.receiving.take();
    if (done === null) return null;
    // The device may say any length: only what was lent can hold a frame.
    const length = Math.min(FRAME, Math.max(0, done.length - HEADER));
    const frame = new Uint8Array(length);
    this.port.memory.read(slotAt(this.incoming, done.slot) + HEADER, frame);
    this.makeRoom(done.slot);
    return frame;
  }

  receiveAll(): Uint8Array[] {
    const frames: Uint8Array[] = [];
    for (let frame = this.receive(); frame !== null; frame = this.receive()) frames.push(frame);
    return frames;
  }

  /** Lets go of the function: it is reset, and no longer accesses memory. */
  stop(): void {
    this.reset();
    this.command(0);
  }

  /** Sets ACKNOWLEDGE and DRIVER; accepts no feature. */
  private begin(): void {
    const { port, base } = this;
    this.reset();
    this.status(ACKNOWLEDGE);
    this.status(ACKNOWLEDGE | DRIVER);
    port.in(base + DEVICE_FEATURES, 4);
    port.out(base + DRIVER_FEATURES, 0, 4);
  }

  private reset(): void {
    this.status(0);
    if (!this.port.wait(() => this.port.in(this.base + STATUS, 1) === 0, SECOND))
      throw new Error('the NIC does not reset');
  }

  private status(bits: number): void {
    this.port.out(this.base + STATUS, bits, 1);
  }

  /** Reads a register of configuration space, and leaves it selected. */
  private config(register: number, width: 2 | 4): number {
    this.port.out(CONFADD, 0x8000_0000 + this.bdf * 256 + register, 4);
    return this.port.in(CONFDATA, width);
  }

  private command(bits: number): void {
    const others = this.config(COMMAND, 2) & ~(IO_SPACE | BUS_MASTER);
    this.port.out(CONFDATA, others | bits, 2);
  }

  private hasFree(): boolean {
    for (let done = this.transmitting.take(); done !== null; done = this.transmitting.take())
      this.free.push(done.slot);
    return this.free.length > 0;
  }

  private makeRoom(slot: number): void {
    this.receiving.offer(slot, slotAt(this.incoming, slot), HEADER, FRAME, true);
  }
}

export const nic: Driver<Nic> = {
  name: 'my-nic',
  matches: ({ vendor, device }) => vendor === 0x1af4 && device === 0x1000,
  attach: (port, bdf) => new Nic(port, bdf),
};
