import { behind, headerAddress } from '../../../../conformance/broken/behind.ts';
import { type BrokenDriver, breaking } from '../../../../conformance/broken/broken-driver.ts';
import { brokenNic } from '../../../../conformance/broken/broken-nic.ts';
import { sendDatagram, sendLarge, sendMarked, sendUnfinished } from '../../../../conformance/net-traffic.ts';
import { type NicDriver, virtioNet } from '../../../../guest/index.ts';
import { gceN1 } from '../../../../machine/gce-n1.ts';
import { ipv4, TCP_FLAGS, tcp } from '../../../../net/frame/headers.ts';
import { makeFrame, partsOf } from '../../../../net/frame/make.ts';
import {
  ETHERNET_HEADER,
  NET_HDR_F,
  NET_HDR_GSO,
  NET_HDR_UDP_TUNNEL,
  virtio_net_hdr,
} from '../../../../virtio/net/registers.ts';
import { LEGACY_CONFIG } from '../../../../virtio/registers.ts';

const { TCPV4 } = NET_HDR_GSO;
const at = virtio_net_hdr.offset;
const { ip, upper, payload } = partsOf();
const { ACK, CWR } = TCP_FLAGS.mask;
const MSS = 1420;
/** The card's MTU, with the feature. */
const MTU = 1460;
/** Of Ethernet, with its header. */
const LONGEST = 1514;
/** Locally administered; and a manufacturer's. */
const OWN = [0x02, 0, 0, 0, 0, 0x07];
const BOUGHT = [0x00, 0x1b, 0x21, 0, 0, 0x07];
/** The UDP checksum's offset, where TCP has the field before its urgent pointer. */
const UDP_CHECKSUM = 6;
/** More than the frame has. */
const MUCH = 8000;

/** On these machines the header is a descriptor of its own, the first; the frame follows. */
const HEADER = { queue: 1, position: 0 };
const DATA = { queue: 1, position: 1 };

const large = brokenNic(sendLarge, HEADER);
const unfinished = brokenNic(sendUnfinished, HEADER);
const unfinishedData = brokenNic(sendUnfinished, DATA);

function sendTcp(nic: NicDriver): void {
  nic.send(makeFrame());
}

/** They make false claims about a frame. */
export const MUTANTS: readonly BrokenDriver[] = [
  brokenNic(sendTcp, { ...DATA, options: { features: ['MAC'] } })(
    'changes a byte and not the checksum',
    'virtio/NET-TX-D4',
    (frame) => frame.put(payload, 0x55, 1),
  ),
  unfinishedData('leaves out the checksum of the IP header', 'virtio/NET-TX-D20', (frame) =>
    frame.put(ip + ipv4.offset.header_checksum, 0, 2),
  ),
  unfinishedData('leaves out the sum of the pseudo-header', 'virtio/NET-TX-D21', (frame) =>
    frame.put(upper + tcp.offset.checksum, 0, 2),
  ),
  unfinished('counts csum_offset from the wrong end', 'virtio/NET-TX-D22', (header) =>
    header.put(at.csum_offset, 0xfff0, 2),
  ),
  unfinished('counts csum_start from the wrong byte', 'virtio/NET-TX-D22', (header) =>
    header.put(at.csum_start, upper - 2, 2),
  ),
  unfinished('takes the checksum of TCP for that of UDP', 'virtio/NET-TX-D22', (header) =>
    header.put(at.csum_offset, UDP_CHECKSUM, 2),
  ),
  unfinished('leaves a checksum open and says nothing', 'virtio/NET-IMP-8', (header) =>
    header.put(at.flags, 0, 1),
  ),
  brokenNic(sendDatagram, HEADER)('has UDP cut as TCP', 'virtio/NET-IMP-7', (header) => {
    header.put(at.gso_type, TCPV4, 1);
    header.put(at.gso_size, MSS, 2);
    header.put(at.hdr_len, payload, 2);
  }),
  large('has pieces cut that are longer than the frame', 'virtio/NET-IMP-9', (header) =>
    header.put(at.gso_size, MUCH, 2),
  ),
  brokenNic(sendLarge, DATA)('has CWR repeated in each segment', 'virtio/NET-TX-D9', (frame) =>
    frame.put(upper + tcp.offset.flags, ACK | CWR, 1),
  ),
  brokenNic(sendMarked, { ...HEADER, machine: () => gceN1({ nics: [{ offer: ['HOST_ECN'] }] }) })(
    'does not tell the card of CWR',
    'virtio/NET-TX-D10',
    (header) => header.put(at.gso_type, TCPV4, 1),
  ),
  brokenNic(sendLarge, {
    ...HEADER,
    machine: () => gceN1({ virtio: 'modern', nics: [{ offer: ['GUEST_HDRLEN'] }] }),
  })('counts the first bytes of payload among the headers', 'virtio/NET-TX-D26', (header) =>
    header.put(at.hdr_len, payload + 10, 2),
  ),
  brokenNic(sendLarge, HEADER)('takes the network for Ethernet', 'gce/NET-MTU', (header) =>
    header.put(at.gso_size, 1460, 2),
  ),
  large('has frames cut to the length of the longest frame', 'virtio/NET-IMP-13', (header) =>
    header.put(at.gso_size, LONGEST, 2),
  ),
  brokenNic((nic) => nic.send(new Uint8Array(ETHERNET_HEADER + MTU)), {
    ...HEADER,
    machine: () => gceN1({ virtio: 'modern', nics: [{ offer: ['MTU'] }] }),
  })('sends a byte more than mtu', 'virtio/NET-CFG-D9', (frame) => {
    frame.length++;
  }),
  // It assumes the address without reading it.
  breaking(virtioNet({ interrupts: 'polled' }), (nic) => nic.send(makeFrame({ from: OWN })))(
    'has an address of its own',
    'virtio/NET-CFG-D3',
    (port, bdf) => {
      const mac = headerAddress(port, bdf) + LEGACY_CONFIG.withoutMsix;
      return behind(port, {
        in: (address, width) => OWN[address - mac] ?? port.in(address, width),
      });
    },
  ),
  breaking(virtioNet({ interrupts: 'polled', features: [] }), (nic) => nic.send(makeFrame({ from: BOUGHT })))(
    'makes up an address that another may have',
    'virtio/NET-CFG-D4',
    (port) => port,
  ),
  large('has frames cut in a tunnel that the card does not know', 'virtio/NET-TX-D11', (header) =>
    header.put(at.gso_type, TCPV4 | NET_HDR_UDP_TUNNEL.GSO_IPV4, 1),
  ),
  unfinished('leaves the checksum of a tunnel open, too', 'virtio/NET-TX-D16', (header) =>
    header.put(at.flags, NET_HDR_F.NEEDS_CSUM | NET_HDR_UDP_TUNNEL.CSUM, 1),
  ),
  breaking(
    virtioNet({ interrupts: 'polled' }),
    (nic) => nic.sendPartial(makeFrame({ sum: 'partial' }), upper << 8, tcp.offset.checksum << 8),
    () => gceN1({ guestEndian: 'big' }),
  )('stores a header little-endian', 'virtio/NET-OP-LEG-D1', (port) => port),
  large('counts the Ethernet header alone', 'virtio/NET-TX-D27', (header) => header.put(at.hdr_len, ip, 2)),
];
