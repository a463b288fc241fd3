import type { GuestPort } from '../../core/guest-port.ts';
import { type Nic, type NicOptions, virtioNet } from '../../guest/index.ts';
import { gceN1 } from '../../machine/gce-n1.ts';
import { NET_CTRL, NET_FEATURE, virtio_net_config } from '../../virtio/net/registers.ts';
import {
  DEVICE_STATUS,
  LEGACY_CONFIG,
  QUEUE_ADDRESS,
  QUEUE_SELECT,
  VIRTQ_DESC_F,
} from '../../virtio/registers.ts';
import { FRAME } from '../reference.ts';
import { headerAddress, rewriteHeader } from './behind.ts';
import { rewriteDescriptors, type StoredDescriptor } from './behind-descriptors.ts';
import { type BrokenDriver, breaking } from './broken-driver.ts';
import { BROKEN_TRANSMITTERS } from './net-transmit.ts';

const { WRITE } = VIRTQ_DESC_F;
const { GUEST_CSUM, GUEST_UFO } = NET_FEATURE;
const RECEIVE = 0;
/** Of a card with one pair of queues, and with two. */
const CONTROL = 2;
const CONTROL_OF_TWO = 4;
const SECOND_TRANSMIT = 3;
/** On a ring of 4096, no driver here comes that far. */
const SPARE = 4095;

const post = (nic: Nic) => nic.post(FRAME);
const loopback = () => gceN1({ nics: [{ backend: 'loopback' }] });
const twoPairs = () => gceN1({ vcpus: 2 });

type Change = (descriptor: StoredDescriptor, port: GuestPort) => void;

/** A driver whose descriptors in one queue are changed. */
const broken =
  (use: (nic: Nic) => void, queue: number, machine: BrokenDriver['machine'], options: NicOptions = {}) =>
  (name: string, clause: BrokenDriver['clause'], change: Change): BrokenDriver => ({
    ...breaking(virtioNet({ interrupts: 'polled', ...options }), use)(name, clause, (port) =>
      rewriteDescriptors(port, (descriptor) => {
        if (descriptor.queue === queue) change(descriptor, port);
      }),
    ),
    ...(machine !== undefined && { machine }),
  });

/** Sends GUEST_OFFLOADS_SET: class and command, eight bytes of data, a byte for the ack. */
const offloads = broken((nic) => nic.setOffloads(1 << GUEST_CSUM), CONTROL, loopback);
const pairs = broken((nic) => nic.setPairs(2), CONTROL_OF_TWO, twoPairs);

/** Class and command lie in the first descriptor of a command, its data in the second. */
const inHead = (change: (head: StoredDescriptor) => void) => (descriptor: StoredDescriptor) => {
  if (descriptor.position === 0) change(descriptor);
};
const inData = (change: (data: StoredDescriptor) => void) => (descriptor: StoredDescriptor) => {
  if (descriptor.position === 1) change(descriptor);
};

const RECEIVERS: readonly BrokenDriver[] = [
  broken(post, RECEIVE, loopback)(
    'receives large frames into a page',
    'virtio/NET-RXB-D1',
    inData((data) => {
      data.length = 4096;
    }),
  ),
  broken(post, RECEIVE, loopback, { features: ['MAC'] })(
    'receives into buffers of 1000 bytes',
    'virtio/NET-RXB-D2',
    inData((data) => {
      data.length = 1000;
    }),
  ),
  broken(post, RECEIVE, () => gceN1({ virtio: 'modern', nics: [{ backend: 'loopback', mergeable: true }] }))(
    'receives into buffers shorter than a header',
    'virtio/NET-RXB-D3',
    inHead((buffer) => {
      buffer.length = 8;
    }),
  ),
];

/** The first byte of the data goes with class and command. */
function joinHead(): Change {
  let head: StoredDescriptor | null = null;
  return (descriptor, port) => {
    if (descriptor.position === 0) head = descriptor;
    if (descriptor.position !== 1 || head === null) return;
    const joined = port.allocate(3, 1);
    const bytes = new Uint8Array(3);
    port.memory.read(head.address, bytes.subarray(0, 2));
    port.memory.read(descriptor.address, bytes.subarray(2));
    port.memory.write(joined, bytes);
    head.address = joined;
    head.length = 3;
    descriptor.address += 1;
    descriptor.length -= 1;
  };
}

const COMMANDS: readonly BrokenDriver[] = [
  offloads('joins a command with its data', 'virtio/NET-FRAME-LEG-D2', joinHead()),
  offloads(
    'cuts the data of a command',
    'virtio/NET-FRAME-LEG-D3',
    inData((data) => data.split(4, SPARE)),
  ),
  offloads('leaves four bytes for the ack', 'virtio/NET-FRAME-LEG-D7', (descriptor) => {
    if (descriptor.flags & WRITE) descriptor.length = 4;
  }),
  offloads(
    'sends a mask of 32 bits',
    'virtio/NET-IMP-3',
    inData((data) => {
      data.length = 4;
    }),
  ),
  offloads(
    'sends a command that nobody knows',
    'virtio/NET-IMP-5',
    inHead((head) => head.put(0, 9, 1)),
  ),
  offloads(
    'asks for the promiscuous mode without CTRL_RX',
    'virtio/NET-RXMODE-D1',
    inHead((head) => head.put(0, NET_CTRL.RX.class, 1)),
  ),
  offloads(
    'sets a MAC filter without CTRL_RX',
    'virtio/NET-MAC-D1',
    inHead((head) => head.put(0, NET_CTRL.MAC.class, 1)),
  ),
  offloads(
    'switches an offload that it did not negotiate',
    'virtio/NET-OFFL-D1',
    inData((data) => data.put(0, 1 << GUEST_UFO, 2)),
  ),
  pairs(
    'asks for no pair of queues',
    'virtio/NET-MQ-D2',
    inData((data) => data.put(0, 0, 2)),
  ),
];

/** Asks for one pair where it means two, and uses both. */
const usesPairsEarly: BrokenDriver = broken(
  (nic) => {
    nic.setPairs(2);
    nic.post(FRAME, 1);
  },
  CONTROL_OF_TWO,
  twoPairs,
)(
  'sends on a pair that is not enabled',
  'virtio/NET-MQ-D3',
  inData((data) => data.put(0, 1, 2)),
);

/** Gives the second transmit queue no memory. */
const forgetsQueue: BrokenDriver = {
  ...breaking(virtioNet({ interrupts: 'polled' }), (nic) => nic.setPairs(2))(
    'enables pairs before their queues are set up',
    'virtio/NET-MQ-D1',
    (port, bdf) => {
      let selected = 0;
      const select = rewriteHeader(port, bdf, QUEUE_SELECT, (value) => {
        selected = value;
        return value;
      });
      return rewriteHeader(select, bdf, QUEUE_ADDRESS, (value) =>
        selected === SECOND_TRANSMIT ? null : value,
      );
    },
  ),
  machine: twoPairs,
};

/** Thinks that a change of the link is to be confirmed. */
const storesStatus: BrokenDriver = breaking(virtioNet({ interrupts: 'polled' }), post)(
  'writes the status of the link back',
  'virtio/NET-CFG-D1',
  (port, bdf) =>
    rewriteHeader(port, bdf, DEVICE_STATUS, (value) => {
      const config = headerAddress(port, bdf) + LEGACY_CONFIG.withoutMsix;
      if (value & DEVICE_STATUS.mask.DRIVER_OK) port.out(config + virtio_net_config.offset.status, 1, 2);
      return value;
    }),
);

export const BROKEN_NET: readonly BrokenDriver[] = [
  ...BROKEN_TRANSMITTERS,
  ...RECEIVERS,
  ...COMMANDS,
  usesPairsEarly,
  forgetsQueue,
  storesStatus,
];
