import type { Driver, GuestPort } from 'guestrig';
import { Queue } from './queue.js';

const [CONFADD, CONFDATA] = [0xcf8, 0xcfc];
const [COMMAND, BAR0] = [0x04, 0x10];
const IO_SPACE_AND_BUS_MASTER = 0x05;
// virtio 1.4, 4.1.4.8 and 2.1: the legacy registers, and the steps of a driver.
const [DEVICE_FEATURES, DRIVER_FEATURES, STATUS] = [0, 4, 18];
const [ACKNOWLEDGE, DRIVER, DRIVER_OK] = [1, 2, 4];
const [RECEIVE, TRANSMIT] = [0, 1];
/** Bytes of virtio_net_hdr on a legacy function without MRG_RXBUF, and of the longest frame. */
const [HEADER, FRAME] = [10, 1514];
/** Frames that may be on their way, each way. */
const SLOTS = 8;
const SECOND = 1_000_000_000;

/** Frames in guest memory, by their slot. */
const slotAt = (memory: number, slot: number) => memory + slot * 2048;

/** A legacy virtio NIC, polled: virtio 1.4, 5.1. */
export class Nic {
  private readonly port: GuestPort;
  private readonly receiving: Queue;
  private readonly transmitting: Queue;
  private readonly incoming: number;
  private readonly outgoing: number;
  private readonly free: number[] = [];

  constructor(port: GuestPort, bdf: number) {
    this.port = port;
    const base = this.begin(bdf);
    this.receiving = new Queue(port, base, RECEIVE);
    this.transmitting = new Queue(port, base, TRANSMIT);
    [this.incoming, this.outgoing] = [port.allocate(SLOTS * 2048, 16), port.allocate(SLOTS * 2048, 16)];
    port.out(base + STATUS, ACKNOWLEDGE | DRIVER | DRIVER_OK, 1);
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

  /** @returns the next frame that came in, or null. */
  receive(): Uint8Array | null {
    const done = this.receiving.take();
    if (done === null) return null;
    const frame = new Uint8Array(done.length - HEADER);
    this.port.memory.read(slotAt(this.incoming, done.slot) + HEADER, frame);
    this.makeRoom(done.slot);
    return frame;
  }

  /** Resets the function, and tells it that there is a driver that takes no feature. @returns where its registers are. */
  private begin(bdf: number): number {
    const { port } = this;
    const select = (register: number) => port.out(CONFADD, 0x8000_0000 + bdf * 256 + register, 4);
    select(COMMAND);
    port.out(CONFDATA, port.in(CONFDATA, 2) | IO_SPACE_AND_BUS_MASTER, 2);
    select(BAR0);
    const base = port.in(CONFDATA, 4) & 0xfffc;
    port.out(base + STATUS, 0, 1);
    if (!port.wait(() => port.in(base + STATUS, 1) === 0, SECOND)) throw new Error('the NIC does not reset');
    port.out(base + STATUS, ACKNOWLEDGE, 1);
    port.out(base + STATUS, ACKNOWLEDGE | DRIVER, 1);
    port.in(base + DEVICE_FEATURES, 4);
    port.out(base + DRIVER_FEATURES, 0, 4);
    return base;
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
