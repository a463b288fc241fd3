import type { Rules } from '../../../core/rule.ts';
import { COMMAND_HEADER, type ControlKnows, fits, whole } from './command.ts';
import { anyLayout, buffers, readableIn } from './framing.ts';

const FRAMING_LEGACY = 'virtio 1.4, Legacy Interface: Framing Requirements';

/** How a command lies in its chain. */
export const COMMAND_FRAMING = {
  'virtio/NET-FRAME-LEG-D2': {
    strength: 'MUST',
    where: FRAMING_LEGACY,
    text: 'Without ANY_LAYOUT control class+command is one 2-byte descriptor',
    on: 'command',
    when: (k) => !anyLayout(k.accepted),
    kept: (k) => first(k) === COMMAND_HEADER,
    said: (k) => `bytes in the first descriptor: ${first(k)}`,
    facts: buffers,
  },
  'virtio/NET-FRAME-LEG-D3': {
    strength: 'MUST',
    where: FRAMING_LEGACY,
    text: 'Without ANY_LAYOUT other command data is one unpadded descriptor',
    on: 'command',
    when: (k) => !anyLayout(k.accepted),
    kept: (k) => readableIn(k.chain!) <= 2,
    said: (k) => `readable descriptors of a command: ${readableIn(k.chain!)}`,
    facts: buffers,
  },
  'virtio/NET-FRAME-LEG-D7': {
    strength: 'MUST',
    where: FRAMING_LEGACY,
    text: 'Without ANY_LAYOUT ack is one 1-byte descriptor',
    on: 'command',
    when: (k) => !anyLayout(k.accepted),
    kept: (k) => ack(k) === 1,
    said: (k) => `bytes in the ack descriptor: ${ack(k)}`,
    facts: buffers,
  },
  'virtio/NET-IMP-3': {
    strength: 'MUST',
    where: 'virtio 1.4, Control Virtqueue',
    text: 'A control chain holds class, command and exactly the data of the command, then a writable byte for the ack',
    on: 'command',
    kept: (k) => whole(k) && (k.known === null || fits(k)),
    said: (k) =>
      whole(k)
        ? `bytes of data of ${k.known}: ${k.bytes - COMMAND_HEADER}`
        : `readable bytes of a command: ${k.bytes}`,
    facts: buffers,
  },
} as const satisfies Rules<ControlKnows, 'command'>;

function first({ chain }: ControlKnows): number {
  return chain!.readableBytes === 0 ? 0 : chain!.lengthOf(0);
}

function ack({ chain }: ControlKnows): number {
  return chain!.writableBytes === 0 ? 0 : chain!.lengthOf(chain!.count - 1);
}
