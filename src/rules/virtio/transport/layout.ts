import { bytesText, hex, type Width } from '../../../core/bits.ts';
import type { Register } from '../../../core/register.ts';
import type { Rule, Rules } from '../../../core/rule.ts';
import type { Knows } from '../../../core/watch.ts';
import { QUEUE_NOTIFY } from '../../../virtio/registers.ts';

/** What the rules know of one access. */
export interface LayoutKnows extends Knows {
  /** Which part of the function: the legacy header, or a structure. */
  readonly area: 'header' | 'common' | 'config';
  /** What begins at the offset; null if nothing does, or if it is the device configuration. */
  readonly register: Register | null;
  /** What holds the byte at the offset; null as above. */
  readonly around: Register | null;
  /** Bytes of the field that holds it; 0 is none. */
  readonly field: number;
  /** Whether that field begins there. */
  readonly begins: boolean;
  readonly offset: number;
  /** Bytes, of what the bus made of the access, and of the access itself. */
  readonly width: Width;
  readonly used: number;
  readonly value: number;
}

export type LayoutMoment = 'accessed' | 'written';

const LAYOUT_SECTION = 'virtio 1.4, PCI Device Layout';

function fieldOf(bytes: number): Pick<Rule<LayoutKnows, LayoutMoment>, 'on' | 'when' | 'kept' | 'said'> {
  return {
    on: 'accessed',
    when: (k) => k.around !== QUEUE_NOTIFY && k.field === bytes,
    kept: (k) => k.begins && k.width === k.field,
    said: accessText,
  };
}

/** `Queue Select (2 bytes) was accessed with 4 bytes`, `… with 1 byte, from its byte 2 on` */
function accessText({ around, field, begins, offset, used }: LayoutKnows): string {
  const what =
    around?.name ?? (begins ? `config+${hex(offset, 2)}` : `a field of config, at ${hex(offset, 2)},`);
  const from = begins || around === null ? '' : `, from its byte ${offset - around.offset} on`;
  return `${what} (${bytesText(field)}) was accessed with ${bytesText(used)}${from}`;
}

function writtenText({ register, value, area, width }: LayoutKnows): string {
  const shown = hex(value, (area === 'header' ? register!.width : width) * 2);
  return `${register!.name} was written with ${shown}`;
}

/** Rules of how registers are accessed, by either interface. */
export const LAYOUT = {
  'virtio/PCI-LAYOUT-D1': {
    strength: 'MUST',
    where: LAYOUT_SECTION,
    text: '8-bit fields: 8-bit accesses',
    advice: 'Use an 8-bit access.',
    ...fieldOf(1),
  },
  'virtio/PCI-LAYOUT-D2': {
    strength: 'MUST',
    where: LAYOUT_SECTION,
    text: '16-bit fields: 16-bit aligned accesses',
    advice: 'Use an aligned 16-bit access.',
    ...fieldOf(2),
  },
  'virtio/PCI-LAYOUT-D3': {
    strength: 'MUST',
    where: LAYOUT_SECTION,
    text: '32- and 64-bit fields: 32-bit aligned accesses (no single 64-bit access)',
    advice: 'Use aligned 32-bit accesses.',
    ...fieldOf(4),
  },
  'virtio/VQ-IMP-16': {
    strength: 'MUST NOT',
    where: 'virtio 1.4, Legacy Interfaces: A Note on PCI Device Layout',
    text: 'Read-only registers of the legacy header are not written',
    advice: 'Read Device Features, Queue Size and ISR Status only: a legacy device fixes them.',
    on: 'written',
    when: (k) => k.area === 'header' && k.register !== null,
    kept: (k) => k.register!.writable !== 0,
    said: writtenText,
  },
  'virtio/PCI-COMMON-D1': {
    strength: 'MUST NOT',
    where: 'virtio 1.4, Common configuration structure layout',
    text: 'Leave the read-only common cfg fields alone',
    advice:
      "Write the driver's fields only. What is offered, num_queues, config_generation and the notify fields are the device's.",
    on: 'written',
    when: (k) => k.area === 'common' && k.register !== null,
    kept: (k) => k.register!.writable !== 0,
    said: writtenText,
  },
} as const satisfies Rules<LayoutKnows, LayoutMoment>;
