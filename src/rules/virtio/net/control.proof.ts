import type { NetEvents } from '../../../virtio/net/events.ts';
import { NET_CTRL } from '../../../virtio/net/registers/commands.ts';
import { NET_FEATURE } from '../../../virtio/net/registers.ts';
import { scripts } from '../../script.proof.ts';
import type { COMMAND_FRAMING } from './command-framing.ts';
import type { COMMANDS } from './control.ts';
import { accept, CONTROL as CONTROL_QUEUE, chainOf, dataOf, watchNet } from './rig.proof.ts';

const { RX, MAC, MQ, GUEST_OFFLOADS, NOTF_COAL, RSS_CTX, HASH_TUNNEL } = NET_CTRL;
const { GUEST_CSUM, GUEST_TSO4 } = NET_FEATURE;
const COMMAND_HEADER = 2;

/** Sends a command with descriptors of so many bytes; class and command, two bytes of data, an ack, if not given. */
function send(
  net: NetEvents,
  of: { readonly class: number },
  value: number,
  sizes = [2, 2],
  ack = [1],
): void {
  const bytes = sizes.reduce((sum, size) => sum + size, -COMMAND_HEADER);
  const data = Array.from({ length: Math.max(0, bytes) }, (_, i) => Math.floor(value / 256 ** i) & 0xff);
  net.command(CONTROL_QUEUE, chainOf(sizes, ack), of.class, 0, dataOf(data));
}

/** A script with a command that takes a feature which was not accepted. */
const without = (of: { readonly class: number }, number: number) =>
  sent((net) => net.command(CONTROL_QUEUE, chainOf([2, 1], [1]), of.class, number, dataOf([0])));

/** A script that gets the coalescing parameters of a queue: wrongly of the control queue. */
const coalesces = (queue: number) => (net: NetEvents) => {
  accept(net, 'CTRL_VQ', 'MQ', 'VQ_NOTF_COAL', 'VERSION_1');
  net.command(
    CONTROL_QUEUE,
    chainOf([2, 4], [1, 8]),
    NOTF_COAL.class,
    NOTF_COAL.VQ_GET,
    dataOf([queue, 0, 0, 0]),
  );
};

/** A script with VQ_PAIRS_SET of two pairs, laid out wrongly and rightly for a legacy driver. */
function laidOut(sizes: number[], ack: number[]) {
  const run = (readable: number[], writable: number[]) => (net: NetEvents) => {
    accept(net, 'CTRL_VQ', 'MQ');
    send(net, MQ, 2, readable, writable);
  };
  return { breaks: run(sizes, ack), keeps: run([2, 2], [1]) };
}

/** A script whose good run sends VQ_PAIRS_SET of two pairs. */
function sent(breaks: (net: NetEvents) => void) {
  const run = (script: (net: NetEvents) => void) => (net: NetEvents) => {
    accept(net, 'CTRL_VQ', 'MQ', 'GUEST_CSUM', 'CTRL_GUEST_OFFLOADS', 'ANY_LAYOUT');
    script(net);
  };
  return { breaks: run(breaks), keeps: run((net) => send(net, MQ, 2)) };
}

export const CONTROL_PROOFS = scripts<NetEvents, keyof typeof COMMANDS | keyof typeof COMMAND_FRAMING>(
  watchNet,
  {
    'virtio/NET-FRAME-LEG-D2': laidOut([4], [1]),
    'virtio/NET-FRAME-LEG-D3': laidOut([2, 1, 1], [1]),
    'virtio/NET-FRAME-LEG-D7': laidOut([2, 2], [4]),
    'virtio/NET-IMP-3': sent((net) => send(net, MQ, 2, [2, 3])),
    'virtio/NET-IMP-5': sent((net) => send(net, { class: 10 }, 2)),
    'virtio/NET-MQ-D1': {
      breaks: (net) => net.pairsSet(CONTROL_QUEUE, 2, 3),
      keeps: (net) => net.pairsSet(CONTROL_QUEUE, 2, -1),
    },
    'virtio/NET-MQ-D2': sent((net) => send(net, MQ, 5)),
    'virtio/NET-OFFL-D1': {
      breaks: sent((net) => send(net, GUEST_OFFLOADS, 1 << GUEST_TSO4, [2, 8])).breaks,
      keeps: sent((net) => send(net, GUEST_OFFLOADS, 1 << GUEST_CSUM, [2, 8])).breaks,
    },
    'virtio/NET-COAL-D2': without(NOTF_COAL, NOTF_COAL.RX_SET),
    'virtio/NET-COAL-D3': without(NOTF_COAL, NOTF_COAL.VQ_GET),
    'virtio/NET-COAL-D1': { breaks: coalesces(CONTROL_QUEUE), keeps: coalesces(1) },
    'virtio/NET-RSSCTX-D1': without(RSS_CTX, RSS_CTX.CAP_GET),
    'virtio/NET-IHH-D1': without(HASH_TUNNEL, HASH_TUNNEL.SET),
    'virtio/NET-RSS-D1': without(MQ, MQ.RSS_CONFIG),
    'virtio/NET-RXMODE-D1': sent((net) => send(net, RX, 1, [2, 1])),
    'virtio/NET-RXMODE-D2': without(RX, RX.NOUNI),
    'virtio/NET-MAC-D1': sent((net) => send(net, MAC, 0, [2, 8])),
  },
);
