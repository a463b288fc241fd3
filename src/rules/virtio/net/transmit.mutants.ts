import { behind, headerAddress, rewriteHeader } from '../../../conformance/broken/behind.ts';
import { type BrokenDriver, brokenNet } from '../../../conformance/broken/broken-driver.ts';
import { brokenNic, post } from '../../../conformance/broken/broken-nic.ts';
import { sendLarge, sendUnfinished } from '../../../conformance/net-traffic.ts';
import { gceN1 } from '../../../machine/gce-n1.ts';
import { NET_HDR_F, NET_HDR_GSO, NET_HDR_SIZE, virtio_net_hdr } from '../../../virtio/net/registers.ts';
import { DEVICE_FEATURES, DRIVER_FEATURES, FEATURE, VIRTQ_DESC_F } from '../../../virtio/registers.ts';

const { WRITE } = VIRTQ_DESC_F;
const { NEEDS_CSUM, DATA_VALID } = NET_HDR_F;
const { TCPV4, UDP, TCPV6, UDP_L4 } = NET_HDR_GSO;
const at = virtio_net_hdr.offset;
/** Bytes of a modern header beyond those of a legacy one. */
const MODERN_MORE = NET_HDR_SIZE.mergeable - NET_HDR_SIZE.legacy;
/** No gso_type has this value. */
const UNKNOWN = 2;
const TRANSMIT = 1;
const ANY_LAYOUT = 1 << FEATURE.ANY_LAYOUT;

/** On these machines the header is a descriptor of its own, the first; the frame follows. */
const HEADER = { queue: TRANSMIT, position: 0 };
const DATA = { queue: TRANSMIT, position: 1 };
const NEXT_PAGE = { queue: TRANSMIT, position: 2 };

const large = brokenNic(sendLarge, HEADER);
const unfinished = brokenNic(sendUnfinished, HEADER);

export const MUTANTS: readonly BrokenDriver[] = [
  // Lays out frames as if ANY_LAYOUT were there: header and data in one descriptor.
  brokenNet('joins header and data without ANY_LAYOUT', 'virtio/NET-FRAME-LEG-D1', (port, bdf) => {
    const offer = headerAddress(port, bdf) + DEVICE_FEATURES.offset;
    return behind(
      rewriteHeader(port, bdf, DRIVER_FEATURES, (value) => (value & ~ANY_LAYOUT) >>> 0),
      {
        in: (at, width) => (at === offer ? (port.in(at, width) | ANY_LAYOUT) >>> 0 : port.in(at, width)),
      },
    );
  }),
  brokenNic(post, DATA)('sends less than an Ethernet header', 'virtio/NET-TX-D1', (data) => {
    data.length = 13;
  }),
  brokenNic(post, { ...HEADER, machine: () => gceN1({ virtio: 'modern' }) })(
    'puts ten bytes before its frames',
    'virtio/NET-TX-D1',
    (header) => {
      header.address += MODERN_MORE;
      header.length -= MODERN_MORE;
    },
  ),
  brokenNic(post, { ...HEADER, machine: () => gceN1({ virtio: 'modern' }) })(
    'counts the buffers of what it sends',
    'virtio/NET-TX-D2',
    (header) => header.put(at.num_buffers, 1, 2),
  ),
  brokenNic(post, {
    ...HEADER,
    machine: () => gceN1({ virtio: 'modern', nics: [{ offer: ['HASH_REPORT'] }] }),
  })('leaves in the hash fields what was there', 'virtio/NET-IMP-10', (header) =>
    header.put(NET_HDR_SIZE.mergeable, 0x5a5a, 2),
  ),
  brokenNic(post, { ...HEADER, options: { features: ['MAC'] } })(
    'leaves a checksum open without CSUM',
    'virtio/NET-TX-D3',
    (header) => header.put(at.flags, NEEDS_CSUM, 1),
  ),
  brokenNic(sendUnfinished, { ...HEADER, options: { features: ['CSUM', 'MAC'] } })(
    'leaves a frame uncut without HOST_TSO4',
    'virtio/NET-TX-D5',
    (header) => {
      header.put(at.gso_type, TCPV4, 1);
      header.put(at.gso_size, 50, 2);
    },
  ),
  brokenNic(sendLarge, { ...HEADER, options: { features: ['CSUM', 'MAC', 'HOST_TSO4'] } })(
    'leaves TCP over IPv6 uncut without HOST_TSO6',
    'virtio/NET-TX-D6',
    (header) => header.put(at.gso_type, TCPV6, 1),
  ),
  large('leaves UDP uncut without HOST_UFO', 'virtio/NET-TX-D7', (header) => header.put(at.gso_type, UDP, 1)),
  large('has UDP segmented without HOST_USO', 'virtio/NET-TX-D8', (header) =>
    header.put(at.gso_type, UDP_L4, 1),
  ),
  brokenNic(sendUnfinished, { ...HEADER, options: { features: ['CSUM', 'MAC'] } })(
    'leaves in the header what was there',
    'virtio/NET-TX-D23',
    (header) => {
      header.put(at.gso_type, UNKNOWN, 1);
      header.put(at.gso_size, 50, 2);
    },
  ),
  large('forgets NEEDS_CSUM of a large frame', 'virtio/NET-TX-D24', (header) => header.put(at.flags, 0, 1)),
  large('forgets gso_size of a large frame', 'virtio/NET-TX-D25', (header) => header.put(at.gso_size, 0, 2)),
  unfinished('sends on the flags that it received', 'virtio/NET-TX-D33', (header) =>
    header.put(at.flags, NEEDS_CSUM | DATA_VALID, 1),
  ),
  brokenNic(sendLarge, NEXT_PAGE)('lets the card write to what it sends', 'virtio/NET-IMP-2', (page) => {
    page.flags |= WRITE;
  }),
  brokenNic(post, DATA)('sends more than an IP packet', 'virtio/NET-IMP-11', (data) => {
    data.length = 66_000;
  }),
];
