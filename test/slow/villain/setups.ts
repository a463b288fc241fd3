import type { Register } from '../../../src/core/register.ts';
import { NET_FEATURE } from '../../../src/virtio/net/registers.ts';
import { DEVICE_STATUS, FEATURE, PVIRTQ_DESC_F, VIRTQ_DESC_F } from '../../../src/virtio/registers.ts';
import * as reg from '../../../src/virtio/transport/modern/registers.ts';
import type { BareDevice } from './bare-device.ts';
import { headerOf, onNic, RECEIVE, readable, SEND } from './bare-nic.ts';
import { PCI_PLAYS } from './pci.ts';
import { BYTES, onDevice, onRing, type Play, RAM } from './play.ts';
import { answer, chained, head, TEST_UNIT_READY } from './scsi.ts';
import { SPLIT_PLAYS } from './split.ts';
import type { Buffer, SplitRing } from './split-ring.ts';
import { STATE_PLAYS } from './state.ts';

const { DRIVER_OK } = DEVICE_STATUS.mask;
const { WRITE, NEXT } = VIRTQ_DESC_F;
const { AVAIL } = PVIRTQ_DESC_F;
const BEYOND = 0xe000_0000;
/** The registers of another device. */
const OTHER = 0xfe80_1000;
const END = 2 ** 64 - 4096;
/** From the last bytes of RAM over all that is none to where it may go on, at 4 GiB. */
const HOLE = [RAM - 32, 2 ** 32 - RAM + 64] as const;

const buffer = (device: BareDevice): Buffer => ({ address: device.room(BYTES), length: BYTES, write: true });
/** A queue, laid out and then changed before it is enabled. */
const laid = (change: (device: BareDevice, ring: SplitRing) => void, ...features: readonly number[]): Play =>
  onDevice(
    'rng',
    (device) => {
      device.begin();
      device.negotiate(...features);
      const ring = device.lay(0);
      change(device, ring);
      device.put(reg.queue_enable, 1);
      device.raise(DRIVER_OK);
      device.kick(0);
    },
    features.length > 0 ? { ringFeatures: ['RING_PACKED'] } : {},
  );
/** One of its areas, so many bytes further. */
const moved = (register: Register, area: 'desc' | 'driver' | 'device', by: number): Play =>
  laid((device, ring) => device.put(register, ring[area] + by));
const lost = (low: Register, high: Register): Play => laid((device) => device.address(low, high, BEYOND));
const chain = (address: number, length: number, flags: number = WRITE): Play =>
  onRing({
    act: (ring) => {
      ring.put(0, { address, length }, flags, 0);
      ring.offer(0, 0);
      ring.kick();
    },
  });
const packed = (address: number, length: number): Play =>
  onRing({
    features: ['RING_PACKED'],
    act: (ring) => {
      ring.put(0, { address, length }, 0, WRITE | AVAIL);
      ring.kick();
    },
  });
/** A driver that tells where it goes on. */
const tells = (
  kick: (device: BareDevice) => void,
  ...features: ('RING_PACKED' | 'NOTIFICATION_DATA')[]
): Play =>
  onDevice(
    'net',
    (device) => {
      const [ring] = device.live([RECEIVE], NET_FEATURE.MAC, ...features.map((name) => FEATURE[name]));
      ring.offer(ring.chain(buffer(device)));
      kick(device);
    },
    { ringFeatures: features },
  );
/** An address that nothing maps, with ACCESS_PLATFORM. */
const unmapped = (...features: ('RING_PACKED' | 'ACCESS_PLATFORM')[]): Play =>
  onRing({
    features,
    act: (ring) => {
      const isPacked = features.includes('RING_PACKED');
      const nowhere = { address: BEYOND, length: BYTES };
      ring.put(0, nowhere, isPacked ? 0 : WRITE, isPacked ? WRITE | AVAIL : 0);
      if (!isPacked) ring.offer(0, 0);
      ring.kick();
    },
  });
/** Something to receive into that lies in the ring of what is sent. */
const inOther = (area: 'driver' | 'device'): Play =>
  onNic(
    (rings, device) => {
      rings[RECEIVE]!.post({ address: rings[SEND]![area], length: 4, write: true });
      rings[SEND]!.send(headerOf(device), readable(device, new Uint8Array(60)));
    },
    { hungry: true },
  );
/** A request in a packed ring. */
const packedRequest = (request: (device: BareDevice) => readonly Buffer[]): Play =>
  onDevice(
    'scsi',
    (device) => {
      const ring = device.live([0, 1, 2], FEATURE.RING_PACKED)[2];
      const buffers = request(device);
      for (const [slot, one] of [...buffers.entries()].reverse()) {
        const more = slot + 1 < buffers.length ? NEXT : 0;
        ring.put(slot, one, 0, (one.write ? WRITE : 0) | more | AVAIL);
      }
      ring.kick();
    },
    { ringFeatures: ['RING_PACKED'] },
  );
const unwritable = (device: BareDevice): Buffer[] => [
  head(device, TEST_UNIT_READY),
  { ...answer(device), write: false },
];
const all = (device: BareDevice): Buffer[] => [
  { ...head(device, TEST_UNIT_READY), write: true },
  answer(device),
];
const alone = (device: BareDevice): Buffer[] => [head(device, TEST_UNIT_READY)];

/** How those tests of rings are played that take more than the ring of an entropy device. */
export const SETUPS_PLAYS: Readonly<Record<string, Play>> = {
  T0010: chained(all),
  T0011: chained(unwritable),
  T0012: chained(unwritable),
  T0013: chained(alone),
  T0014: chained(alone),
  T0030: onDevice('rng', (device) => {
    device.begin();
    device.negotiate();
    device.queue(0);
    device.kick(0);
  }),
  T0031: onDevice('rng', (device) => {
    device.live([0]);
    device.reset();
    device.kick(0);
  }),
  T0032: onDevice('rng', (device) => {
    device.begin();
    device.negotiate();
    device.kick(0);
  }),
  T0034: STATE_PLAYS['S0018']!,
  T0035: onDevice('rng', (device) => {
    device.live([0]);
    device.raise(DEVICE_STATUS.mask.FAILED);
    device.kick(0);
  }),
  T0036: STATE_PLAYS['S0086']!,
  T0037: STATE_PLAYS['S0025']!,
  T0038: onRing(SPLIT_PLAYS['T0015']!),
  T0039: STATE_PLAYS['S0082']!,
  T0040: STATE_PLAYS['S0090']!,
  T0041: PCI_PLAYS['PCI0002']!,
  T0042: PCI_PLAYS['PCI0001']!,
  T0043: laid((device) => device.put(reg.queue_size, 0x8000)),
  T0044: moved(reg.queue_desc, 'desc', 1),
  T0045: moved(reg.queue_driver, 'driver', 1),
  T0046: moved(reg.queue_device, 'device', 2),
  T0047: laid((device, ring) => device.put(reg.queue_driver, ring.desc)),
  T0048: lost(reg.queue_desc, reg.queue_desc_high),
  T0049: PCI_PLAYS['PCI0003']!,
  T0079: unmapped('ACCESS_PLATFORM'),
  T0086: moved(reg.queue_desc, 'desc', 8),
  T0090: chain(...HOLE),
  T0095: PCI_PLAYS['PCI0054']!,
  T0101: tells((device) => device.kick(RECEIVE, 0x1_0000 + 1, 4), 'NOTIFICATION_DATA'),
  T0102: tells((device) => device.kick(RECEIVE, 0, 4), 'NOTIFICATION_DATA'),
  T0103: tells((device) => device.kick(SEND, SEND, 4), 'NOTIFICATION_DATA'),
  T0104: chain(0x10_0000, BYTES, WRITE | 0x10),
  T0106: inOther('driver'),
  T0107: inOther('device'),
  T0125: chain(OTHER, BYTES),
  T0127: onRing({
    act: (ring) => {
      ring.put(0, { address: END, length: 8192 }, WRITE | NEXT, 1);
      ring.put(1, { address: 0, length: 4096 }, WRITE, 0);
      ring.offer(0, 0);
      ring.kick();
    },
  }),
  P0009: laid((device, ring) => device.put(reg.queue_desc, ring.desc + 8), FEATURE.RING_PACKED),
  P0017: tells((device) => device.kick(RECEIVE, 0, 4), 'RING_PACKED', 'NOTIFICATION_DATA'),
  P0064: onDevice(
    'net',
    (device) => {
      const [receive, send] = device.live([RECEIVE, SEND], NET_FEATURE.MAC, FEATURE.RING_PACKED);
      receive.put(0, { address: send.desc, length: BYTES }, 0, WRITE | AVAIL);
      receive.kick();
      send.put(1, readable(device, new Uint8Array(60)), 0, AVAIL);
      send.put(0, headerOf(device), 0, NEXT | AVAIL);
      send.kick();
    },
    { ringFeatures: ['RING_PACKED'], nics: [{ backend: 'loopback' }] },
  ),
  P0068: packed(OTHER, BYTES),
  P0074: unmapped('RING_PACKED', 'ACCESS_PLATFORM'),
  P0077: packedRequest(alone),
  P0078: packed(...HOLE),
  P0079: packedRequest(unwritable),
  P0081: packedRequest(all),
};
