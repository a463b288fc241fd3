import type { Board } from '../../core/board.ts';
import type { NetBackend, NetPort } from '../../net/backends/index.ts';
import { VirtioDevice } from '../device.ts';
import type { Manners } from '../manners.ts';
import type { Virtqueue } from '../queue/virtqueue.ts';
import { FEATURE, VIRTIO_ID } from '../registers.ts';
import { ControlQueue, type NetControl } from './control.ts';
import { Receiver } from './receiver.ts';
import * as reg from './registers.ts';
import { Steering } from './steering.ts';
import { Transmitter } from './transmitter.ts';

const F = reg.NET_FEATURE;
const { LINK_UP } = reg.NET_STATUS.mask;
const { mac, status, mtu } = reg.virtio_net_config.offset;
/** The features that guest offloads switch, and no others. */
const GUEST_OFFLOADS = [F.GUEST_CSUM, F.GUEST_TSO4];

const DEPENDENCIES = Object.entries(reg.NET_DEPENDENCIES).map(([name, needs]) => ({
  bit: F[name as keyof typeof reg.NET_DEPENDENCIES],
  needs: needs.map((need) => F[need]),
}));

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
  readonly manners?: Manners | undefined;
}

/**
 * The network device (virtio 1.4, Network Device), with what Compute Engine's has and is modelled here: checksum
 * offload both ways, segmentation of TCP over IPv4, coalescing of the same, multiqueue, control queue.
 */
export class VirtioNet extends VirtioDevice implements NetPort, NetControl {
  readonly pairs: number;
  /** Told of each frame on the wire; `sent` is the guest's. The frame is valid only during the call. */
  onFrame: ((frame: Uint8Array, sent: boolean) => void) | null = null;
  private readonly config = new Uint8Array(mtu);
  private readonly initialConfig: Uint8Array;
  /** Where the byte with LINK_UP lies. */
  private readonly statusAt: number;
  private readonly transmitter: Transmitter;
  private readonly receiver: Receiver;
  private readonly control: ControlQueue;
  private readonly steering = new Steering();
  private backend: NetBackend | null = null;
  private activePairs = 1;
  private sendingPair = 0;
  private busy = false;

  constructor(name: string, board: Board, options: VirtioNetOptions) {
    const { pairs, ringSize, mergeable, manners } = options;
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
        ...options.ringFeatures,
      ],
      queueSizes: new Array<number>(pairs * 2 + 1).fill(ringSize),
      configBytes: mtu,
      configFields: reg.virtio_net_config,
      dependencies: DEPENDENCIES,
      manners,
    });
    const { endian } = this;
    this.pairs = pairs;
    const fields = { mac: options.mac, status: LINK_UP, max_virtqueue_pairs: pairs };
    this.config.set(reg.virtio_net_config.in(endian).encode(fields).subarray(0, mtu));
    this.statusAt = endian === 'le' ? status : status + 1;
    this.initialConfig = this.config.slice();
    this.transmitter = new Transmitter(board, { send: (frame) => this.toWire(frame) });
    this.receiver = new Receiver(board.journal);
    this.control = new ControlQueue(board.journal, this);
  }

  get mac(): Uint8Array {
    return this.config.slice(mac, mac + 6);
  }

  get linkUp(): boolean {
    return (this.config[this.statusAt]! & LINK_UP) !== 0;
  }

  /** Frames that found no receive buffer and no place to wait. */
  get dropped(): number {
    return this.receiver.dropped;
  }

  get anyLayout(): boolean {
    return this.accepted.has(FEATURE.ANY_LAYOUT) || this.accepted.has(FEATURE.VERSION_1);
  }

  get takesPairs(): boolean {
    return this.accepted.has(F.MQ);
  }

  get takesOffloads(): boolean {
    return this.accepted.has(F.CTRL_GUEST_OFFLOADS);
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
    this.config[this.statusAt] = up ? LINK_UP : 0;
    this.configChanged(this.accepted.has(F.STATUS));
  }

  receive(frame: Uint8Array): void {
    this.receiveAll([frame]);
  }

  /** Frames that arrive together, so that those of a flow may be coalesced. */
  receiveAll(frames: readonly Uint8Array[]): void {
    for (const frame of frames) {
      if (!this.linkUp) continue;
      this.onFrame?.(frame, false);
      this.receiver.take(frame);
    }
    if (!this.busy) this.place();
  }

  setPairs(pairs: number): boolean {
    if (pairs < 1 || pairs > this.pairs) return false;
    const { journal } = this.board;
    journal.met('virtio/NET-MQ-D1');
    const missing = this.queues.findIndex((queue, index) => index < pairs * 2 && !queue.ready);
    if (missing >= 0)
      journal.report(
        'virtio/NET-MQ-D1',
        this.subject,
        `${pairs} pairs were enabled, but queue ${missing} is not set up`,
      );
    this.activePairs = pairs;
    return true;
  }

  setOffloads(mask: bigint): boolean {
    const allowed = GUEST_OFFLOADS.filter((bit) => this.accepted.has(bit)).reduce(
      (sum, bit) => sum | (1n << BigInt(bit)),
      0n,
    );
    if ((mask & ~allowed) !== 0n) return false;
    this.receiver.mode.gro4 = (mask & (1n << BigInt(F.GUEST_TSO4))) !== 0n;
    return true;
  }

  override readConfig(offset: number): number {
    return this.config[offset]!;
  }

  /** A legacy driver may set the MAC address here; the rest is read-only. */
  override writeConfig(offset: number, value: number): void {
    const { journal } = this.board;
    if (this.legacy && offset < status) {
      this.config[offset] = value;
      return;
    }
    journal.report(
      'virtio/NET-CFG-D1',
      this.subject,
      `byte ${offset} of the configuration was written with ${value}`,
    );
  }

  protected override kicked(queue: Virtqueue): void {
    if (queue.index === this.controlIndex) this.control.serve(queue, this.queueName(queue.index));
    else if ((queue.index & 1) === 1) this.transmit(queue);
    this.place();
  }

  override role(index: number): string {
    if (index === this.controlIndex) return 'control queue';
    return `${index & 1 ? 'transmit' : 'receive'} queue ${(index >> 1) + 1}`;
  }

  protected override negotiated(): void {
    const mergeable = this.accepted.has(F.MRG_RXBUF);
    const long = mergeable || this.accepted.has(FEATURE.VERSION_1);
    const headerSize = long ? reg.NET_HDR_SIZE.mergeable : reg.NET_HDR_SIZE.legacy;
    const { anyLayout } = this;
    const little = this.endian === 'le';
    Object.assign(this.transmitter.mode, {
      little,
      headerSize,
      anyLayout,
      csum: this.accepted.has(F.CSUM),
      tso4: this.accepted.has(F.HOST_TSO4),
    });
    const gro4 = this.accepted.has(F.GUEST_TSO4);
    Object.assign(this.receiver.mode, { little, headerSize, mergeable, anyLayout, largeBuffers: gro4, gro4 });
  }

  protected override restart(): void {
    const up = this.linkUp;
    this.config.set(this.initialConfig);
    if (!up) this.config[this.statusAt] = 0;
    this.activePairs = 1;
    this.receiver.reset();
    this.steering.reset();
  }

  /** Without MQ the control queue is the third, whatever the device has. */
  private get controlIndex(): number {
    return this.accepted.has(F.MQ) ? this.pairs * 2 : 2;
  }

  private transmit(queue: Virtqueue): void {
    const { journal } = this.board;
    this.sendingPair = queue.index >> 1;
    journal.met('virtio/NET-MQ-D3');
    if (this.sendingPair >= this.activePairs)
      journal.report(
        'virtio/NET-MQ-D3',
        this.subject,
        `${this.role(queue.index)} was used; ${this.activePairs} pairs are enabled`,
      );
    this.busy = true;
    this.transmitter.serve(queue, this.queueName(queue.index));
    this.busy = false;
  }

  private toWire(frame: Uint8Array): void {
    if (!this.linkUp) return;
    if (this.activePairs > 1) this.steering.sent(frame, this.sendingPair);
    this.onFrame?.(frame, true);
    this.backend?.send(frame);
  }

  private place(): void {
    if (!this.canReachMemory) return;
    this.receiver.place(this.chooseQueue, this.nameOf);
  }

  private readonly chooseQueue = (frame: Uint8Array): Virtqueue => {
    const pair = this.activePairs > 1 ? this.steering.pairFor(frame) : 0;
    return this.queues[(pair < this.activePairs ? pair : 0) * 2]!;
  };

  private readonly nameOf = (queue: Virtqueue): string => this.queueName(queue.index);
}
