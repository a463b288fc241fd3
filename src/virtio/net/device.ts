import type { Nanos } from '../../core/bits.ts';
import type { Board } from '../../core/board.ts';
import { checkBytes } from '../../core/checks.ts';
import type { Timer } from '../../core/clock.ts';
import type { NetBackend, NetPort } from '../../net/backends/index.ts';
import { AdminQueue } from '../features/admin/admin-queue.ts';
import type { Virtqueue } from '../queue/virtqueue.ts';
import { FEATURE, VIRTIO_ID } from '../registers.ts';
import { netAdmin } from './admin/index.ts';
import { NetConfig, netConfigBytes, strangeTunnels } from './config.ts';
import { ControlQueue } from './control.ts';
import { NET_DEPENDENCY_BITS } from './dependency-registers.ts';
import type { NetEvents } from './events.ts';
import type { CommandedCard } from './features/feature.ts';
import { ReceiveFilter } from './features/filters.ts';
import { FlowHash } from './features/flow-hash.ts';
import { Steering } from './features/steering.ts';
import { type NetMode, netMode } from './mode.ts';
import { NetQueues } from './net-queues.ts';
import { OddHeaders } from './odd-headers.ts';
import { offeredBy, type VirtioNetOptions } from './offered.ts';
import { joinsOf, offloadsOf } from './offload-registers.ts';
import { Receiver } from './receiver.ts';
import type { ReceivingCard } from './receiving-card.ts';
import type { RssConfig } from './registers/rss.ts';
import { NET_FEATURE, virtio_net_config } from './registers.ts';
import { Transmitter } from './transmitter.ts';

const F = NET_FEATURE;
/** Entries of the administration virtqueue. */
const ADMIN_RING = 16;

export type { VirtioNetOptions } from './offered.ts';

/**
 * The network device (virtio 1.4, Network Device), as on Compute Engine and with further optional features: checksums,
 * segmentation and coalescing, multiple queues and steering, filters, and the commands to control them.
 * driver asks for that.
 */
export class VirtioNet extends NetQueues implements NetPort, CommandedCard, ReceivingCard {
  /** Called with each frame on the wire; `sent` is the guest's. The frame is valid only during the call. */
  onFrame: ((frame: Uint8Array, sent: boolean) => void) | null = null;
  readonly config: NetConfig;
  readonly filter: ReceiveFilter;
  readonly joinWithin: Nanos;
  readonly joinTimer: Timer | null;
  readonly fragmentTimer: Timer | null;
  readonly odd: OddHeaders;
  private readonly receivePath: string;
  private readonly transmitter: Transmitter;
  private readonly receiver: Receiver;
  private readonly control: ControlQueue;
  readonly steering = new Steering(this);
  private readonly admin: AdminQueue;
  private backend: NetBackend | null = null;
  private sendingPair = 0;
  /** Number of pairs on which the driver announced to send. */
  private sending = 1;
  private busy = false;

  constructor(name: string, board: Board, options: VirtioNetOptions) {
    const { pairs, ringSize, offer = [], oddHeaders = [], joinWithin = 0, manners } = options;
    super(name, board, pairs, {
      virtioId: VIRTIO_ID.net,
      offered: offeredBy(options),
      queueSizes: new Array<number>(pairs * 2 + 1).fill(ringSize),
      adminQueueSize: offer.includes(FEATURE.ADMIN_VQ) ? ADMIN_RING : undefined,
      configBytes: netConfigBytes(offer),
      configFields: virtio_net_config,
      dependencies: NET_DEPENDENCY_BITS,
      manners,
    });
    this.receivePath = `${name}.receive`;
    this.config = new NetConfig(options.mac, pairs, this.endian, strangeTunnels(this));
    this.filter = new ReceiveFilter(this.config);
    this.joinWithin = joinWithin;
    this.joinTimer = joinWithin === 0 ? null : board.clock.timer(`${name} joins`, () => this.release());
    this.fragmentTimer = offer.includes(F.GUEST_UFO)
      ? board.clock.timer(`${name} fragments`, () => this.release())
      : null;
    const { mode } = this;
    this.transmitter = new Transmitter(board, mode, this, this.budget);
    this.odd = new OddHeaders(oddHeaders);
    this.receiver = new Receiver(this, mode, this.budget, this.odd);
    this.control = new ControlQueue(this, this.budget);
    const receives = (queue: number) => this.kindOf(queue) === 'receive';
    this.admin = new AdminQueue(this.budget, netAdmin(receives));
  }

  get mac(): Uint8Array {
    return this.config.mac;
  }

  get linkUp(): boolean {
    return this.config.linkUp;
  }

  get clock() {
    return this.board.clock;
  }

  /** Frames without a receive buffer and without room to wait. */
  get dropped(): number {
    return this.receiver.dropped;
  }

  override watchedBy(events: NetEvents | null): void {
    super.watchedBy(events);
    this.transmitter.events = this.receiver.events = this.control.events = this.admin.events = events;
  }

  /** Connects `backend`, after disconnecting an earlier one. */
  plug(backend: NetBackend | null): void {
    this.backend?.attach(null);
    this.backend = backend;
    backend?.attach(this);
  }

  /** Sets the link up or down; the guest gets a configuration interrupt if it accepted STATUS. */
  setLink(up: boolean): void {
    if (up === this.linkUp) return;
    this.config.linkUp = up;
    const told = this.configChanged(this.accepted.has(F.STATUS) && this.isLive);
    if (this.accepted.has(F.STATUS)) this.events?.linkChanged(told);
  }

  /** Asks the driver to announce its address to its peers, if it accepted GUEST_ANNOUNCE. */
  announce(): void {
    if (!this.accepted.has(F.GUEST_ANNOUNCE) || !this.isLive) return;
    this.config.announce = true;
    this.events?.announces(this.configChanged());
  }

  /** Speed in Mbit/s. The guest gets a configuration interrupt if it accepted SPEED_DUPLEX. */
  setSpeed(speed: number, fullDuplex: boolean): void {
    this.config.setSpeed(speed, fullDuplex ? 1 : 0);
    const told = this.configChanged(this.accepted.has(F.SPEED_DUPLEX) && this.isLive);
    if (this.accepted.has(F.SPEED_DUPLEX)) this.events?.speedChanged(told);
  }

  private get mode(): NetMode {
    return netMode(this.accepted, this.endian === 'le', this.config.values.mtu);
  }

  /** Takes a frame from a backend. @throws MisuseError for an invalid frame. */
  receive(frame: Uint8Array): void {
    checkBytes(this.receivePath, frame);
    this.arrive(frame);
    this.clock.userCalls.settle();
  }

  /** @internal As `receive`, for a valid frame. */
  arrive(frame: Uint8Array): void {
    const now = this.beginTaking();
    if (this.comesIn(frame)) {
      if (now && this.receiver.takeAlone(frame)) return;
      this.receiver.take(frame, now);
    }
    if (!this.busy) this.placeAnew();
  }

  /** Takes frames that arrive together, so that those of a flow may be coalesced. */
  receiveAll(frames: readonly Uint8Array[]): void {
    const now = this.beginTaking();
    for (const frame of frames) if (this.comesIn(frame)) this.receiver.take(frame, now);
    if (!this.busy) this.placeAnew();
  }

  setPairs(pairs: number): boolean {
    if (pairs < 1 || pairs > this.pairs) return false;
    this.events?.pairsSet(this.controlIndex, pairs, this.missing(pairs));
    this.sendOn(pairs);
    this.steering.steerOn(pairs);
    this.receiver.settle();
    return true;
  }

  steer(rss: RssConfig): void {
    this.sendOn(rss.maxTx);
    this.steering.steerBy(rss);
    this.receiver.settle();
    this.events?.steered(new Set([rss.unclassified, ...rss.table]), rss.maxTx);
  }

  report(types: number, key: Uint8Array): void {
    this.steering.reporter = new FlowHash(types, key);
  }

  hashWithin(types: number): void {
    this.steering.tunnels = types;
    this.receiver.settle();
  }

  setOffloads(mask: number, high: number): boolean {
    const [low, upper] = offloadsOf(this.accepted);
    if ((high & ~upper) !== 0 || (mask & ~low) !== 0) return false;
    this.receiver.joins = joinsOf(mask, high, this.accepted);
    return true;
  }

  commanded(): void {
    this.receiver.decide();
  }

  override close(): void {
    super.close();
    for (const timer of [this.joinTimer, this.fragmentTimer])
      if (timer !== null) this.board.clock.remove(timer);
  }

  override readConfig(offset: number): number {
    return this.config.read(offset);
  }

  override writeConfig(offset: number, value: number): void {
    this.events?.configWritten(offset, value);
    this.config.write(offset, value, this.legacy);
  }

  protected override kicked(queue: Virtqueue): void {
    if (queue.index === this.adminQueue) this.admin.serve(queue);
    else if (queue.index === this.controlIndex) this.control.serve(queue);
    else if ((queue.index & 1) === 1) this.transmit(queue);
    this.place();
  }

  protected override negotiated(): void {
    this.transmitter.mode = this.receiver.mode = this.mode;
    this.receiver.joins = joinsOf(...offloadsOf(this.accepted), this.accepted);
    this.odd.negotiated(this.accepted);
    this.filter.negotiated(this.accepted);
    this.receiver.decide();
  }

  protected override restart(): void {
    this.config.restart();
    this.sending = 1;
    this.forgetQueues();
    this.filter.reset();
    this.admin.state.reset();
    this.receiver.reset();
    this.steering.reset();
  }

  /** Before frames of unused queues are lost, what these had earlier is sent. */
  private sendOn(pairs: number): void {
    const left = this.goesAlong('queue not in use') ? [] : this.queues.slice(2 * pairs, 2 * this.sending);
    for (const queue of left) if (this.kindOf(queue.index) === 'transmit') this.transmit(queue);
    this.sending = pairs;
  }

  private transmit(queue: Virtqueue): void {
    this.sendingPair = queue.index >> 1;
    this.busy = true;
    this.transmitter.serve(queue, this.sendingPair >= this.sending);
    this.busy = false;
  }

  /** @internal Sends a frame to the wire. */
  send(frame: Uint8Array): void {
    if (!this.linkUp) return;
    this.steering.sent(frame, this.sendingPair);
    this.onFrame?.(frame, true);
    this.backend?.send(frame);
  }

  override resume(): void {
    super.resume();
    this.placeAnew();
  }
  /** Frames that were held to be joined have waited long enough. */
  private release(): void {
    this.receiver.flush();
    this.placeAnew();
  }

  /** @returns whether frames go into buffers at once. */
  private beginTaking(): boolean {
    const now = !this.busy && this.consumes && !this.budget.isHeld;
    if (now) this.budget.begin();
    return now;
  }

  private comesIn(frame: Uint8Array): boolean {
    if (!this.config.linkUp) return false;
    this.onFrame?.(frame, false);
    return this.filter.accepts(frame);
  }

  private placeAnew(): void {
    this.budget.begin();
    this.place();
    if (this.receiver.isBehind) this.budget.postpone(0);
  }

  private place(): void {
    if (this.consumes && !this.budget.isHeld) this.receiver.place();
  }
}
