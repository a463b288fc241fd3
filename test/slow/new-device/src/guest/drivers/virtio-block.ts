import type { Gpa } from '../../core/bits.ts';
import type { Driver } from '../../core/driver.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import { SECTOR, VIRTIO_BLK_T, virtio_blk_config, virtio_blk_req } from '../../virtio/block/registers.ts';
import { ExchangeQueue } from '../virtio/exchange-queue.ts';
import { acceptable, TRANSPORT_FEATURES } from '../virtio/features.ts';
import { isVirtio } from '../virtio/identity.ts';
import { VirtioDriver, type VirtioUse } from '../virtio/virtio-driver.ts';

const REQUESTQ = 0;
const HEADER = virtio_blk_req.size;

/** A block device in use: one request at a time. */
export class BlockDriver {
  private readonly port: GuestPort;
  private readonly bdf: number;
  private readonly use: VirtioUse;
  private readonly buffer: Gpa;
  private device!: VirtioDriver;
  private queue!: ExchangeQueue;

  constructor(port: GuestPort, bdf: number, use: VirtioUse = {}) {
    this.port = port;
    this.bdf = bdf;
    this.use = use;
    this.buffer = port.allocate(HEADER + SECTOR + 1, 16);
    this.resume();
  }

  /** In sectors. */
  get capacity(): number {
    const { size, decode } = virtio_blk_config;
    return Number(decode(this.device.transport.readConfigBytes(0, size)).capacity);
  }

  /** The bytes of a sector, and the device's status. */
  read(sector: number): { status: number; bytes: Uint8Array } {
    const status = this.request(VIRTIO_BLK_T.IN, sector, [], [this.data, this.status]);
    const bytes = new Uint8Array(SECTOR);
    this.port.memory.read(this.data.address, bytes);
    return { status, bytes };
  }

  /** Returns the device's status. */
  write(sector: number, bytes: Uint8Array): number {
    this.port.memory.write(this.data.address, bytes);
    return this.request(VIRTIO_BLK_T.OUT, sector, [this.data], [this.status]);
  }

  suspend(): void {
    this.device.close();
  }

  resume(): void {
    this.device = new VirtioDriver(this.port, this.bdf, 'virtio-blk', this.use);
    this.device.negotiate((offered) => acceptable(offered, TRANSPORT_FEATURES));
    this.queue = new ExchangeQueue(this.device, REQUESTQ);
    this.device.ready();
  }

  close(): void {
    this.device.close();
    this.port.release(this.buffer);
  }

  private get data() {
    return { address: this.buffer + HEADER, length: SECTOR };
  }

  private get status() {
    return { address: this.buffer + HEADER + SECTOR, length: 1 };
  }

  private request(
    type: number,
    sector: number,
    out: { address: Gpa; length: number }[],
    into: { address: Gpa; length: number }[],
  ): number {
    this.port.memory.write(this.buffer, virtio_blk_req.encode({ type, sector: BigInt(sector) }));
    const header = { address: this.buffer, length: HEADER };
    this.queue.exchange([header, ...out], into, 'a request is not answered');
    return this.port.memory.load(this.status.address, 1);
  }
}

/** The driver of the virtio block device. */
export function virtioBlock(use: VirtioUse = {}): Driver<BlockDriver> {
  return {
    name: 'virtio-blk',
    matches: (id) => isVirtio(id, 'block'),
    attach: (port, bdf) => new BlockDriver(port, bdf, use),
  };
}
