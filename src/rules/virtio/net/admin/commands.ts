import type { Rules } from '../../../../core/rule.ts';
import { ADMIN_CMD } from '../../../../virtio/features/admin/registers.ts';
import { FF_CAPS, NET_OBJECT } from '../../../../virtio/net/capability-registers.ts';
import type { AdminKnows, AdminMoment } from './knows.ts';

const { LIST_QUERY, LIST_USE } = ADMIN_CMD;
const COMMANDS_WHERE = 'virtio 1.4, Group administration commands';
const OBJECTS = 'virtio 1.4, Device resource objects';
const NAMES = Object.fromEntries(Object.entries(ADMIN_CMD).map(([name, opcode]) => [opcode, name]));
/** Objects that need the capabilities of flow filters. */
const RESTING = Object.values(NET_OBJECT);

/** Rules of all commands to the card itself. */
export const COMMANDS = {
  'virtio/ADMIN-IMP-1': {
    strength: 'MUST',
    where: COMMANDS_WHERE,
    text: 'No command is sent before LIST_USE has told the device that it is used',
    advice:
      'After each reset send LIST_USE with all commands that you know of those listed, and wait for OK.',
    on: 'command',
    when: (k) => k.opcode !== LIST_QUERY && k.opcode !== LIST_USE,
    kept: (k) => k.used.has(k.opcode),
    said: (k) => `${nameOf(k.opcode)} was sent, and LIST_USE had not named it`,
    once: true,
  },
  'virtio/ADMIN-IMP-2': {
    strength: 'MUST NOT',
    where: COMMANDS_WHERE,
    text: 'LIST_USE names no command that LIST_QUERY has not told of',
    advice: 'Send LIST_QUERY first, and take away what is not in its result.',
    on: 'uses',
    kept: (k) => strangers(k).length === 0,
    said: (k) => `LIST_USE named ${strangers(k).map(nameOf).join(', ')}, of which LIST_QUERY has not told`,
  },
  'virtio/ADMIN-IMP-3': {
    strength: 'MUST NOT',
    where: OBJECTS,
    text: 'No second object of a type is created with the id of one that there is',
    advice: 'Destroy the first, change it by RESOURCE_OBJ_MODIFY, or take another id.',
    on: 'object',
    when: (k) => k.isNew,
    kept: (k) => !k.objects.has(k.type, k.id),
    said: (k) => `an object of type ${k.type.toString(16)}h and id ${k.id} was created, as there is one`,
  },
  'virtio/ADMIN-IMP-4': {
    strength: 'MUST NOT',
    where: OBJECTS,
    text: 'No capability is set while objects that rest on it are there',
    advice: 'Set capabilities once after a reset, or destroy the objects first.',
    on: 'capability',
    when: (k) => k.sets,
    kept: (k) => !isRestedOn(k),
    said: (k) => `capability ${k.capability.toString(16)}h was set, and there are objects that rest on it`,
  },
} as const satisfies Rules<AdminKnows, AdminMoment>;

function nameOf(opcode: number): string {
  return NAMES[opcode] ?? `command ${opcode}`;
}

function strangers({ named, offered }: AdminKnows): readonly number[] {
  return named.filter((opcode) => offered?.has(opcode) !== true);
}

function isRestedOn({ capability, objects }: AdminKnows): boolean {
  return FF_CAPS.includes(capability) && RESTING.some((type) => objects.any(type));
}
