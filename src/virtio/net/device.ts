import type { Nanos } from '../../core/bits.ts';
import type { Board } from '../../core/board.ts';
import { checkBytes } from '../../core/checks.ts';
import type { NetBackend, NetPort } from '../../net/backends/index.ts';
import type { Wire } from '../../net/backends/wire.ts';
import { VirtioDevice } from '../device.ts';
import type { Virtqueue } from '../queue/virtqueue.ts';
import { DEVICE_STATUS, FEATURE, VIRTIO_ID } from '../registers.ts';
import { NetConfig, netConfigBytes, strangeTunnels } from './config.ts';
import { ControlQueue } from './control.ts';
import { NET_DEPENDENCY_BITS } from './dependency-registers.ts';
import type { NetEvents } from './events.ts';
import type { NetCard } from './features/feature.ts';
import { NetFeatures } from './features/index.ts';
import { type NetMode, netMode } from './mode.ts';
import { OddHeaders } from './odd-headers.ts';
import { offeredBy, type VirtioNetOptions } from './offered.ts';
import { Receiver } from './receiver.ts';
import type { QueueKind } from './registers/statistics.ts';
import { NET_FEATURE as F, virtio_net_config } from './registers.ts';
import { Transmitter } from './transmitter.ts';

const { DRIVER_OK } = DEVICE_STATUS.mask;
/** Entries of the administration virtqueue. */
const ADMIN_RING = 16;
/** Without MQ and RSS the control queue is the third, however many pairs the device has. */
const THIRD = 2;

export type { VirtioNetOptions } from './offered.ts';

/**
 * The network device (virtio 1.4, Network Device): queues, a wire, and the features that its driver accepted. As on Compute
 * Engine, and with further optional features.
 */
export class VirtioNet extends VirtioDevice<NetEvents> implements NetPort, NetCard {
  readonly pairs: number;
  readonly wire: Wire = { up: true, onFrame: null, backend: null };
  readonly config: NetConfig;
  readonly features: NetFeatures;
  readonly odd: OddHeaders;
  readonly receiver: Receiver;
  readonly joinWithin: Nanos;
  controlIndex = THIRD;
  private readonly receivePath: string;
  private readonly transmitter: Transmitter;
  private readonly control: ControlQueue;

  constructor(name: string, board: Board, options: VirtioNetOptions) {
    const { pairs, ringSize, offer = [], oddHeaders = [], joinWithin = 0, manners } = options;
    super(name, board, {
      virtioId: VIRTIO_ID.net,
      offered: offeredBy(options),
      queueSizes: new Array<number>(pairs * 2 + 1).fill(ringSize),
      adminQueueSize: offer.includes(FEATURE.ADMIN_VQ) ? ADMIN_RING : undefined,
      configBytes: netConfigBytes(offer),
      configFields: virtio_net_config,
      dependencies: NET_DEPENDENCY_BITS,
      manners,
    });
    this.pairs = pairs;
    this.receivePath = `${name}.receive`;
    this.config = new NetConfig(options.mac, pairs, this.endian, strangeTunnels(this));
    this.joinWithin = joinWithin;
    this.odd = new OddHeaders(oddHeaders);
    const { mode } = this;
    this.receiver = new Receiver(this, mode);
    this.features = new NetFeatures(this);
    this.transmitter = new Transmitter(board, mode, this);
    this.control = new ControlQueue(this, this.budget);
  }

  get mac(): Uint8Array {
    return this.config.mac;
  }

  get linkUp(): boolean {
    return this.wire.up;
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
    this.transmitter.events = this.receiver.events = this.control.events = events;
  }

  /** Connects `backend`, after disconnecting an earlier one. */
  plug(backend: NetBackend | null): void {
    this.wire.backend?.attach(null);
    this.wire.backend = backend;
    backend?.attach(this);
  }

  /** Sets the link up or down; the guest gets a configuration interrupt if it accepted STATUS. */
  setLink(up: boolean): void {
    if (up === this.linkUp) return;
    this.wire.up = this.config.linkUp = up;
    const told = this.configChanged(this.accepted.has(F.STATUS) && this.isLive);
    if (this.accepted.has(F.STATUS)) this.events?.linkChanged(told);
  }

  /** Asks the driver to announce its address to its peers, if it accepted GUEST_ANNOUNCE. */
  announce(): void {
    const { announcement } = this.features;
    if (announcement === null || !this.isLive) return;
    announcement.ask();
    this.events?.announces(this.configChanged());
  }

  /** Speed in Mbit/s. The guest gets a configuration interrupt if it accepted SPEED_DUPLEX. */
  setSpeed(speed: number, fullDuplex: boolean): void {
    this.config.setSpeed(speed, fullDuplex ? 1 : 0);
    const told = this.configChanged(this.accepted.has(F.SPEED_DUPLEX) && this.isLive);
    if (this.accepted.has(F.SPEED_DUPLEX)) this.events?.speedChanged(told);
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
    if (!this.transmitter.busy) this.placeAnew();
  }

  /** Takes frames that arrive together, so that those of a flow may be coalesced. */
  receiveAll(frames: readonly Uint8Array[]): void {
    const now = this.beginTaking();
    for (const frame of frames) if (this.comesIn(frame)) this.receiver.take(frame, now);
    if (!this.transmitter.busy) this.placeAnew();
  }

  hasPairs(pairs: number): boolean {
    return pairs >= 1 && pairs <= this.pairs;
  }

  /** Before frames of unused queues are lost, what these had earlier is sent. */
  sendOn(pairs: number): void {
    const { transmitter } = this;
    const left = this.goesAlong('queue not in use')
      ? []
      : this.queues.slice(2 * pairs, 2 * transmitter.pairs);
    for (const queue of left) if (this.kindOf(queue.index) === 'transmit') transmitter.serve(queue);
    transmitter.pairs = pairs;
  }

  settle(): void {
    this.receiver.settle();
  }

  commanded(): void {
    this.receiver.decide();
  }

  /** The kind of a queue, if it is set up. */
  kindOf(index: number): QueueKind | null {
    if (index >= this.numQueues || !this.queues[index]?.ready) return null;
    if (index === this.controlIndex) return 'control';
    return index & 1 ? 'transmit' : 'receive';
  }

  override role(index: number): string {
    if (index === this.controlIndex) return 'control queue';
    if (index === this.adminQueue) return 'administration queue';
    return `${index & 1 ? 'transmit' : 'receive'} queue ${(index >> 1) + 1}`;
  }

  receives(pair: number): boolean {
    return this.queues[pair * 2]!.ready;
  }

  missing(pairs: number): number {
    return this.queues.findIndex((queue, index) => index < pairs * 2 && !queue.ready);
  }

  get canWait(): boolean {
    return !this.accepted.has(FEATURE.RING_RESET);
  }

  sendInterrupt(index: number): void {
    this.features.statistics?.interrupted(index);
    this.transport?.interrupts.queue(index);
  }

  override readConfig(offset: number): number {
    return this.config.read(offset);
  }

  override writeConfig(offset: number, value: number): void {
    this.events?.configWritten(offset, value);
    this.config.write(offset, value, this.legacy);
  }

  override resume(): void {
    super.resume();
    this.placeAnew();
  }

  /** A suspended device sends no interrupts. */
  override suspensionChanged(): void {
    if (this.suspension.asleep) this.features.coalescing?.flush();
    super.suspensionChanged();
  }

  override close(): void {
    super.close();
    this.features.close();
  }

  placeAnew(): void {
    this.budget.begin();
    this.place();
    if (this.receiver.isBehind) this.budget.postpone(0);
  }

  protected override kicked(queue: Virtqueue): void {
    const { index } = queue;
    if ((index & 1) === 1) this.transmitter.serve(queue);
    else if (index === this.controlIndex) this.control.serve(queue);
    else if (index === this.adminQueue) this.features.flowFilters?.serve(queue);
    if (this.receiver.waits) this.place();
  }

  protected override negotiated(): void {
    const { accepted, features, mode, receiver } = this;
    this.controlIndex = accepted.has(F.MQ) || accepted.has(F.RSS) ? this.pairs * 2 : THIRD;
    this.transmitter.take(mode);
    receiver.mode = mode;
    features.negotiated(accepted);
    this.notices = features.areNoticed ? features : null;
    this.odd.negotiated(accepted);
    receiver.decide();
  }

  protected override restart(): void {
    this.config.restart();
    this.transmitter.pairs = 1;
    this.receiver.reset();
    this.features.reset();
  }

  protected override queueForgotten(index: number): void {
    this.features.queueForgotten(index);
  }

  private get mode(): NetMode {
    return netMode(this.accepted, this.endian === 'le', this.config.values.mtu);
  }

  /** Whether a driver is running, even if the device is suspended. */
  private get isLive(): boolean {
    return (this.status & DRIVER_OK) !== 0 || this.suspension.asleep;
  }

  /** @returns whether frames go into buffers at once. */
  private beginTaking(): boolean {
    const now = !this.transmitter.busy && this.consumes && !this.budget.isHeld;
    if (now) this.budget.begin();
    return now;
  }

  private comesIn(frame: Uint8Array): boolean {
    const { wire, features } = this;
    if (!wire.up) return false;
    wire.onFrame?.(frame, false);
    return features.filters === null || features.filters.accepts(frame);
  }

  private place(): void {
    if (this.consumes && !this.budget.isHeld) this.receiver.place();
  }
}
