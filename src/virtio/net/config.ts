import type { Endian } from '../../core/struct.ts';
import { NET_STATUS, virtio_net_config } from './registers.ts';

const { LINK_UP } = NET_STATUS.mask;
const { mac, status, mtu } = virtio_net_config.offset;

/** The device configuration (virtio 1.4, Device configuration layout), as far as the features of this card go. */
export class NetConfig {
  static readonly size = mtu;
  private readonly bytes: Uint8Array;
  private readonly initial: Uint8Array;
  /** Where the byte with LINK_UP lies. */
  private readonly statusAt: number;

  constructor(address: Uint8Array, pairs: number, endian: Endian) {
    const fields = { mac: address, status: LINK_UP, max_virtqueue_pairs: pairs };
    this.bytes = virtio_net_config.in(endian).encode(fields).slice(0, mtu);
    this.initial = this.bytes.slice();
    this.statusAt = endian === 'le' ? status : status + 1;
  }

  get mac(): Uint8Array {
    return this.bytes.slice(mac, status);
  }

  get linkUp(): boolean {
    return (this.bytes[this.statusAt]! & LINK_UP) !== 0;
  }

  set linkUp(up: boolean) {
    this.bytes[this.statusAt] = up ? LINK_UP : 0;
  }

  read(offset: number): number {
    return this.bytes[offset]!;
  }

  /** A legacy driver may set the MAC address here; the rest is read-only. */
  write(offset: number, value: number, legacy: boolean): void {
    if (legacy && offset < status) this.bytes[offset] = value;
  }

  /** As it was, but for the link: a cable that is out stays out. */
  restart(): void {
    const { linkUp } = this;
    this.bytes.set(this.initial);
    this.linkUp = linkUp;
  }
}
