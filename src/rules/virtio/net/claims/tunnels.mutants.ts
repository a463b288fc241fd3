import type { BrokenDriver } from '../../../../conformance/broken/broken-driver.ts';
import { brokenNic, post } from '../../../../conformance/broken/broken-nic.ts';
import { sendThrough, sendUnfinished } from '../../../../conformance/net-traffic.ts';
import type { NicDriver } from '../../../../guest/index.ts';
import type { NicOptions } from '../../../../machine/devices/net.ts';
import { gceN1 } from '../../../../machine/gce-n1.ts';
import { udp } from '../../../../net/frame/headers.ts';
import { partsOf } from '../../../../net/frame/make.ts';
import { makeTunnel, tunnelPartsOf } from '../../../../net/frame/tunnel.ts';
import {
  NET_HDR_F,
  NET_HDR_GSO,
  NET_HDR_SIZE,
  NET_HDR_UDP_TUNNEL,
  virtio_net_hdr_whole,
} from '../../../../virtio/net/registers.ts';
import type { ClauseId } from '../../../index.ts';

const { NEEDS_CSUM, DATA_VALID } = NET_HDR_F;
const { TCPV4, TCPV6, UDP } = NET_HDR_GSO;
const { CSUM, GSO_IPV4, GSO_IPV6 } = NET_HDR_UDP_TUNNEL;
const at = virtio_net_hdr_whole.offset;
/** Header and frame lie in one descriptor: these cards are modern. */
const OUTER_CHECKSUM = NET_HDR_SIZE.tunnel + tunnelPartsOf().outerTransport + udp.offset.checksum;
const ANY = 0x1234;
/** Within what Compute Engine's networks carry. */
const MSS = 1300;

type Offer = NonNullable<NicOptions['offer']>;
const CUT: Offer = ['HOST_TSO6', 'HOST_UFO', 'HOST_UDP_TUNNEL_GSO'];
const SUMMED: Offer = ['HOST_UDP_TUNNEL_GSO_CSUM'];
const HIDDEN: Offer = ['IPSEC'];

function through(offer: Offer, use: (nic: NicDriver) => void) {
  const machine = () => gceN1({ virtio: 'modern', nics: [{ offer }] });
  return brokenNic(use, { queue: 1, position: 0, machine });
}

const cut = through(CUT, sendThrough);
const open = through(SUMMED, (nic) => sendThrough(nic, { open: true }));
/**
 * A frame in a tunnel whose outer checksum is open, which the card is to cut; the card does not check the header's
 * claims.
 */
const OPEN = { inner: { payload: new Uint8Array(2 * MSS), sum: 'partial' }, sum: 'partial' } as const;
const PARTS = tunnelPartsOf(OPEN);

function halfDone(offer: Offer, gsoType: number, name: string, clause: ClauseId): BrokenDriver {
  const use = (nic: NicDriver) => nic.sendPartial(makeTunnel(OPEN), PARTS.innerTransport, PARTS.field);
  return through(offer, use)(name, clause, (header) => {
    header.put(at.gso_type, gsoType, 1);
    header.put(at.hdr_len, PARTS.payload, 2);
    header.put(at.gso_size, MSS, 2);
    if (gsoType === TCPV4) return;
    header.put(at.outer_th_offset, PARTS.outerTransport, 2);
    header.put(at.inner_nh_offset, PARTS.innerNetwork, 2);
  });
}

/** They make false claims about tunnels. */
export const MUTANTS: readonly BrokenDriver[] = [
  cut('has IPv4 within a tunnel cut as if there were none', 'virtio/NET-TX-D12', (header) =>
    header.put(at.gso_type, TCPV4, 1),
  ),
  through(CUT, (nic) => sendThrough(nic, { version: 6, within: 6 }))(
    'has IPv6 within a tunnel cut as IPv4',
    'virtio/NET-TX-D13',
    (header) => header.put(at.gso_type, TCPV6 | GSO_IPV4, 1),
  ),
  halfDone([], TCPV4, 'leaves a tunnel to a card that knows of none', 'virtio/NET-TX-D14'),
  halfDone(
    CUT,
    TCPV4 | GSO_IPV4,
    'leaves a checksum around open that the card does not finish',
    'virtio/NET-TX-D30',
  ),
  open('leaves a checksum around open and says nothing', 'virtio/NET-TX-D15', (header) =>
    header.put(at.flags, NEEDS_CSUM, 1),
  ),
  cut('has datagrams within a tunnel fragmented', 'virtio/NET-TX-D17', (header) =>
    header.put(at.gso_type, UDP | GSO_IPV4, 1),
  ),
  cut('names a tunnel of either kind', 'virtio/NET-TX-D18', (header) =>
    header.put(at.gso_type, TCPV4 | GSO_IPV4 | GSO_IPV6, 1),
  ),
  through(SUMMED, sendUnfinished)(
    'has a checksum around finished where there is no tunnel',
    'virtio/NET-TX-D19',
    (header) => header.put(at.flags, NEEDS_CSUM | CSUM, 1),
  ),
  cut('counts the header of a tunnel from its UDP', 'virtio/NET-TX-D28', (header) =>
    header.put(at.inner_nh_offset, udp.size, 2),
  ),
  open('has a checksum around finished that it left out', 'virtio/NET-TX-D29', (header) =>
    header.put(OUTER_CHECKSUM, 0, 2),
  ),
  cut('makes a checksum for all segments of a tunnel at once', 'virtio/NET-TX-D31', (header) =>
    header.put(OUTER_CHECKSUM, ANY, 2),
  ),
  cut('sends into a tunnel the flags that it received', 'virtio/NET-TX-D34', (header) =>
    header.put(at.flags, NEEDS_CSUM | DATA_VALID, 1),
  ),
  through(HIDDEN, post)('says where IP is, unasked', 'virtio/NET-TX-D37', (header) =>
    header.put(at.outer_nh_offset, partsOf().ip, 2),
  ),
];
