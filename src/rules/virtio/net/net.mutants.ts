import { headerAddress, rewriteHeader } from '../../../conformance/broken/behind.ts';
import { type BrokenDriver, breaking, brokenNet } from '../../../conformance/broken/broken-driver.ts';
import { brokenNic, post } from '../../../conformance/broken/broken-nic.ts';
import { virtioNet } from '../../../guest/index.ts';
import { gceN1 } from '../../../machine/gce-n1.ts';
import { FRAME_MAX, NET_HDR_SIZE, virtio_net_config } from '../../../virtio/net/registers.ts';
import { DEVICE_STATUS, LEGACY_CONFIG, QUEUE_ADDRESS, QUEUE_SELECT } from '../../../virtio/registers.ts';

const SECOND_TRANSMIT = 3;
const LOOPBACK = { backend: 'loopback' } as const;

/** Sent frames come back, into buffers whose header is a descriptor of its own. */
const receives = {
  queue: 0,
  position: 1,
  machine: () => gceN1({ nics: [{ ...LOOPBACK, mergeable: false }] }),
};
const merges = {
  queue: 0,
  machine: () => gceN1({ virtio: 'modern', nics: [LOOPBACK] }),
};

/** Buffers for one frame each, behind a header with hash fields; and few that merge. */
const uncut = {
  queue: 0,
  options: { features: ['VERSION_1', 'MAC', 'MTU', 'CTRL_VQ', 'HASH_REPORT', 'MRG_RXBUF'] },
  machine: () =>
    gceN1({ virtio: 'modern', nics: [{ ...LOOPBACK, mergeable: false, offer: ['HASH_REPORT'] }] }),
} as const;
const merging = () => gceN1({ virtio: 'modern', nics: [{ ...LOOPBACK, ringSize: 16, offer: ['MTU'] }] });

export const MUTANTS: readonly BrokenDriver[] = [
  brokenNic(post, receives)('receives large frames into a page', 'virtio/NET-RXB-D1', (buffer) => {
    buffer.length = 4096;
  }),
  brokenNic(post, { ...receives, options: { features: ['MAC'] } })(
    'receives into buffers of 1000 bytes',
    'virtio/NET-RXB-D2',
    (buffer) => {
      buffer.length = 1000;
    },
  ),
  brokenNic(post, { queue: 0, position: 0, machine: () => gceN1({ nics: [LOOPBACK] }) })(
    'gives the header of a buffer that may be merged ten bytes',
    'virtio/NET-FRAME-LEG-D1-MRG',
    (header) => {
      header.length = 10;
    },
  ),
  brokenNic(post, uncut)('counts a header without the fields of its hash', 'virtio/NET-RXB-D4', (buffer) => {
    buffer.length = NET_HDR_SIZE.mergeable + FRAME_MAX;
  }),
  brokenNic(post, { ...uncut, machine: merging })(
    'has room for a part of a frame in all its buffers',
    'virtio/NET-CFG-D8',
    (buffer) => {
      buffer.length = 40;
    },
  ),
  brokenNic(post, merges)('receives into buffers shorter than a header', 'virtio/NET-RXB-D3', (buffer) => {
    buffer.length = 8;
  }),
  // Gives the second transmit queue no memory.
  {
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
    machine: () => gceN1({ vcpus: 2 }),
  },
  // Assumes that a change of the link must be confirmed.
  brokenNet('writes the status of the link back', 'virtio/NET-CFG-D1', (port, bdf) =>
    rewriteHeader(port, bdf, DEVICE_STATUS, (value) => {
      const config = headerAddress(port, bdf) + LEGACY_CONFIG.withoutMsix;
      if (value & DEVICE_STATUS.mask.DRIVER_OK) port.out(config + virtio_net_config.offset.status, 1, 2);
      return value;
    }),
  ),
  // Assumes that a card with one pair reports it.
  brokenNet('asks a card without MQ for its pairs', 'virtio/CFG-D3', (port, bdf) =>
    rewriteHeader(port, bdf, DEVICE_STATUS, (value) => {
      const config = headerAddress(port, bdf) + LEGACY_CONFIG.withoutMsix;
      if (value & DEVICE_STATUS.mask.DRIVER_OK)
        port.in(config + virtio_net_config.offset.max_virtqueue_pairs, 2);
      return value;
    }),
  ),
];
