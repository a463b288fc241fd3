import type { MachineOptions } from '../../../src/index.ts';
import { makeFrame } from '../../../src/net/frame/make.ts';
import { NET_FEATURE, NET_HDR_SIZE, virtio_net_hdr } from '../../../src/virtio/net/registers.ts';
import { FEATURE } from '../../../src/virtio/registers.ts';
import type { BareDevice } from './bare-device.ts';
import { onDevice, type Play } from './play.ts';
import type { Buffer, SplitRing } from './split-ring.ts';

export const RECEIVE = 0;
export const SEND = 1;
const PACKET = 2048;

export type Feature = keyof typeof NET_FEATURE;
export type Header = Partial<Record<keyof typeof virtio_net_hdr.offset, number>>;

/** What is accepted beside MAC, what a card offers for it, and how many pairs of queues it has. */
export interface Setting {
  readonly features?: readonly Feature[];
  readonly offer?: readonly Feature[];
  readonly pairs?: number;
  /** What rings may do beside. */
  readonly ring?: 'INDIRECT_DESC' | 'RING_RESET';
  /** Frames that are sent come back, and there is nothing to receive them yet. */
  readonly hungry?: boolean;
}

type Act = (rings: readonly SplitRing[], device: BareDevice) => void;

/** With a card that works, all its queues set up, and something in each that receives. */
export function onNic(
  act: Act,
  { features = [], offer = [], pairs = 1, ring, hungry = false }: Setting = {},
): Play {
  const bits = ['MAC' as const, ...features].map((name) => NET_FEATURE[name]);
  const count = 2 * pairs + (features.includes('CTRL_VQ') ? 1 : 0);
  const options: MachineOptions = {
    nics: [{ queues: pairs, offer: [...offer], backend: hungry ? 'loopback' : 'none' }],
    ...(ring !== undefined && { ringFeatures: [ring] }),
  };
  const use = (device: BareDevice) => {
    const rings = device.live(
      Array.from({ length: count }, (_, i) => i),
      ...bits,
      ...(ring === undefined ? [] : [FEATURE[ring]]),
    );
    if (!hungry) for (let pair = 0; pair < pairs; pair++) rings[2 * pair]!.post(room(device));
    act(rings, device);
  };
  return onDevice('net', use, options);
}

export function room(device: BareDevice, length = PACKET): Buffer {
  return { address: device.room(length), length, write: true };
}

export function readable(device: BareDevice, bytes: Uint8Array | readonly number[]): Buffer {
  return { address: device.bytes(...bytes), length: bytes.length };
}

export function headerOf(device: BareDevice, fields: Header = {}): Buffer {
  const bytes = new Uint8Array(NET_HDR_SIZE.mergeable);
  virtio_net_hdr.encode(fields, bytes, 0);
  return readable(device, bytes);
}

interface Sent extends Setting {
  readonly frame?: Uint8Array;
  readonly queue?: number;
}

/** One frame behind such a header. */
export function sends(header: Header, { frame = makeFrame(), queue = SEND, ...setting }: Sent = {}): Play {
  return onNic(
    (rings, device) => rings[queue]!.send(headerOf(device, header), readable(device, frame)),
    setting,
  );
}
