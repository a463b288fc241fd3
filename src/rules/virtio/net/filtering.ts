import { bytesText } from '../../../core/bits.ts';
import type { Rules } from '../../../core/rule.ts';
import { COMMAND_HEADER, type ControlKnows, whole } from './command.ts';
import { anyLayout, buffers, readableIn } from './framing.ts';
import { isSwapped } from './swapped.ts';
import { allOf, tableAt, tablesFit } from './tables.ts';

const FRAMING_LEGACY = 'virtio 1.4, Legacy Interface: Framing Requirements';

/** Rules on the tables of MAC_TABLE_SET, and on their layout in its chain. */
export const FILTERING = {
  'virtio/NET-MAC-D3': {
    where: 'virtio 1.4, Setting MAC Address Filtering',
    text: 'A driver MUST send MAC_TABLE_SET as a count and that many unicast addresses, then a count and that many multicast addresses.',
    advice: 'Write both counts, even if one is 0, and unicast addresses before multicast ones.',
    on: 'command',
    // Tables with a descriptor each have rules of their own.
    when: (k) => isTables(k) && !(areApart(k) && !anyLayout(k.accepted)),
    kept: (k) => tablesFit(k.data) && areSorted(k),
    said: (k) =>
      tablesFit(k.data)
        ? 'an address of MAC_TABLE_SET stands in the wrong table'
        : `the tables of MAC_TABLE_SET have ${bytesText(k.data.length)}, and ${counts(k)}`,
    facts: buffers,
  },
  'virtio/NET-FRAME-LEG-D4': {
    where: FRAMING_LEGACY,
    text: 'A driver without ANY_LAYOUT MUST send the data of MAC_TABLE_SET in exactly two descriptors.',
    advice: 'Put each of the two tables into its own descriptor, or accept ANY_LAYOUT.',
    on: 'command',
    // Data that are not two tables at all break NET-MAC-D3.
    when: (k) => isTables(k) && !anyLayout(k.accepted) && (areApart(k) || tablesFit(k.data)),
    kept: areApart,
    said: (k) =>
      `behind class and command, MAC_TABLE_SET has ${readableIn(k.chain!) - 1} descriptors to read`,
    facts: buffers,
  },
  'virtio/NET-FRAME-LEG-D5': {
    where: FRAMING_LEGACY,
    text: 'A driver without ANY_LAYOUT MUST put the unicast table of MAC_TABLE_SET, unpadded, into the first data descriptor.',
    advice: 'Give the descriptor 4 bytes plus 6 for each address.',
    on: 'command',
    when: (k) => isTables(k) && !anyLayout(k.accepted) && areApart(k),
    kept: (k) => holdsTable(k, 1),
    said: (k) => said(k, 1),
    facts: buffers,
  },
  'virtio/NET-FRAME-LEG-D6': {
    where: FRAMING_LEGACY,
    text: 'A driver without ANY_LAYOUT MUST put the multicast table of MAC_TABLE_SET, unpadded, into the second data descriptor.',
    advice: 'Give the descriptor 4 bytes plus 6 for each address.',
    on: 'command',
    when: (k) => isTables(k) && !anyLayout(k.accepted) && areApart(k),
    kept: (k) => holdsTable(k, 2),
    said: (k) => said(k, 2),
    facts: buffers,
  },
} as const satisfies Rules<ControlKnows, 'command'>;

function isTables(k: ControlKnows): boolean {
  return k.known === 'MAC_TABLE_SET' && whole(k) && !isSwapped(k);
}

/** Three descriptors: class and command, the first table, the second. */
function areApart({ chain }: ControlKnows): boolean {
  return readableIn(chain!) === 3 && chain!.lengthOf(0) === COMMAND_HEADER;
}

function areSorted({ data }: ControlKnows): boolean {
  const stations = tableAt(data, 0);
  return allOf(data, stations, false) && allOf(data, tableAt(data, stations.end), true);
}

/** The descriptor is as long as its table, and its addresses are of the right kind. */
function holdsTable({ chain, data }: ControlKnows, descriptor: 1 | 2): boolean {
  const table = tableAt(data, descriptor === 1 ? 0 : chain!.lengthOf(1));
  return table.end - table.at === chain!.lengthOf(descriptor) && allOf(data, table, descriptor === 2);
}

function said(k: ControlKnows, descriptor: 1 | 2): string {
  const at = descriptor === 1 ? 0 : k.chain!.lengthOf(1);
  const { entries, end } = tableAt(k.data, at);
  const length = k.chain!.lengthOf(descriptor);
  if (end - at === length)
    return `table ${descriptor} of MAC_TABLE_SET has an address that belongs into the other`;
  return `table ${descriptor} of MAC_TABLE_SET has ${entries} entries in ${bytesText(length)}`;
}

function counts({ data }: ControlKnows): string {
  const first = tableAt(data, 0);
  return `say that they have ${first.entries} and ${tableAt(data, first.end).entries} entries`;
}
