import { type Nic, type NicOptions, virtioNet } from '../../guest/index.ts';
import { gceN1 } from '../../machine/gce-n1.ts';
import { NET_HDR_F, NET_HDR_GSO, virtio_net_hdr } from '../../virtio/net/registers.ts';
import { VIRTQ_DESC_F } from '../../virtio/registers.ts';
import { sendLarge, sendUnfinished } from '../net-errands.ts';
import { FRAME } from '../reference.ts';
import { rewriteDescriptors, type StoredDescriptor } from './behind-descriptors.ts';
import { type BrokenDriver, breaking } from './broken-driver.ts';

const { WRITE } = VIRTQ_DESC_F;
const { NEEDS_CSUM, DATA_VALID } = NET_HDR_F;
const { TCPV4, UDP, TCPV6 } = NET_HDR_GSO;
const at = virtio_net_hdr.offset;
const TRANSMIT = 1;
/** In a frame, behind the Ethernet header: the protocol of IPv4, and what UDP is there. */
const PROTOCOL_AT = 14 + 9;
const UDP_PROTOCOL = 17;

type Change = (descriptor: StoredDescriptor) => void;

/** A driver that takes these features, and whose transmit descriptors are changed where they have this position. */
const broken =
  (use: (nic: Nic) => void, position: number, options: NicOptions = {}) =>
  (name: string, clause: BrokenDriver['clause'], change: Change): BrokenDriver =>
    breaking(virtioNet({ interrupts: 'polled', ...options }), use)(name, clause, (port) =>
      rewriteDescriptors(port, (descriptor) => {
        if (descriptor.queue === TRANSMIT && descriptor.position === position) change(descriptor);
      }),
    );

const post = (nic: Nic) => nic.post(FRAME);
/** On this machine a header is a descriptor of its own, the first; the frame follows. */
const large = broken(sendLarge, 0);
const unfinished = broken(sendUnfinished, 0);

export const BROKEN_TRANSMITTERS: readonly BrokenDriver[] = [
  broken(post, 1)('sends less than an Ethernet header', 'virtio/NET-TX-D1', (data) => {
    data.length = 13;
  }),
  {
    ...broken(post, 0)('counts the buffers of what it sends', 'virtio/NET-TX-D2', (header) =>
      header.put(at.num_buffers, 1, 2),
    ),
    machine: () => gceN1({ virtio: 'modern' }),
  },
  broken(post, 0, { features: ['MAC'] })(
    'leaves a checksum open without CSUM',
    'virtio/NET-TX-D3',
    (header) => header.put(at.flags, NEEDS_CSUM, 1),
  ),
  broken(sendUnfinished, 0, { features: ['CSUM'] })(
    'leaves a frame uncut without HOST_TSO4',
    'virtio/NET-TX-D5',
    (header) => {
      header.put(at.gso_type, TCPV4, 1);
      header.put(at.gso_size, 50, 2);
    },
  ),
  large('leaves TCP over IPv6 uncut without HOST_TSO6', 'virtio/NET-TX-D6', (header) =>
    header.put(at.gso_type, TCPV6, 1),
  ),
  large('leaves UDP uncut without HOST_UFO', 'virtio/NET-TX-D7', (header) => header.put(at.gso_type, UDP, 1)),
  unfinished('counts csum_offset from the wrong end', 'virtio/NET-TX-D22', (header) =>
    header.put(at.csum_offset, 0xfff0, 2),
  ),
  large('forgets NEEDS_CSUM of a large frame', 'virtio/NET-TX-D24', (header) => header.put(at.flags, 0, 1)),
  large('forgets gso_size of a large frame', 'virtio/NET-TX-D25', (header) => header.put(at.gso_size, 0, 2)),
  unfinished('sends on the flags that it received', 'virtio/NET-TX-D33', (header) =>
    header.put(at.flags, NEEDS_CSUM | DATA_VALID, 1),
  ),
  broken(sendLarge, 1)('has UDP cut as TCP', 'virtio/NET-IMP-7', (frame) =>
    frame.put(PROTOCOL_AT, UDP_PROTOCOL, 1),
  ),
  broken(sendLarge, 2)('lets the card write to what it sends', 'virtio/NET-IMP-2', (page) => {
    page.flags |= WRITE;
  }),
];
