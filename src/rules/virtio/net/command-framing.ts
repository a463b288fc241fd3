import { bytesText } from '../../../core/bits.ts';
import type { Rules } from '../../../core/rule.ts';
import type { Chain } from '../../../virtio/net/events.ts';
import { NET_COMMANDS, NET_CTRL } from '../../../virtio/net/registers/commands.ts';
import { COMMAND_HEADER, type ControlKnows, fits, whole } from './command.ts';
import { anyLayout, buffers, readableIn } from './framing.ts';

const { MAC } = NET_CTRL;
const FRAMING_LEGACY = 'virtio 1.4, Legacy Interface: Framing Requirements';

/** Rules on the layout of a command in its chain. */
export const COMMAND_FRAMING = {
  'virtio/NET-FRAME-LEG-D2': {
    where: FRAMING_LEGACY,
    text: 'A driver without ANY_LAYOUT MUST put class and command of a control command into one 2-byte descriptor.',
    advice:
      'Put class and command into a descriptor of 2 bytes, and the data into the next; or accept ANY_LAYOUT.',
    on: 'command',
    when: isFramed,
    kept: (k) => first(k) === COMMAND_HEADER,
    said: (k) => `the first descriptor of a command has ${bytesText(first(k))}`,
    facts: buffers,
  },
  'virtio/NET-FRAME-LEG-D3': {
    where: FRAMING_LEGACY,
    text: 'A driver without ANY_LAYOUT MUST put the data of a control command into one unpadded descriptor.',
    advice:
      'Put the data of a command into one descriptor, exactly as long as the data; or accept ANY_LAYOUT.',
    on: 'command',
    // The standard has clauses of its own on the two tables of MAC.MAC_TABLE_SET, which have a descriptor each.
    when: (k) => isFramed(k) && !(k.className === MAC.class && k.number === MAC.MAC_TABLE_SET),
    kept: (k) => dataIn(k.chain!) <= 1,
    said: (k) => `behind class and command, a command has ${dataIn(k.chain!)} descriptors to read`,
    facts: buffers,
  },
  'virtio/NET-FRAME-LEG-D7': {
    where: FRAMING_LEGACY,
    text: 'A driver without ANY_LAYOUT MUST put the ack of a control command into one 1-byte descriptor.',
    advice:
      'Give the answer one writable descriptor of 1 byte, as the last of the chain; or accept ANY_LAYOUT.',
    on: 'command',
    when: isFramed,
    kept: (k) => k.chain!.writableBytes === 1,
    said: (k) => `${bytesText(k.chain!.writableBytes)} of a command's chain are for the ack`,
    facts: buffers,
  },
  'virtio/NET-IMP-3': {
    where: 'virtio 1.4, Control Virtqueue',
    text: "A driver MUST send class, command and exactly the command's data in a control chain, then one writable byte for the ack.",
    advice:
      'Chain class and command, then as many bytes of data as the command has, then one byte for the device to write.',
    on: 'command',
    kept: (k) => whole(k) && (k.known === null || fits(k)),
    said: (k) =>
      whole(k)
        ? `${k.known} was sent with ${bytesText(k.bytes - COMMAND_HEADER)} of data instead of ${NET_COMMANDS[k.known!].bytes}`
        : `a command has ${bytesText(k.bytes)} to read and ${k.chain?.writableBytes ?? 0} to write`,
    facts: buffers,
  },
} as const satisfies Rules<ControlKnows, 'command'>;

/** Its parts must have descriptors of their own. One that lacks a part breaks NET-IMP-3. */
function isFramed(k: ControlKnows): boolean {
  return !anyLayout(k.accepted) && whole(k);
}

function first({ chain }: ControlKnows): number {
  return chain!.readableBytes === 0 ? 0 : chain!.lengthOf(0);
}

/** How many descriptors hold only data: they begin behind class and command. */
function dataIn(chain: Chain): number {
  let begin = 0;
  let count = 0;
  for (let i = 0; i < readableIn(chain); i++) {
    if (begin >= COMMAND_HEADER) count++;
    begin += chain.lengthOf(i);
  }
  return count;
}
