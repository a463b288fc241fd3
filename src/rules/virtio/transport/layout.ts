import { bytesText, hex, type Width } from '../../../core/bits.ts';
import type { Journal } from '../../../core/journal.ts';
import type { Register } from '../../../core/register.ts';
import type { Rule, Rules } from '../../../core/rule.ts';
import { Watch } from '../../../core/watch.ts';
import type { Interface, VirtioEvents, WindowFault } from '../../../virtio/events.ts';
import * as legacy from '../../../virtio/registers.ts';
import { LEGACY_CONFIG, QUEUE_NOTIFY } from '../../../virtio/registers.ts';
import { COMMON } from '../../../virtio/transport/modern/registers.ts';
import type { VirtioFacts } from '../facts.ts';

const HEADER = [
  legacy.DEVICE_FEATURES,
  legacy.DRIVER_FEATURES,
  legacy.QUEUE_ADDRESS,
  legacy.QUEUE_SIZE,
  legacy.QUEUE_SELECT,
  legacy.QUEUE_NOTIFY,
  legacy.DEVICE_STATUS,
  legacy.ISR_STATUS,
  legacy.CONFIG_MSIX_VECTOR,
  legacy.QUEUE_MSIX_VECTOR,
];

const VECTORS: readonly Register[] = [legacy.CONFIG_MSIX_VECTOR, legacy.QUEUE_MSIX_VECTOR];

const LAYOUT_SECTION = 'virtio 1.4, PCI Device Layout';

function fieldOf(bytes: number): Pick<Rule<LayoutWatch, 'accessed'>, 'on' | 'when' | 'kept' | 'said'> {
  return {
    on: 'accessed',
    when: (k) => k.around !== QUEUE_NOTIFY && k.field === bytes && !isMisplaced(k),
    // Where the bus cuts an access in two, each half may have the width of a field.
    kept: (k) => k.begins && k.used === k.field,
    said: accessText,
  };
}

/** `Queue Select (2 bytes) was accessed with 4 bytes`, `… with 1 byte, from its byte 2 on` */
function accessText({ around, field, begins, offset, used }: LayoutWatch): string {
  const what =
    around?.name ?? (begins ? `config+${hex(offset, 2)}` : `a field of config, at ${hex(offset, 2)},`);
  const from = begins || around === null ? '' : `, from its byte ${offset - around.offset} on`;
  return `${what} (${bytesText(field)}) was accessed with ${bytesText(used)}${from}`;
}

function isVector({ around }: LayoutWatch): boolean {
  return VECTORS.some((vector) => vector === around);
}

/** The vectors are read as if a field of the configuration were there: by bytes, or by four. */
function isMisplaced(k: LayoutWatch): boolean {
  return k.reads && isVector(k) && k.used !== k.field;
}

function writtenText({ register, value, area, width }: LayoutWatch): string {
  const shown = hex(value, (area === 'header' ? register!.width : width) * 2);
  return `${register!.name} was written with ${shown}`;
}

/** Rules of register accesses, by either interface. */
export const LAYOUT = {
  'virtio/PCI-LAYOUT-D1': {
    where: LAYOUT_SECTION,
    text: 'A driver MUST access 8-bit fields with 8-bit accesses.',
    advice: 'Use an 8-bit access.',
    ...fieldOf(1),
  },
  'virtio/PCI-LAYOUT-D2': {
    where: LAYOUT_SECTION,
    text: 'A driver MUST access 16-bit fields with aligned 16-bit accesses.',
    advice: 'Use an aligned 16-bit access.',
    ...fieldOf(2),
  },
  'virtio/PCI-LAYOUT-D3': {
    where: LAYOUT_SECTION,
    text: 'A driver MUST access 32-bit and 64-bit fields with aligned 32-bit accesses, not with one 64-bit access.',
    advice: 'Use aligned 32-bit accesses.',
    ...fieldOf(4),
  },
  'virtio/PCI-LEG-IMP-1': {
    where: 'virtio 1.4, Legacy Interfaces: A Note on PCI Device Layout',
    text: 'A driver MUST find the legacy device configuration at 24 while MSI-X is enabled, for the vectors are at 20, and at 20 while it is not.',
    advice:
      'Compute where the configuration begins at each access: 24 while MSI-X is enabled, 20 while it is not. Enable MSI-X before you write vectors.',
    on: ['accessed', 'vector'],
    when: (k) => k.tried !== null || (k.reads && isVector(k)),
    kept: (k) => k.tried === null && !isMisplaced(k),
    said: (k) =>
      k.tried !== null
        ? `two bytes were written at ${k.tried.offset} and read back, where ${k.tried.name} is while MSI-X is enabled, but it is not`
        : `${bytesText(k.used)} ${k.used === 1 ? 'was' : 'were'} read at ${k.offset}, where ${k.around!.name} is while MSI-X is enabled`,
  },
  'virtio/VQ-IMP-16': {
    where: 'virtio 1.4, Legacy Interfaces: A Note on PCI Device Layout',
    text: 'A driver MUST NOT write read-only registers of the legacy header.',
    advice: 'Only read Device Features, Queue Size and ISR Status: a legacy device fixes them.',
    on: 'written',
    when: (k) => k.area === 'header' && k.register !== null,
    kept: (k) => k.register!.writable !== 0,
    said: writtenText,
  },
  'virtio/PCI-COMMON-D1': {
    where: 'virtio 1.4, Common configuration structure layout',
    text: 'A driver MUST NOT write read-only fields of the common configuration.',
    advice:
      "Write the driver's fields only: offered features, num_queues, config_generation and the notify fields are the device's.",
    on: 'written',
    when: (k) => k.area === 'common' && k.register !== null,
    kept: (k) => k.register!.writable !== 0,
    said: writtenText,
  },
} as const satisfies Rules<LayoutWatch>;

/** Watches how a driver accesses registers. */
export class LayoutWatch implements Partial<VirtioEvents> {
  /** Which part of the function: the legacy header, or a structure. */
  area: 'header' | 'common' | 'config' = 'header';
  /** The register that begins at the offset; null if none does, or in the device configuration. */
  register: Register | null = null;
  /** The register that has the byte at the offset; null as above. */
  around: Register | null = null;
  /** Bytes of the field that has it; 0 is none. */
  field = 0;
  /** Whether that field begins there. */
  begins = true;
  offset = 0;
  /** It is read. */
  reads = false;
  /** Bytes of the access as the bus passed it on, and of the access itself. */
  width: Width = 1;
  used = 1;
  value = 0;
  /** Without MSI-X, the vector that would be where the driver wrote and read: of the configuration, or of a queue. */
  tried: Register | null = null;
  private msix = false;
  /** The register at whose place it wrote two bytes of the configuration last. */
  private stored: Register | null = null;
  /** The next access comes through the window in configuration space, with a width of its own. */
  private throughWindow = false;
  private readonly facts: VirtioFacts;
  private readonly journal: Journal;
  private readonly on;

  constructor(facts: VirtioFacts, journal: Journal) {
    this.facts = facts;
    this.journal = journal;
    this.on = new Watch(journal, LAYOUT).on;
  }

  get subject(): string {
    return this.facts.subject();
  }

  read(by: Interface, register: Register | null, offset: number, width: Width): void {
    this.accessed(by, register, offset, width, true);
  }

  written(by: Interface, register: Register | null, offset: number, width: Width, value: number): void {
    this.accessed(by, register, offset, width, false);
    this.value = value;
    if (register !== null) this.on.written.tell(this);
  }

  configAccessed(by: Interface, offset: number, width: Width, field: number, write: boolean): void {
    if (by === 'legacy') this.vectorTried(LEGACY_CONFIG.withoutMsix + offset, width, write);
    if (by === 'legacy' || field === 0) return;
    this.area = 'config';
    this.reads = false;
    this.register = this.around = null;
    this.field = Math.abs(field);
    this.begins = field > 0;
    this.tell(offset, width);
  }

  reset(powered: boolean): void {
    if (powered) this.msix = false;
    this.stored = null;
  }

  msixSwitched(msix: boolean): void {
    this.msix = msix;
  }

  /** The legacy configuration is accessed. A vector is written with two bytes, and read back at once. */
  private vectorTried(at: number, width: Width, write: boolean): void {
    const { stored, msix, facts } = this;
    const meant =
      VECTORS.find(({ offset }) => offset === at && width === 2 && !msix && facts.vectors > 0) ?? null;
    this.stored = write ? meant : null;
    if (write || meant === null || meant !== stored) return;
    this.tried = meant;
    this.on.vector.tell(this);
    this.tried = null;
  }

  windowUsed(_bar: number, _offset: number, _length: number, fault: WindowFault | null): void {
    this.throughWindow = fault === null;
  }

  private accessed(
    by: Interface,
    register: Register | null,
    offset: number,
    width: Width,
    reads: boolean,
  ): void {
    this.reads = reads;
    this.area = by === 'legacy' ? 'header' : 'common';
    this.register = register;
    this.around = register ?? holder(by === 'legacy' ? HEADER : COMMON, offset);
    this.field = this.around?.width ?? 0;
    this.begins = register !== null;
    this.tell(offset, width);
  }

  private tell(offset: number, width: Width): void {
    this.offset = offset;
    this.width = width;
    this.used = this.throughWindow ? width : this.journal.trail.widthOf(width);
    this.throughWindow = false;
    this.on.accessed.tell(this);
  }
}

/** The register that has the byte at an offset. */
function holder(registers: readonly Register[], at: number): Register | null {
  return registers.find(({ offset, width }) => offset <= at && at < offset + width) ?? null;
}
