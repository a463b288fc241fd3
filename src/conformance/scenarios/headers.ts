import type { MachineOptions } from '../../machine/options.ts';
import type { ClauseId } from '../../rules/index.ts';
import type { Oddity } from '../../rules/virtio/net/deliveries.ts';
import { deliver } from './deliveries.ts';
import { receiveAll } from './frames.ts';
import { plain, type SuiteScenario } from './scenario.ts';

/** What the headers of frames alone show. */
type Headers = Exclude<Oddity, 'spoil' | 'merged'>;

/**
 * Retries within which a driver passes on a frame, if it does: a wait for one that is dropped must not count against the
 * driver.
 */
const SOON = 20;

function odd(oddHeaders: Headers): (base: MachineOptions) => MachineOptions {
  return (base) => {
    const { nics = [], ...rest } = plain(base);
    return { ...rest, nics: nics.map((nic) => ({ ...nic, oddHeaders: [oddHeaders] })) };
  };
}

/** The same for cards that pass on frames of tunnels uncut. */
function through(oddHeaders: Headers): (base: MachineOptions) => MachineOptions {
  return (base) => {
    const { nics = [], ...rest } = odd(oddHeaders)(base);
    return { ...rest, nics: nics.map((nic) => ({ ...nic, offer: ['GUEST_UDP_TUNNEL_GSO_CSUM'] })) };
  };
}

function receivingThrough(oddity: Headers, clause: ClauseId, name: string, why: string): SuiteScenario {
  return {
    ...receiving(oddity, clause, name, why, through(oddity)),
    applies: ({ virtio = 'legacy' }) => virtio !== 'legacy',
  };
}

function receiving(
  oddity: Oddity,
  clause: ClauseId,
  name: string,
  why: string,
  options = odd(oddity as Headers),
): SuiteScenario {
  return {
    name,
    why,
    provokes: [clause],
    needs: ['net', 'receive'],
    options,
    act: (fixture) => {
      fixture.start();
      deliver(fixture.machine, oddity, (refused) => receiveAll(fixture, 1, refused ? SOON : undefined));
    },
  };
}

/** Claims of a device about a received frame that no driver may believe. */
export const HEADERS: readonly SuiteScenario[] = [
  receiving(
    'flags',
    'virtio/NET-RX-D1',
    'frames that come with an undefined flag',
    'a device of a later day may set it',
  ),
  receiving(
    'checksum',
    'virtio/NET-RX-D3',
    'frames that come with the fields of a checksum that is not open',
    'fields that are not in use may hold anything',
  ),
  receiving(
    'hdr_len',
    'virtio/NET-RX-D4',
    'large frames that come with a length of headers that is none',
    'it is a hint, and a driver that trusts it takes bytes that are not a header',
  ),
  receivingThrough(
    'tunnel_offsets',
    'virtio/NET-RX-D7',
    'frames that come with the offsets of a tunnel that is none',
    'without a tunnel these fields may hold anything',
  ),
  receivingThrough(
    'tunnel_both',
    'virtio/NET-RX-D6',
    'frames that come through a tunnel of either kind',
    'a packet is of one kind, and a driver that believes both may read anywhere',
  ),
  receivingThrough(
    'tunnel_unsound',
    'virtio/NET-RX-D8',
    'frames that come through a tunnel with headers that lack something',
    'they cannot be cut, and it is not known whether they are whole',
  ),
  receivingThrough(
    'tunnel_csum',
    'virtio/NET-RX-D9',
    'frames that come with a checksum around, and no tunnel',
    'no field says where that checksum would be',
  ),
  receiving(
    'merged',
    'virtio/NET-RX-IMP-1',
    'frames that are longer than a buffer',
    'a driver that takes each buffer for a frame finds headers where there are none',
    plain,
  ),
  receiving(
    'spoil',
    'virtio/VQ-USED-D1',
    'frames that come into buffers which hold something else behind them',
    'the used entry says how much of a buffer was written',
    (base) => ({ ...plain(base), completion: { spoil: true } }),
  ),
];
