import { MSI_ADDRESS, MSI_DATA } from '../../chipset/registers/local-apic.ts';
import type { Mark } from '../../core/access.ts';
import { bytesText, hex, type Width } from '../../core/bits.ts';
import type { Journal } from '../../core/journal.ts';
import type { Register } from '../../core/register.ts';
import type { Rules } from '../../core/rule.ts';
import { Watch } from '../../core/watch.ts';
import type { MsixPlace } from '../../pci/events.ts';
import type { Apics } from '../chipset/apic.ts';

/** The longest MSI-X table. */
const ENTRIES_MAX = 2048;

const { BASE: BASE_AT, DEST: DEST_AT } = MSI_ADDRESS.shift;
const { DM, DEST } = MSI_ADDRESS.mask;
const { VECTOR, DELMOD, TRIGGER } = MSI_DATA.mask;
const { DELMOD: DELMOD_AT } = MSI_DATA.shift;

/** Bits 31:20 of the address of every interrupt message (Intel SDM volume 3, Message Address Register Format). */
const MESSAGE = 0xfee;
const LOWEST_PRIORITY = 1;
/** The APIC ID of a message to all. */
const BROADCAST = 0xff;
/** A message may raise no lower vector. */
const FIRST_VECTOR = 16;

const SDM = 'Intel SDM volume 3, Message Signalled Interrupts';

const leadsThere = (k: MessageWatch) => k.upper === 0 && k.address >>> BASE_AT === MESSAGE;
const isSwapped = (k: MessageWatch) => !leadsThere(k) && k.data >>> BASE_AT === MESSAGE;
/** No interrupt, but a word that a driver has the device write into its memory, as iPXE does. */
const isMark = (k: MessageWatch) => !leadsThere(k) && k.data === 0 && k.address !== 0;
const modeOf = ({ data }: MessageWatch) => (data & DELMOD) >> DELMOD_AT;
const isLogical = ({ address }: MessageWatch) => (address & DM) !== 0;
const targetOf = ({ address }: MessageWatch) => (address & DEST) >>> DEST_AT;
const whole = ({ upper, address }: MessageWatch) => (upper === 0 ? '' : hex(upper, 8)) + hex(address, 8);
const messageText = (k: MessageWatch) => `entry ${k.vector} sent ${hex(k.data, 8)} to ${whole(k)}`;

/** Rules of how the MSI-X table is written, and of what an entry holds, checked when it sends. */
export const MESSAGES = {
  'pci/MSIX-ACCESS': {
    where: 'PCI 3.0, 6.8.2',
    text: 'A driver MUST access the MSI-X table and pending bits as aligned doublewords or quadwords.',
    advice: 'Write the four doublewords of an entry one by one, each with an aligned 32-bit access.',
    on: 'msix',
    // The bus passes a quadword on as two doublewords, and an unaligned access in parts.
    when: (k) => !k.isRest,
    kept: (k) => k.width === 4,
    said: (k) =>
      `${bytesText(k.whole)} ${k.whole === 1 ? 'was' : 'were'} written at ${hex(k.offset, 3)} of the MSI-X table and pending bits${k.whole > 2 ? ', which is not aligned' : ''}`,
    alike: true,
  },
  'pci/MSIX-MASKED': {
    where: 'PCI 3.0, 6.8.2.1',
    text: 'A driver MUST mask an MSI-X entry before changing its address or data.',
    advice: 'Set the mask bit of the entry or of the function, write address and data, then clear it.',
    on: 'entry',
    when: (k) => k.enabled,
    kept: (k) => !k.live,
    said: (k) => `${k.field!.name} of entry ${k.entry} was written while the entry was live`,
  },
  'msix/BEYOND': {
    where: 'PCI 3.0, 6.8.2',
    text: 'A driver MUST NOT write beyond the end of the MSI-X table.',
    advice: "Write only entries 0 to Table Size: what lies behind them is not software's.",
    on: 'msix',
    when: (k) => k.width === 4,
    kept: (k) => k.place !== 'nothing',
    said: (k) => `${hex(k.offset, 3)} was written, where neither table nor pending bits are`,
  },
  'pci/MSIX-PBA': {
    where: 'PCI 3.0, 6.8.2.9',
    text: 'A driver MUST NOT write the MSI-X pending bits.',
    advice:
      'Only read the pending bits: the function sets one while its entry is masked, and clears it when the message goes out.',
    on: 'msix',
    when: (k) => k.width === 4,
    kept: (k) => k.place !== 'pending bits',
    said: (k) => `pending bits were written with ${hex(k.value, 8)}`,
  },
  'msix/ADDRESS': {
    where: SDM,
    text: 'A driver MUST give an MSI-X entry the message address of a local APIC, fee00000 to feefffff.',
    advice:
      'Write fee00000 plus the APIC ID shifted by 12 to Message Address, and 0 to Message Upper Address.',
    on: 'sent',
    when: (k) => !isSwapped(k) && !isMark(k),
    kept: leadsThere,
    said: (k) => `${messageText(k)}, which is not a local APIC: the interrupt becomes a write to memory`,
  },
  'msix/SWAPPED': {
    where: 'PCI 3.0, 6.8.2',
    text: 'A driver MUST NOT swap the address and the data of an MSI-X entry.',
    advice: 'Write Message Address at 0 of an entry, Message Upper Address at 4, Message Data at 8.',
    on: 'sent',
    kept: (k) => !isSwapped(k),
    said: (k) => `${messageText(k)}: the data is an address`,
  },
  'msix/VECTOR': {
    where: SDM,
    text: 'A driver MUST give a message a vector of 10h or more.',
    advice: 'Use vectors from 20h up: lower ones belong to the processor.',
    on: 'sent',
    when: (k) => leadsThere(k) && modeOf(k) <= LOWEST_PRIORITY,
    kept: (k) => (k.data & VECTOR) >= FIRST_VECTOR,
    said: (k) => `${messageText(k)}: the local APIC takes no vector ${hex(k.data & VECTOR, 2)}`,
  },
  'msix/DELIVERY': {
    where: SDM,
    text: 'A driver MUST use delivery mode fixed or lowest priority in a message.',
    advice:
      'Keep bits 10:8 of Message Data at 0: the other modes are SMI, NMI, INIT, ExtINT, and two reserved ones.',
    on: 'sent',
    when: leadsThere,
    kept: (k) => modeOf(k) <= LOWEST_PRIORITY,
    said: (k) => `${messageText(k)}: delivery mode ${modeOf(k)} raises no interrupt of a device`,
  },
  'msix/DESTINATION': {
    where: SDM,
    text: 'A driver MUST send a message to a local APIC that exists, by its ID or by a logical ID that it has.',
    advice:
      'Shift an APIC ID of the MADT by 12 into bits 19:12 of Message Address: on Compute Engine they count from 0. With bit 2 set, a logical ID stands there, which LDR of a local APIC has had since before.',
    on: 'sent',
    when: leadsThere,
    kept: (k) =>
      targetOf(k) === BROADCAST ||
      (isLogical(k) ? k.apics.hasLogical(targetOf(k)) : targetOf(k) < k.apics.cpus),
    said: (k) =>
      `${messageText(k)}: no local APIC has the ${isLogical(k) ? `logical ID ${hex(targetOf(k), 2)} in LDR` : `ID ${targetOf(k)}`}`,
  },
  'msix/TRIGGER': {
    where: 'PCI 3.0, 6.8',
    text: 'Keep bit 15 of Message Data clear: a message of a PCI function is an edge.',
    advice: 'Write the vector alone to Message Data: no message of the function ends a level.',
    on: 'sent',
    when: leadsThere,
    kept: (k) => (k.data & TRIGGER) === 0,
    said: (k) => `${messageText(k)}: the message is a level`,
  },
  'msix/RESERVED': {
    where: SDM,
    text: "A driver SHOULD write 0 to the reserved bits of a message's address and data.",
    advice: 'Write 0 to bits 31:16 and 13:11 of Message Data, and to bits 11:4 of Message Address.',
    on: 'sent',
    when: leadsThere,
    kept: (k) => (k.data & ~MSI_DATA.writable) === 0 && (k.address & ~MSI_ADDRESS.writable) === 0,
    said: messageText,
  },
} as const satisfies Rules<MessageWatch>;

/** Watches how one MSI-X table is written, and what its entries send: each is checked once, until it is written again. */
export class MessageWatch {
  vector = 0;
  address = 0;
  upper = 0;
  data = 0;
  readonly apics: Apics;
  /** A write to the MSI-X table or the pending bits. */
  offset = 0;
  value = 0;
  width: Width = 4;
  place: MsixPlace = 'table';
  /** Bytes of the access that it is a part of; and that a part of the access was told before. */
  whole = 4;
  isRest = false;
  private toldAt: Mark = -1;
  /** The field of an entry that was written, and whether a message could be sent from the entry then. */
  entry = 0;
  field: Register | null = null;
  enabled = false;
  live = false;
  private readonly journal: Journal;
  private readonly subjectOf: () => string;
  private readonly seen = new Uint8Array(ENTRIES_MAX);
  /** `msix`: the table is written, or what is beside it. `entry`: a field of an entry is. `sent`: an entry sends. */
  private readonly on;

  constructor(subjectOf: () => string, journal: Journal, apics: Apics) {
    this.subjectOf = subjectOf;
    this.apics = apics;
    this.journal = journal;
    this.on = new Watch(journal, MESSAGES).on;
  }

  get subject(): string {
    return this.subjectOf();
  }

  reset(): void {
    this.seen.fill(0);
  }

  msixWritten(offset: number, value: number, width: Width, place: MsixPlace): void {
    const { mark, trail } = this.journal;
    this.isRest = mark === this.toldAt && trail.underWay;
    this.offset = offset;
    this.value = value;
    this.width = width;
    this.whole = trail.widthOf(width);
    this.place = place;
    this.on.msix.tell(this);
    if (width !== 4) this.toldAt = mark;
  }

  entryWritten(entry: number, field: Register, enabled: boolean, live: boolean): void {
    this.seen[entry] = 0;
    this.entry = entry;
    this.field = field;
    this.enabled = enabled;
    this.live = live;
    this.on.entry.tell(this);
  }

  sent(vector: number, address: number, upper: number, data: number): void {
    if (this.seen[vector] === 1) return;
    this.seen[vector] = 1;
    this.vector = vector;
    this.address = address;
    this.upper = upper;
    this.data = data;
    this.on.sent.tell(this);
  }
}
