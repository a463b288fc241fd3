import type { Nanos } from '../../../core/bits.ts';
import { checkBytes } from '../../../core/checks.ts';
import type { Driver } from '../../../core/driver.ts';
import type { GuestPort } from '../../../core/guest-port.ts';
import { MisuseError } from '../../../core/misuse.ts';
import { GVNIC_ID } from '../../../gvnic/registers/bar0.ts';
import type { QueueFormat } from '../../../gvnic/registers/descriptor.ts';
import { MAILBOX_DEVICE_ID } from '../../../gvnic/registers/mailbox.ts';
import { SECOND } from '../../driver-error.ts';
import { identify } from '../../pci/config.ts';
import { SavedFunction } from '../../pci/saved-function.ts';
import { bringUp, type Card, type GvnicUse } from './card.ts';
import type { GvnicFlowRule } from './flow-rules.ts';
import { bringUpMailbox } from './mailbox-card.ts';
import type { DriverPair } from './queues.ts';
import type { GvnicFrame, GvnicOffload } from './rings.ts';

const HEADER = 14;

/**
 * A gVNIC in use. Frames begin with the destination address and have no frame check sequence.
 *
 * @example
 * const nic = machine.attach(gvnicDriver);
 * nic.mac;                                   // '42:01:0a:80:00:02'
 * nic.format;                                // 'GQI_QPL'
 * nic.send(frame);                           // returns when the device has taken it
 * nic.receiveWithin(SECOND);                 // the next frame, or null
 * nic.sendOffloaded(frame, { csumStart: 34, csumOffset: 16, cut: { mss: 1420, headerLength: 54 } });
 * nic.close();
 */
export class GvnicDriver {
  /** What the device found out of the last frame from `receive`. */
  last: GvnicFrame | null = null;
  /** How often the device asked for a reset, and got one. */
  resets = 0;
  private readonly port: GuestPort;
  private readonly bdf: number;
  private readonly use: GvnicUse;
  private readonly inbox: GvnicFrame[] = [];
  private card: Card;
  private saved: SavedFunction | null = null;
  /** The device has something that is no queue's. */
  private isChanged = false;

  constructor(port: GuestPort, bdf: number, use: GvnicUse = {}) {
    this.port = port;
    this.bdf = bdf;
    this.use = use;
    this.card = this.bringUp();
  }

  get mac(): string {
    return this.card.mac;
  }

  get mtu(): number {
    return this.card.mtu;
  }

  get format(): QueueFormat {
    return this.card.format;
  }

  /** The formats that the card offers. */
  get formats(): readonly QueueFormat[] {
    return this.card.formats;
  }

  /** Queue pairs in use. */
  get pairs(): number {
    return this.card.pairs.length;
  }

  get linkUp(): boolean {
    return this.card.isLinkUp();
  }

  /** Mbit/s, as the card says. */
  get speed(): number {
    return this.card.speed();
  }

  /** Has the card report what it counts, every 20 seconds. */
  reportStatistics(): void {
    this.card.reportStatistics();
  }

  /** Spreads flows over these receive queues, a power of two of them in all. @returns whether the card can. */
  spread(table: readonly number[]): boolean {
    return this.card.spread(table);
  }

  /** Sends a frame with complete checksums, and waits until the device has taken it. */
  send(frame: Uint8Array, pair = 0): void {
    this.post(frame, pair);
    this.flush(pair);
  }

  /** As `send`, but returns as soon as there is room. */
  post(frame: Uint8Array, pair = 0): void {
    this.transmit(frame, null, pair);
  }

  /** As `post`, but never waits: false if there is no room, and the frame is not sent. */
  tryPost(frame: Uint8Array, pair = 0): boolean {
    const { transmit } = this.pairAt(pair);
    transmit.serve();
    if (!transmit.hasRoom(frame.length)) return false;
    this.transmit(frame, null, pair);
    return true;
  }

  /** Sends a frame whose checksum the device completes, and which it cuts if it is large. */
  sendOffloaded(frame: Uint8Array, offload: GvnicOffload, pair = 0): void {
    this.transmit(frame, offload, pair);
    this.flush(pair);
  }

  /** Waits until the device has taken every frame. */
  flush(pair = 0): void {
    const { transmit } = this.pairAt(pair);
    this.waitFor(() => transmit.lent === 0, `the device keeps ${transmit.lent} frames of queue ${pair}`);
  }

  /** The next received frame, or null. With interrupts, frames are received only during a wait. */
  receive(): Uint8Array | null {
    if (this.card.interrupts === null) this.poll();
    this.follow();
    const next = this.inbox.shift() ?? null;
    if (next !== null) this.last = next;
    return next?.bytes ?? null;
  }

  /** As `receive`, but waits up to `limit` nanoseconds. */
  receiveWithin(limit: Nanos): Uint8Array | null {
    this.wait(() => this.inbox.length > 0, limit);
    return this.receive();
  }

  /** Serves every queue now, even without an interrupt, and looks at the device's status. */
  poll(): void {
    for (const { transmit, receive } of this.card.pairs) {
      transmit.serve();
      receive.serve((frame) => this.inbox.push(frame));
    }
    this.card.poll();
    this.isChanged = true;
  }

  /** Gives the card a rule about which receive queue gets a packet. */
  addFlowRule(rule: GvnicFlowRule): void {
    this.card.addFlowRule(rule);
  }

  removeFlowRule(location: number): void {
    this.card.removeFlowRule(location);
  }

  /** Locations of the card's rules, in their order. */
  flowRules(): readonly number[] {
    return this.card.flowRules();
  }

  /** The card's clock, in nanoseconds. */
  time(): bigint {
    return this.card.time();
  }

  /** Prepares for a loss of power. */
  suspend(): void {
    this.saved = SavedFunction.of(this.port, this.bdf);
    this.close();
  }

  /** Resumes after `suspend`. */
  resume(): void {
    this.saved?.restore(this.port);
    this.card = this.bringUp();
  }

  /** Takes all from the device, resets it and disables its bus access. */
  close(): void {
    this.card.takeDown();
  }

  private bringUp(): Card {
    const { device } = identify(this.port, this.bdf);
    const bring = device === MAILBOX_DEVICE_ID ? bringUpMailbox : bringUp;
    return bring(this.port, this.bdf, this.use, {
      deliver: (frame) => this.inbox.push(frame),
      changed: () => {
        this.isChanged = true;
      },
    });
  }

  /** The device may have asked for a reset: all is set up anew. */
  private follow(): void {
    if (!this.isChanged) return;
    this.isChanged = false;
    if (!this.card.wantsReset()) return;
    this.resets++;
    this.close();
    this.card = this.bringUp();
  }

  private transmit(frame: Uint8Array, offload: GvnicOffload | null, pair: number): void {
    checkBytes('frame', frame);
    this.follow();
    if (frame.length < HEADER) throw new MisuseError('frame.length', frame.length, `at least ${HEADER}`);
    const { transmit } = this.pairAt(pair);
    this.waitFor(() => transmit.hasRoom(frame.length), `transmit queue ${pair} stays full`);
    transmit.post(frame, offload);
  }

  private pairAt(pair: number): DriverPair {
    const found = this.card.pairs[pair];
    if (found === undefined) throw new MisuseError('pair', pair, `below ${this.pairs}, the pairs in use`);
    return found;
  }

  private wait(until: () => boolean, limit: Nanos): boolean {
    const polled = this.card.interrupts === null;
    return this.port.wait(() => {
      if (polled) this.poll();
      return until();
    }, limit);
  }

  private waitFor(until: () => boolean, what: string): void {
    if (!this.wait(until, SECOND)) this.card.fail(what);
  }
}

/**
 * The driver of Google's virtual network card.
 *
 * @example machine.attach(gvnic({ format: 'GQI_QPL', interrupts: 'polled' }));
 */
export function gvnic(use: GvnicUse = {}): Driver<GvnicDriver> {
  return {
    name: 'gvnic',
    matches: ({ vendor, device }) =>
      vendor === GVNIC_ID.vendor && (device === GVNIC_ID.device || device === MAILBOX_DEVICE_ID),
    attach: (port, bdf) => new GvnicDriver(port, bdf, use),
  };
}

/** The driver of Google's virtual network card, with defaults. */
export const gvnicDriver: Driver<GvnicDriver> = gvnic();
