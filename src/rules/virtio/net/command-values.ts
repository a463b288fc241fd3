import type { Rule, Rules } from '../../../core/rule.ts';
import { type CommandName, type ControlKnows, fits, whole } from './command.ts';
import { isSwapped } from './swapped.ts';

const FILTERING = 'virtio 1.4, Packet Receive Filtering';
const ADDRESS = 6;
/** The first bit on the wire of an address: it is set in that of a group. */
const GROUP = 1;
/** FFF is reserved for implementations. */
const VLAN_LAST = 0xffe;

/** `on` and `when` of a row on these commands, with data of the right length. */
function fitting(...names: readonly CommandName[]): Pick<Rule<ControlKnows, 'command'>, 'on' | 'when'> {
  return {
    on: 'command',
    when: (k) => k.known !== null && names.includes(k.known) && whole(k) && fits(k) && !isSwapped(k),
  };
}

/** Rules on the values in filter commands. */
export const COMMAND_VALUES = {
  'virtio/NET-RXMODE-IMP-1': {
    where: FILTERING,
    text: 'A driver MUST send 0 (off) or 1 (on) with a command that switches a receive mode.',
    advice: 'Send one byte that is 0 or 1, not another value that the language takes for true.',
    ...fitting('PROMISC', 'ALLMULTI', 'ALLUNI', 'NOMULTI', 'NOUNI', 'NOBCAST'),
    kept: (k) => k.data.u8(0) <= 1,
    said: (k) => `${k.known} was sent with ${k.data.u8(0)}`,
  },
  'virtio/NET-MAC-IMP-1': {
    where: 'virtio 1.4, Setting MAC Address Filtering; IEEE 802, 8.2',
    text: 'A driver MUST send a unicast address other than zero with MAC_ADDR_SET.',
    advice: 'Clear the first bit on the wire, which marks group addresses, and do not send zeros.',
    ...fitting('MAC_ADDR_SET'),
    kept: (k) => (k.data.u8(0) & GROUP) === 0 && addressOf(k).some((byte) => byte !== 0),
    said: (k) => `the card was given the address ${textOf(k)}`,
  },
  'virtio/NET-VLAN-IMP-1': {
    where: 'virtio 1.4, VLAN Filtering; IEEE 802.1Q, 9.6',
    text: 'A driver MUST NOT name a VLAN outside 0 to 4094.',
    advice: 'Send the twelve bits of the id, without the other bits of the tag; 4095 is reserved.',
    ...fitting('VLAN_ADD', 'VLAN_DEL'),
    kept: (k) => k.data.u16(0) <= VLAN_LAST,
    said: (k) => `${k.known} named VLAN ${k.data.u16(0)}`,
  },
} as const satisfies Rules<ControlKnows, 'command'>;

function addressOf({ data }: ControlKnows): number[] {
  return Array.from({ length: ADDRESS }, (_, i) => data.u8(i));
}

function textOf(k: ControlKnows): string {
  return addressOf(k)
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join(':');
}
