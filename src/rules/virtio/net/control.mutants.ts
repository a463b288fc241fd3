import type { BrokenDriver } from '../../../conformance/broken/broken-driver.ts';
import { brokenNic, type Change } from '../../../conformance/broken/broken-nic.ts';
import type { StoredDescriptor } from '../../../conformance/broken/stored-descriptor.ts';
import { FRAME } from '../../../conformance/reference.ts';
import { gceN1 } from '../../../machine/gce-n1.ts';
import { NET_CTRL } from '../../../virtio/net/registers/commands.ts';
import { NET_FEATURE } from '../../../virtio/net/registers.ts';
import { VIRTQ_DESC_F } from '../../../virtio/registers.ts';
import type { ClauseId } from '../../index.ts';

const { WRITE } = VIRTQ_DESC_F;
const { GUEST_CSUM, GUEST_UFO } = NET_FEATURE;
const { RX, MQ, NOTF_COAL, RSS_CTX, HASH_TUNNEL } = NET_CTRL;
const UNKNOWN = 10;

const ONE_PAIR = { queue: 2 };
const TWO_PAIRS = { queue: 4, machine: () => gceN1({ vcpus: 2 }) };

/** Sends GUEST_OFFLOADS_SET: class and command, eight bytes of data and one for the ack, each a descriptor. */
const offloads = (position?: number) =>
  brokenNic((nic) => nic.setOffloads(1 << GUEST_CSUM), {
    ...ONE_PAIR,
    ...(position !== undefined && { position }),
  });
const head = offloads(0);
const data = offloads(1);

/** Sends another command in its place, with any data. */
const instead = (name: string, clause: ClauseId, of: { readonly class: number }, number: number) =>
  head(name, clause, (command) => {
    command.put(0, of.class, 1);
    command.put(1, number, 1);
  });

/** The first byte of the data goes with class and command. */
function joinHead(): Change {
  let head: StoredDescriptor | null = null;
  return (descriptor, position, port) => {
    if (position === 0) head = descriptor;
    if (position !== 1 || head === null) return;
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

export const MUTANTS: readonly BrokenDriver[] = [
  offloads()('joins a command with its data', 'virtio/NET-FRAME-LEG-D2', joinHead()),
  data('cuts the data of a command', 'virtio/NET-FRAME-LEG-D3', (mask) => mask.cut(4)),
  offloads()('leaves four bytes for the ack', 'virtio/NET-FRAME-LEG-D7', (descriptor) => {
    if (descriptor.flags & WRITE) descriptor.length = 4;
  }),
  data('sends a mask of 32 bits', 'virtio/NET-IMP-3', (mask) => {
    mask.length = 4;
  }),
  head('sends an undefined command', 'virtio/NET-IMP-5', (command) => command.put(0, UNKNOWN, 1)),
  head('asks for promiscuous mode without CTRL_RX', 'virtio/NET-RXMODE-D1', (command) =>
    command.put(0, NET_CTRL.RX.class, 1),
  ),
  instead('delays interrupts without NOTF_COAL', 'virtio/NET-COAL-D2', NOTF_COAL, NOTF_COAL.RX_SET),
  instead(
    'delays interrupts of one queue without VQ_NOTF_COAL',
    'virtio/NET-COAL-D3',
    NOTF_COAL,
    NOTF_COAL.VQ_SET,
  ),
  instead('steers by hash without RSS', 'virtio/NET-RSS-D1', MQ, MQ.RSS_CONFIG),
  instead('asks for RSS contexts without RSS_CONTEXT', 'virtio/NET-RSSCTX-D1', RSS_CTX, RSS_CTX.CAP_GET),
  instead('hashes inner headers without HASH_TUNNEL', 'virtio/NET-IHH-D1', HASH_TUNNEL, HASH_TUNNEL.SET),
  instead('asks for no unicast without CTRL_RX_EXTRA', 'virtio/NET-RXMODE-D2', RX, RX.NOUNI),
  head('sets a MAC filter without CTRL_RX', 'virtio/NET-MAC-D1', (command) =>
    command.put(0, NET_CTRL.MAC.class, 1),
  ),
  data('switches an offload that it did not negotiate', 'virtio/NET-OFFL-D1', (mask) =>
    mask.put(0, 1 << GUEST_UFO, 2),
  ),
  brokenNic((nic) => nic.setPairs(2), { ...TWO_PAIRS, position: 1 })(
    'asks for no pair of queues',
    'virtio/NET-MQ-D2',
    (pairs) => pairs.put(0, 0, 2),
  ),
  brokenNic(
    (nic) => {
      nic.setPairs(2);
      nic.post(FRAME, 1);
    },
    { ...TWO_PAIRS, position: 1 },
  )('enables one pair and uses two', 'virtio/NET-MQ-D4', (pairs) => pairs.put(0, 1, 2)),
  brokenNic(
    (nic) => {
      nic.setPairs(2);
      nic.post(FRAME, 1);
    },
    { queue: 4, position: 0, machine: () => gceN1({ vcpus: 2, nics: [{ offer: ['CTRL_VLAN'] }] }) },
  )('lets in a VLAN instead of enabling pairs', 'virtio/NET-MQ-D3', (command) =>
    command.put(0, NET_CTRL.VLAN.class, 1),
  ),
];
