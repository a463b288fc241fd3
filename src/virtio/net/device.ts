import type { Board } from '../../core/board.ts';
import { checkBytes } from '../../core/checks.ts';
import type { NetBackend, NetPort } from '../../net/backends/index.ts';
import { VirtioDevice } from '../device.ts';
import type { Manners } from '../manners.ts';
import type { Virtqueue } from '../queue/virtqueue.ts';
import { DEVICE_STATUS, VIRTIO_ID } from '../registers.ts';
import type { CommandedCard } from './commands/served.ts';
import { CommandState } from './commands/state.ts';
import { NetConfig, netConfigBytes } from './config.ts';
import { ControlQueue } from './control.ts';
import { NET_DEPENDENCY_BITS } from './dependency-registers.ts';
import type { NetEvents } from './events.ts';
import { UNDESCRIBED_TUNNELS } from './hash-registers.ts';
import { netMode } from './mode.ts';
import { type OddField, OddHeaders } from './odd-headers.ts';
import { offloadsOf } from './offload-registers.ts';
import { Receiver } from './receiver.ts';
import type { ReceivingCard } from './receiving-card.ts';
import type { QueueKind } from './registers/statistics.ts';
import { NET_FEATURE, virtio_net_config } from './registers.ts';
import { Steering } from './steering.ts';
import { Transmitter } from './transmitter.ts';

const F = NET_FEATURE;
const { DRIVER_OK } = DEVICE_STATUS.mask;

/** Without GUEST_CSUM, a driver cannot take the open sum of joined segments. */
const JOINING = (1 << F.GUEST_CSUM) | (1 << F.GUEST_TSO4);

export interface VirtioNetOptions {
  /** Six bytes. */
  readonly mac: Uint8Array;
  /** Queue pairs; MQ is offered from two on. */
  readonly pairs: number;
  /** Entries of each queue, a power of two. */
  readonly ringSize: number;
  readonly ringFeatures: readonly number[];
  /** Offer MRG_RXBUF. */
  readonly mergeable: boolean;
  /** Further features to offer, by their bits: that they are negotiated is all that comes of it. */
  readonly offer?: readonly number[];
  /** What the headers of every second frame that comes have, and no driver is to use. */
  readonly oddHeaders?: readonly OddField[];
  readonly manners?: Manners | undefined;
}

/**
 * The network device (virtio 1.4, Network Device), with what Compute Engine's has and is modelled here: checksum
 * offload both ways, segmentation of TCP over IPv4, coalescing of the same, multiqueue, control queue.
 */
export class VirtioNet extends VirtioDevice<NetEvents> implements NetPort, CommandedCard, ReceivingCard {
  readonly pairs: number;
  /** Told of each frame on the wire; `sent` is the guest's. The frame is valid only during the call. */
  onFrame: ((frame: Uint8Array, sent: boolean) => void) | null = null;
  readonly config: NetConfig;
  readonly asked = new CommandState();
  readonly odd: OddHeaders;
  private readonly transmitter: Transmitter;
  private readonly receiver: Receiver;
  private readonly control: ControlQueue;
  private readonly steering = new Steering();
  private backend: NetBackend | null = null;
  /** The pairs on which frames come in, and the one for those of no flow that is known. */
  private receiving: ReadonlySet<number> = firstPairs(1);
  private unclassified = 0;
  private sendingPair = 0;
  private busy = false;

  constructor(name: string, board: Board, options: VirtioNetOptions) {
    const { pairs, ringSize, mergeable, offer = [], oddHeaders = [], manners } = options;
    super(name, board, {
      virtioId: VIRTIO_ID.net,
      offered: [
        ...[
          F.CSUM,
          F.GUEST_CSUM,
          F.CTRL_GUEST_OFFLOADS,
          F.MAC,
          F.GUEST_TSO4,
          F.HOST_TSO4,
          F.STATUS,
          F.CTRL_VQ,
        ],
        ...(pairs > 1 ? [F.MQ] : []),
        ...(mergeable ? [F.MRG_RXBUF] : []),
        ...offer,
        ...options.ringFeatures,
      ],
      queueSizes: new Array<number>(pairs * 2 + 1).fill(ringSize),
      configBytes: netConfigBytes(offer),
      configFields: virtio_net_config,
      dependencies: NET_DEPENDENCY_BITS,
      manners,
    });
    const { endian } = this;
    this.pairs = pairs;
    this.config = new NetConfig(options.mac, pairs, endian, this.strangeTunnels());
    const mode = netMode(this.accepted, endian === 'le');
    const wire = { send: (frame: Uint8Array) => this.toWire(frame), goesAlong: this.goesAlong.bind(this) };
    this.transmitter = new Transmitter(board, mode, wire, this.budget);
    this.odd = new OddHeaders(oddHeaders);
    this.receiver = new Receiver(this, mode, this.budget, this.odd);
    this.control = new ControlQueue(this, this.budget);
  }

  get mac(): Uint8Array {
    return this.config.mac;
  }

  get linkUp(): boolean {
    return this.config.linkUp;
  }

  /** Frames that found no receive buffer and no place to wait. */
  get dropped(): number {
    return this.receiver.dropped;
  }

  override watchedBy(events: NetEvents | null): void {
    super.watchedBy(events);
    this.transmitter.events = this.receiver.events = this.control.events = events;
  }

  /** Plugs the cable into `backend`, or out of the one it was in. */
  plug(backend: NetBackend | null): void {
    this.backend?.attach(null);
    this.backend = backend;
    backend?.attach(this);
  }

  /** Raises or drops the link; the guest is told by a configuration interrupt if it took STATUS. */
  setLink(up: boolean): void {
    if (up === this.linkUp) return;
    this.config.linkUp = up;
    const told = this.configChanged(this.accepted.has(F.STATUS) && this.isLive);
    if (this.accepted.has(F.STATUS)) this.events?.linkChanged(told);
  }

  /** Asks the driver to tell its peers where it is, if it took GUEST_ANNOUNCE. */
  announce(): void {
    if (!this.accepted.has(F.GUEST_ANNOUNCE) || !this.isLive) return;
    this.config.announce = true;
    this.events?.announces(this.configChanged());
  }

  /** Mbit/s. The guest is told if it took SPEED_DUPLEX. */
  setSpeed(speed: number, fullDuplex: boolean): void {
    this.config.setSpeed(speed, fullDuplex ? 1 : 0);
    const told = this.configChanged(this.accepted.has(F.SPEED_DUPLEX) && this.isLive);
    if (this.accepted.has(F.SPEED_DUPLEX)) this.events?.speedChanged(told);
  }

  private get isLive(): boolean {
    return (this.status & DRIVER_OK) !== 0 || this.suspension.asleep;
  }

  /** From a backend. @throws MisuseError for what is no frame. */
  receive(frame: Uint8Array): void {
    checkBytes(`${this.name}.receive`, frame);
    this.receiveAll([frame]);
  }

  /** Frames that arrive together, so that those of a flow may be coalesced. */
  receiveAll(frames: readonly Uint8Array[]): void {
    for (const frame of frames) {
      if (!this.linkUp) continue;
      this.onFrame?.(frame, false);
      this.receiver.take(frame);
    }
    if (this.busy) return;
    this.budget.begin();
    this.place();
    if (this.receiver.isBehind) this.budget.postpone(0);
  }

  setPairs(pairs: number): boolean {
    if (pairs < 1 || pairs > this.pairs) return false;
    this.events?.pairsSet(this.controlIndex, pairs, this.missing(pairs));
    this.receiveOn(firstPairs(pairs), 0);
    return true;
  }

  steer(receive: ReadonlySet<number>, unclassified: number, transmit: number): void {
    this.receiveOn(receive, unclassified);
    this.events?.steered(receive, transmit);
  }

  get queueCount(): number {
    return this.queues.length;
  }

  kindOf(index: number): QueueKind | null {
    if (!this.queues[index]?.ready) return null;
    if (index === this.controlIndex) return 'control';
    return index & 1 ? 'transmit' : 'receive';
  }

  setOffloads(mask: number, high: number): boolean {
    const [low, upper] = offloadsOf(this.accepted);
    if ((high & ~upper) !== 0 || (mask & ~low) !== 0) return false;
    this.receiver.gro4 = (mask & JOINING) === JOINING;
    return true;
  }

  pairFor(frame: Uint8Array): number {
    const { receiving, unclassified } = this;
    const pair = receiving.size > 1 ? this.steering.pairFor(frame) : unclassified;
    return receiving.has(pair) ? pair : unclassified;
  }

  receiveQueue(pair: number): Virtqueue {
    return this.queues[pair * 2]!;
  }

  override readConfig(offset: number): number {
    return this.config.read(offset);
  }

  override writeConfig(offset: number, value: number): void {
    this.events?.configWritten(offset, value);
    this.config.write(offset, value, this.legacy);
  }

  protected override kicked(queue: Virtqueue): void {
    if (queue.index === this.controlIndex) this.control.serve(queue);
    else if ((queue.index & 1) === 1) this.transmit(queue);
    this.place();
  }

  override role(index: number): string {
    if (index === this.controlIndex) return 'control queue';
    return `${index & 1 ? 'transmit' : 'receive'} queue ${(index >> 1) + 1}`;
  }

  protected override negotiated(): void {
    this.transmitter.mode = this.receiver.mode = netMode(this.accepted, this.endian === 'le');
    this.receiver.gro4 = (this.accepted.words[0]! & JOINING) === JOINING;
    this.odd.negotiated(this.accepted);
  }

  protected override restart(): void {
    this.config.restart();
    this.asked.reset();
    this.receiving = firstPairs(1);
    this.unclassified = 0;
    this.receiver.reset();
    this.steering.reset();
  }

  /** Without MQ and RSS the control queue is the third, whatever the device has. */
  private get controlIndex(): number {
    return this.accepted.has(F.MQ) || this.accepted.has(F.RSS) ? this.pairs * 2 : 2;
  }

  /** A tunnel that nothing describes is to be passed over as a feature is. */
  private strangeTunnels(): number {
    const { board, manners, offers } = this;
    if (!manners.reservedFeatures || !offers.possible.includes(F.HASH_TUNNEL)) return 0;
    return UNDESCRIBED_TUNNELS[board.random.below(UNDESCRIBED_TUNNELS.length)]!;
  }

  private receiveOn(pairs: ReadonlySet<number>, unclassified: number): void {
    this.receiving = pairs;
    this.unclassified = unclassified;
    this.receiver.settle();
  }

  /** The first queue of the first `pairs` pairs that is not set up; -1 if all are. */
  private missing(pairs: number): number {
    return this.queues.findIndex((queue, index) => index < pairs * 2 && !queue.ready);
  }

  private transmit(queue: Virtqueue): void {
    this.sendingPair = queue.index >> 1;
    this.busy = true;
    this.transmitter.serve(queue);
    this.busy = false;
  }

  private toWire(frame: Uint8Array): void {
    if (!this.linkUp) return;
    if (this.receiving.size > 1) this.steering.sent(frame, this.sendingPair);
    this.onFrame?.(frame, true);
    this.backend?.send(frame);
  }

  private place(): void {
    if (!this.canReachMemory) return;
    this.receiver.place();
  }
}

function firstPairs(count: number): ReadonlySet<number> {
  return new Set(Array.from({ length: count }, (_, pair) => pair));
}
