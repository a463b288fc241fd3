import { NET_FEATURE, NET_STATUS, virtio_net_config } from '../../../virtio/net/registers.ts';
import type { VirtioDriver } from '../../virtio/virtio-driver.ts';

const { GUEST_ANNOUNCE, SPEED_DUPLEX, STATUS } = NET_FEATURE;
const CONFIG = virtio_net_config.offset;

/** A link's speed in Mbit/s, and duplex: 0 half, 1 full, 0xff unknown. */
export interface LinkSpeed {
  readonly speed: number;
  readonly duplex: number;
}

/** Handles changes of a card's configuration. An interrupt handler only records that there was one. */
export class CardChanges {
  /** As last read; null without SPEED_DUPLEX. */
  speed: LinkSpeed | null = null;
  private readonly device: VirtioDriver;
  private readonly announces: boolean;
  private readonly hasSpeed: boolean;
  private pending = true;

  /** Before the device is ready. */
  constructor(device: VirtioDriver) {
    this.device = device;
    this.announces = device.features.has(GUEST_ANNOUNCE) && device.features.has(STATUS);
    this.hasSpeed = device.features.has(SPEED_DUPLEX);
    if (this.announces || this.hasSpeed)
      device.onConfigChange(() => {
        this.pending = true;
      });
  }

  /** Without STATUS a link is always up. */
  get linkUp(): boolean {
    if (!this.device.features.has(STATUS)) return true;
    return (this.device.transport.readConfig(CONFIG.status, 2) & NET_STATUS.mask.LINK_UP) !== 0;
  }

  /** Reads status, speed and duplex again; true if the card asks for an announcement. */
  follow(): boolean {
    const { device, announces, hasSpeed } = this;
    // A polling driver gets no notification, and always reads.
    if (!(announces || hasSpeed) || (!this.pending && device.mode !== 'polled')) return false;
    this.pending = false;
    const { transport } = device;
    if (hasSpeed)
      this.speed = {
        speed: transport.readConfig(CONFIG.speed, 4),
        duplex: transport.readConfig(CONFIG.duplex, 1),
      };
    const status = device.features.has(STATUS)
      ? transport.readConfig(CONFIG.status, 2)
      : NET_STATUS.mask.LINK_UP;
    return announces && (status & NET_STATUS.mask.ANNOUNCE) !== 0;
  }
}

const BROADCAST = 'ff:ff:ff:ff:ff:ff';
/** RARP, by which hosts without an IP address announce themselves to switches. */
const ETHERTYPE = [0x80, 0x35];
/** Ethernet and IPv4, lengths of their addresses, reverse request. */
const RARP = [0, 1, 8, 0, 6, 4, 0, 3];
const LEAST = 60;

/** A broadcast frame that only announces `mac`. */
export function announcementOf(mac: string): Uint8Array {
  const address = bytesOf(mac);
  const nobody = [0, 0, 0, 0];
  const frame = new Uint8Array(LEAST);
  frame.set([
    ...bytesOf(BROADCAST),
    ...address,
    ...ETHERTYPE,
    ...RARP,
    ...address,
    ...nobody,
    ...address,
    ...nobody,
  ]);
  return frame;
}

function bytesOf(mac: string): number[] {
  return mac.split(':').map((byte) => Number.parseInt(byte, 16));
}
