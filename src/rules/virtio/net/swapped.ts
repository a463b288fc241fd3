import { hex } from '../../../core/bits.ts';
import type { ByteReader } from '../../../core/byte-reader.ts';
import type { Rule, Rules } from '../../../core/rule.ts';
import { offloadsOf } from '../../../virtio/net/offload-registers.ts';
import { type CommandName, type ControlKnows, fits, whole } from './command.ts';
import { tablesFit } from './tables.ts';

const STEERING = 'virtio 1.4, Legacy Interface: Automatic receive steering in multiqueue mode';
const VLAN_MOST = 4095;
const ADVICE = "With the legacy interface, write numbers in the guest's byte order.";

/** Whether a command's data make sense. */
type Sense = (k: ControlKnows, data: ByteReader) => boolean;

/** Commands whose numbers show their byte order. */
const SENSES: { readonly [Name in CommandName]?: Sense } = {
  VQ_PAIRS_SET: (k, data) => arePairs(k, data.u16(0)),
  GUEST_OFFLOADS_SET: (k, data) => strangers(k, data).every((word) => word === 0),
  VLAN_ADD: (_, data) => data.u16(0) <= VLAN_MOST,
  VLAN_DEL: (_, data) => data.u16(0) <= VLAN_MOST,
  MAC_TABLE_SET: (_, data) => tablesFit(data),
};

export function arePairs({ pairs }: ControlKnows, value: number): boolean {
  return value >= 1 && value <= pairs;
}

/** The requested offloads that cannot be set, as two words. */
export function strangers({ accepted }: ControlKnows, data: ByteReader): readonly [number, number] {
  const [low, high] = offloadsOf(accepted);
  return [(data.low(0) & ~low) >>> 0, (data.high(0) & ~high) >>> 0];
}

/** The guest is big-endian, and the data make sense only in the other byte order. */
export function isSwapped(k: ControlKnows): boolean {
  const sense = k.known === null || !k.bigLegacy ? undefined : SENSES[k.known];
  return sense !== undefined && !sense(k, k.data) && sense(k, k.data.swapped);
}

/** The numbers of these commands are in the byte order of the guest. */
function inOrder(
  ...names: readonly CommandName[]
): Pick<Rule<ControlKnows, 'command'>, 'on' | 'when' | 'kept'> {
  return {
    on: 'command',
    when: (k) => k.bigLegacy && k.known !== null && names.includes(k.known) && whole(k) && fits(k),
    kept: (k) => !isSwapped(k),
  };
}

/** Rules for big-endian guests of legacy cards. */
export const SWAPPED = {
  'virtio/NET-MAC-LEG-D1': {
    where: 'virtio 1.4, Legacy Interface: Setting MAC Address Filtering',
    text: "A driver of the legacy interface MUST write the entries of MAC_TABLE_SET in the guest's byte order.",
    advice: ADVICE,
    ...inOrder('MAC_TABLE_SET'),
    said: (k) =>
      `the first table has ${k.data.u32(0)} entries, and ${k.data.swapped.u32(0)} in the other byte order`,
  },
  'virtio/NET-VLAN-LEG-D1': {
    where: 'virtio 1.4, Legacy Interface: VLAN Filtering',
    text: "A driver of the legacy interface MUST write VLAN ids in the guest's byte order.",
    advice: ADVICE,
    ...inOrder('VLAN_ADD', 'VLAN_DEL'),
    said: (k) => `VLAN ${k.data.u16(0)} was named, which is ${k.data.swapped.u16(0)} in the other byte order`,
  },
  'virtio/NET-MQ-LEG-D1': {
    where: STEERING,
    text: "A driver of the legacy interface MUST write virtqueue_pairs in the guest's byte order.",
    advice: ADVICE,
    ...inOrder('VQ_PAIRS_SET'),
    said: (k) =>
      `${k.data.u16(0)} pairs of queues were asked for, which are ${k.data.swapped.u16(0)} in the other byte order`,
  },
  'virtio/NET-OFFL-LEG-D1': {
    where: 'virtio 1.4, Legacy Interface: Setting Offloads State',
    text: "A driver of the legacy interface MUST write the offload mask in the guest's byte order.",
    advice: ADVICE,
    ...inOrder('GUEST_OFFLOADS_SET'),
    said: (k) =>
      `offloads ${hex(k.high, 8)}${hex(k.value, 8)} were asked for: the bytes are in the other order`,
  },
} as const satisfies Rules<ControlKnows, 'command'>;
