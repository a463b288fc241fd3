import { rewriteHeader } from '../../src/conformance/broken/behind.ts';
import { overlooks, rewriteAccepted } from '../../src/conformance/broken/behind-features.ts';
import { brokenNic, type Change, post } from '../../src/conformance/broken/broken-nic.ts';
import { sendThrough } from '../../src/conformance/net-traffic.ts';
import { FRAME } from '../../src/conformance/reference.ts';
import { type NicDriver, virtioNet } from '../../src/guest/index.ts';
import { gceN1, type MachineOptions } from '../../src/index.ts';
import { NET_FEATURE, NET_HDR_GSO, virtio_net_hdr_whole } from '../../src/virtio/net/registers.ts';
import { DRIVER_FEATURES, FEATURE } from '../../src/virtio/registers.ts';
import { behindEach, type Case, judged } from './play.ts';

type Nics = NonNullable<MachineOptions['nics']>;
type Offer = NonNullable<Exclude<Nics[number], { type: 'gvnic' }>['offer']>;

const { TCPV4, TCPV6 } = NET_HDR_GSO;
const { gso_type } = virtio_net_hdr_whole.offset;
const { HOST_UDP_TUNNEL_GSO_CSUM, MRG_RXBUF } = NET_FEATURE;
const [RECEIVE, TRANSMIT] = [0, 1];
const BITS = 32;
const CUT: Offer = ['HOST_TSO6', 'HOST_UDP_TUNNEL_GSO'];
const SUMMED: Offer = ['HOST_TSO6', 'HOST_UDP_TUNNEL_GSO_CSUM'];

/** A feature, if it lies in that word of 32. */
const maskOf = (bit: number, word: number) => (word === Math.floor(bit / BITS) ? 1 << (bit % BITS) : 0);
const without = (bit: number) => (accepted: number, word: number) => accepted & ~maskOf(bit, word);
const including = (bit: number) => (accepted: number, word: number) => accepted | maskOf(bit, word);

/** A modern card, and one change of the descriptors of one of its queues. */
function changes(
  name: string,
  nic: Nics[number],
  queue: number,
  change: Change,
  use: (nic: NicDriver) => void = post,
): Case {
  const machine = () => gceN1({ virtio: 'modern', nics: [nic] });
  const { model: broken, good } = brokenNic(use, { queue, position: 0, machine })(
    name,
    'virtio/NET-TX-D1',
    change,
  );
  return { broken, mended: good!, play: judged({ machine }) };
}

const through = (name: string, offer: Offer, gso: number, how: Parameters<typeof sendThrough>[1] = {}) =>
  changes(
    name,
    { offer },
    TRANSMIT,
    (header) => header.put(gso_type, gso, 1),
    (nic) => sendThrough(nic, how),
  );

/** Sends a frame, which comes back. */
function echoes(nic: NicDriver): void {
  nic.post(FRAME);
  nic.receiveWithin(1_000_000);
}

export const NET_CASES: readonly Case[] = [
  ...behindEach(
    virtioNet({ interrupts: 'polled' }),
    echoes,
    judged({ machine: () => gceN1({ virtio: 'modern', nics: [{ backend: 'loopback', mergeable: false }] }) }),
    {
      'leaves VERSION_1 out': (port, bdf) => rewriteAccepted(port, bdf, without(FEATURE.VERSION_1)),
      'has the header of a legacy card': (port, bdf) =>
        rewriteAccepted(overlooks(port, bdf, FEATURE.VERSION_1), bdf, including(FEATURE.VERSION_1)),
    },
  ),
  ...behindEach(
    virtioNet({ interrupts: 'polled' }),
    echoes,
    judged({ machine: () => gceN1({ nics: [{ backend: 'loopback' }] }) }),
    {
      'has the header of buffers that may be merged': (port, bdf) =>
        rewriteHeader(port, bdf, DRIVER_FEATURES, (value) => (value & ~(1 << MRG_RXBUF)) >>> 0),
    },
  ),
  changes(
    'has buffers shorter than a header',
    { backend: 'loopback', ringSize: 128, offer: ['MTU'] },
    RECEIVE,
    (buffer) => {
      buffer.length = 8;
    },
    echoes,
  ),
  through('has IPv6 within a tunnel cut as if there were none', CUT, TCPV6, { version: 6, within: 6 }),
  through('has IPv4 finished around, and names no tunnel', SUMMED, TCPV4, { open: true }),
  through('has IPv6 finished around, and names no tunnel', SUMMED, TCPV6, {
    open: true,
    version: 6,
    within: 6,
  }),
  ...behindEach(
    virtioNet({ interrupts: 'polled' }),
    (nic) => sendThrough(nic, { open: true }),
    judged({ machine: () => gceN1({ virtio: 'modern', nics: [{ offer: SUMMED }] }) }),
    {
      'leaves out that a card finishes what is around': (port, bdf) =>
        rewriteAccepted(port, bdf, without(HOST_UDP_TUNNEL_GSO_CSUM)),
    },
  ),
];
