import type { BitSet } from '../../../core/bit-set.ts';
import { hex } from '../../../core/bits.ts';
import type { Rule, Rules } from '../../../core/rule.ts';
import { NET_CTRL } from '../../../virtio/net/registers/commands.ts';
import { NET_FEATURE } from '../../../virtio/net/registers.ts';
import { type ControlKnows, type ControlMoment, fits, of, whole } from './command.ts';
import { COMMAND_FRAMING } from './command-framing.ts';
import { COMMAND_VALUES } from './command-values.ts';
import { FILTERING } from './filtering.ts';
import { STATISTICS } from './statistics.ts';
import { STEERING } from './steering.ts';
import { arePairs, isSwapped, SWAPPED, strangers } from './swapped.ts';

const { CTRL_RX, CTRL_RX_EXTRA } = NET_FEATURE;
const { RX, MAC } = NET_CTRL;

const COALESCING = 'virtio 1.4, Notifications Coalescing';
const MULTIQUEUE = 'virtio 1.4, Automatic receive steering in multiqueue mode';

/** Features of whose commands rules of their own speak. */
const OWN_RULE = ['CTRL_RX_EXTRA', 'RSS', 'NOTF_COAL', 'VQ_NOTF_COAL', 'HASH_TUNNEL', 'RSS_CONTEXT'] as const;
const OWN_BITS: readonly number[] = OWN_RULE.map((name) => NET_FEATURE[name]);

/** No command that takes the feature is sent without it. */
function needs(
  name: (typeof OWN_RULE)[number],
): Pick<Rule<ControlKnows, 'command'>, 'on' | 'when' | 'kept' | 'said' | 'since'> {
  const bit = NET_FEATURE[name];
  return {
    on: 'command',
    when: (k) => whole(k) && !k.accepted.has(bit),
    kept: (k) => k.takes !== bit,
    said: (k) => `${named(k)}, without ${name}`,
    since: (k) => k.negotiatedAt,
  };
}

/** Which commands a driver may send, and what their data may say. */
export const COMMANDS = {
  'virtio/NET-IMP-5': {
    strength: 'MUST NOT',
    where: 'virtio 1.4, Control Virtqueue',
    text: 'No command of an unknown class or number, or of a feature that was not negotiated, is sent',
    advice:
      'Send only commands whose feature was accepted: VQ_PAIRS_SET with MQ, GUEST_OFFLOADS_SET with CTRL_GUEST_OFFLOADS.',
    on: 'command',
    // Of these other rules speak.
    when: (k) =>
      whole(k) &&
      !OWN_BITS.includes(k.takes) &&
      (filters(k.accepted) || (k.className !== RX.class && k.className !== MAC.class)),
    kept: (k) => k.known !== null,
    said: named,
    since: (k) => k.negotiatedAt,
  },
  'virtio/NET-MQ-D1': {
    strength: 'MUST',
    where: MULTIQUEUE,
    text: 'Set queues up before VQ_PAIRS_SET enables them',
    advice: 'Set up every queue of the pairs before DRIVER_OK, and enable as many pairs as are set up.',
    on: 'pairs',
    kept: (k) => k.missing < 0,
    said: (k) => `${k.value} pairs of queues were enabled, and ${k.missingName} is not set up`,
  },
  'virtio/NET-MQ-D2': {
    strength: 'MUST NOT',
    where: MULTIQUEUE,
    text: 'virtqueue_pairs is 1..max_virtqueue_pairs',
    advice: 'Ask for 1 up to max_virtqueue_pairs, which is in the device configuration.',
    on: 'command',
    when: (k) => k.known === 'VQ_PAIRS_SET' && whole(k) && fits(k) && !isSwapped(k),
    kept: (k) => arePairs(k, k.value),
    said: (k) => `${k.value} pairs of queues were asked for, and the card has ${k.pairs}`,
  },
  'virtio/NET-OFFL-D1': {
    strength: 'MUST NOT',
    where: 'virtio 1.4, Setting Offloads State',
    text: 'No offload bit without its negotiated feature',
    advice: 'Set only bits of receive offloads that were negotiated: 1, 7, 8, 9, 10, and 46, 47, 54, 55.',
    on: 'command',
    when: (k) => k.known === 'GUEST_OFFLOADS_SET' && whole(k) && fits(k) && !isSwapped(k),
    kept: (k) => strangers(k, k.data).every((word) => word === 0),
    said: (k) => {
      const [low, high] = strangers(k, k.data);
      return `offloads ${hex(k.high, 8)}${hex(k.value, 8)} were asked for, of which ${hex(high, 8)}${hex(low, 8)} are not negotiated`;
    },
    since: (k) => k.negotiatedAt,
  },
  'virtio/NET-COAL-D2': {
    strength: 'MUST',
    where: COALESCING,
    text: 'TX_SET and RX_SET need NOTF_COAL',
    advice: 'Accept NOTF_COAL (53) if it is offered, or leave these commands.',
    ...needs('NOTF_COAL'),
  },
  'virtio/NET-COAL-D3': {
    strength: 'MUST',
    where: COALESCING,
    text: 'VQ_SET and VQ_GET need VQ_NOTF_COAL',
    advice: 'NOTF_COAL alone is of all queues together: use TX_SET and RX_SET.',
    ...needs('VQ_NOTF_COAL'),
  },
  'virtio/NET-COAL-D1': {
    strength: 'MUST',
    where: COALESCING,
    text: 'vq_index names an enabled receive or transmit queue',
    advice: 'Name the index of a queue that is set up for frames, not that of the control queue.',
    ...of('NOTF_COAL_VQ_SET', 'NOTF_COAL_VQ_GET'),
    kept: (k) => ['receive', 'transmit'].includes(k.kindOf(k.data.u16(0)) ?? ''),
    said: (k) =>
      `${k.known} named queue ${k.data.u16(0)}, which ${k.kindOf(k.data.u16(0)) === null ? 'is not set up' : 'is for commands'}`,
  },
  'virtio/NET-RSSCTX-D1': {
    strength: 'MUST',
    where: 'virtio 1.4, RSS Context',
    text: 'RSS context commands need RSS_CONTEXT',
    advice: 'Accept RSS_CONTEXT (64) if it is offered, or do with one configuration.',
    ...needs('RSS_CONTEXT'),
  },
  'virtio/NET-IHH-D1': {
    strength: 'MUST',
    where: 'virtio 1.4, Inner Header Hash',
    text: 'HASH_TUNNEL_SET needs HASH_TUNNEL',
    advice: 'Accept HASH_TUNNEL (51) if it is offered, or leave the hash to outer headers.',
    ...needs('HASH_TUNNEL'),
  },
  'virtio/NET-RSS-D1': {
    strength: 'MUST NOT',
    where: 'virtio 1.4, Setting RSS parameters',
    text: 'RSS_CONFIG needs RSS negotiated',
    advice: 'Accept RSS (60) if it is offered, or use VQ_PAIRS_SET.',
    ...needs('RSS'),
  },
  'virtio/NET-RXMODE-D1': {
    strength: 'MUST NOT',
    where: 'virtio 1.4, Packet Receive Filtering',
    text: 'PROMISC and ALLMULTI commands need CTRL_RX',
    advice:
      'Accept CTRL_RX (18) if it is offered. Without it the device filters nothing, and the driver has to.',
    on: 'command',
    when: (k) => whole(k) && !filters(k.accepted),
    kept: (k) => k.className !== RX.class || k.takes === CTRL_RX_EXTRA,
    said: (k) => `${named(k)}, without CTRL_RX`,
    since: (k) => k.negotiatedAt,
  },
  'virtio/NET-RXMODE-D2': {
    strength: 'MUST NOT',
    where: 'virtio 1.4, Packet Receive Filtering',
    text: 'ALLUNI, NOMULTI, NOUNI, NOBCAST commands need CTRL_RX_EXTRA',
    advice: 'Accept CTRL_RX_EXTRA (20) if it is offered, or filter in the driver.',
    ...needs('CTRL_RX_EXTRA'),
  },
  'virtio/NET-MAC-D1': {
    strength: 'MUST NOT',
    where: 'virtio 1.4, Setting MAC Address Filtering',
    text: 'MAC class commands need CTRL_RX',
    advice: 'Accept CTRL_RX (18) if it is offered, or filter by address in the driver.',
    on: 'command',
    when: (k) => whole(k) && !filters(k.accepted),
    kept: (k) => k.className !== MAC.class,
    said: (k) => `${named(k)}, without CTRL_RX`,
    since: (k) => k.negotiatedAt,
  },
} as const satisfies Rules<ControlKnows, ControlMoment>;

export const CONTROL = {
  ...COMMAND_FRAMING,
  ...COMMANDS,
  ...COMMAND_VALUES,
  ...FILTERING,
  ...STEERING,
  ...STATISTICS,
  ...SWAPPED,
} as const;

function filters(accepted: BitSet): boolean {
  return accepted.has(CTRL_RX);
}

function named({ className, number }: ControlKnows): string {
  return `command ${number} of class ${className} was sent`;
}
