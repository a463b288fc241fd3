import type { PmEvents } from '../../chipset/events.ts';
import type { Mark } from '../../core/access.ts';
import { bytesText, hex } from '../../core/bits.ts';
import type { Journal } from '../../core/journal.ts';
import type { Rules } from '../../core/rule.ts';
import { Watch } from '../../core/watch.ts';

const SOFT_OFF = 0;
/** SUS_TYP of the states that the machine's SSDT has: S5, S3 and S4. */
const STATES = [SOFT_OFF, 1, 2];

/** Writes in vain that are no restoring of registers. */
const OFTEN = 3;

/** What turns machines off that have their power management ports elsewhere: port, value, machine. */
const ELSEWHERE = [
  [0x604, 0x2000, 'QEMU'],
  [0xb004, 0x2000, 'Bochs'],
  [0x4004, 0x3400, 'VirtualBox'],
  [0x600, 0x34, 'Cloud Hypervisor'],
] as const;

/** Rules of the power management ports. */
export const POWER_MANAGEMENT = {
  'acpi/SLEEP-TYPE': {
    where: 'ACPI 6.5, PM1 Control Registers',
    text: "A driver MUST write the sleep type that the machine's tables have for the state.",
    advice:
      'Evaluate \\_S5 and write its first element to SLP_TYP: 0 is soft off here, 5 and 7 on other boards.',
    on: 'slept',
    kept: (k) => STATES.includes(k.type),
    said: (k) => `PMCNTRL was written with SLP_EN and sleep type ${k.type}, which no state has`,
  },
  'acpi/TIMER-WIDTH': {
    where: 'ACPI 6.5, Power Management Timer',
    text: 'Use one access of four bytes to read the power management timer.',
    advice:
      'Read PMTMR as a doubleword, and mask it to 24 bits: parts are of different moments, and fewer bits go round too soon.',
    on: 'timed',
    kept: (k) => k.width === 4,
    said: (k) => `PMTMR was read by an access of ${bytesText(k.width)}`,
  },
  'acpi/SMI-COMMAND': {
    where: 'ACPI 6.5, FADT: SMI_CMD, ACPI_ENABLE, ACPI_DISABLE',
    text: "A driver MUST write to SMI_CMD only values that the machine's FADT has.",
    advice: 'Take ACPI_ENABLE from the FADT: it is f1h here, and other values on other boards.',
    on: 'commanded',
    kept: (k) => k.isKnown,
    said: (k) => `${hex(k.command, 2)} was written to SMI_CMD, and no firmware of this machine knows it`,
  },
  'acpi/STATUS-CLEAR': {
    where: 'ACPI 6.5, PM1 Status Registers',
    text: 'A driver MUST write 1 to a bit of PMSTS to clear it.',
    advice: 'Write the bit of the event alone: 0100 clears that of the power button, and 0 clears nothing.',
    on: 'cleared',
    kept: (k) => k.inVain < OFTEN,
    said: (k) =>
      `PMSTS was written ${OFTEN} times with 0, which clears nothing, the last time while it was ${hex(k.status, 4)}`,
  },
  'acpi/SCI-EN': {
    where: 'ACPI 6.5, Legacy/ACPI Mode Switching',
    text: 'Set SCI_EN before you wait for an event that PMEN or GPEN enables.',
    advice: 'Write ACPI_ENABLE of the FADT, f1h, to SMI_CMD, port b2h, and wait for bit 0 of PMCNTRL.',
    on: 'raised',
    kept: (k) => k.isHeard,
    said: () => 'an event came that is enabled, and without SCI_EN it raised no interrupt',
  },
  'acpi/PLACE': {
    where: 'ACPI 6.5, FADT: PM1a_CNT_BLK',
    text: "A driver MUST turn the machine off at the port that the machine's FADT has.",
    advice:
      'Write SLP_TYP and SLP_EN to PM1a_CNT_BLK of the FADT: it is another port on each kind of machine.',
    on: ['slept', 'ended'],
    kept: (k) => k.meant === null,
    said: (k) =>
      `${hex(k.meant![1], 4)} was written to port ${hex(k.meant![0], 4)}, where no device answers here: it turns ${k.meant![2]} off, and this machine is on still`,
    since: (k) => k.meantAt,
  },
} as const satisfies Rules<PowerWatch>;

/**
 * Watches a driver of the power management ports.
 *
 * @example
 * acpi.pmEvents = new PowerWatch('acpi0', [], journal);
 */
export class PowerWatch implements PmEvents {
  readonly subject: string;
  type = 0;
  width = 4;
  /** What was written to SMI_CMD, and that it means something. */
  command = 0;
  isKnown = true;
  /** PMSTS before a write, and writes of 0 in a row while a bit was set. */
  status = 0;
  inVain = 0;
  isHeard = false;
  /** How the guest meant to turn another machine off, and has not turned this one off since; null for none. */
  meant: (typeof ELSEWHERE)[number] | null = null;
  meantAt: Mark = 0;
  private isOff = false;
  private readonly journal: Journal;
  private readonly sleepers: readonly (() => void)[];
  private readonly on;

  /** @param sleepers called when the machine is to sleep, or to be turned off. */
  constructor(subject: string, sleepers: readonly (() => void)[], journal: Journal) {
    this.subject = subject;
    this.sleepers = sleepers;
    this.journal = journal;
    this.on = new Watch(journal, POWER_MANAGEMENT).on;
    journal.atEnd(() => this.ended());
  }

  timed(width: number): void {
    this.width = width;
    this.on.timed.tell(this);
  }

  commanded(command: number, known: boolean): void {
    this.command = command;
    this.isKnown = known;
    this.on.commanded.tell(this);
  }

  statusWritten(value: number, status: number): void {
    this.status = status;
    // Linux clears bits that may not be set.
    this.inVain = status !== 0 && value === 0 ? this.inVain + 1 : 0;
    this.on.cleared.tell(this);
  }

  slept(type: number): void {
    this.type = type;
    // Some guests try one machine's port after the other.
    this.meant = null;
    if (type === SOFT_OFF) this.isOff = true;
    this.on.slept.tell(this);
    if (STATES.includes(type)) for (const sleeper of this.sleepers) sleeper();
  }

  raised(heard: boolean): void {
    this.isHeard = heard;
    this.on.raised.tell(this);
  }

  missed(port: number, written: number): void {
    const meant = ELSEWHERE.find(([at, value]) => at === port && value === written);
    if (meant === undefined || this.isOff) return;
    this.meant = meant;
    this.meantAt = this.journal.mark;
  }

  /** The run is over. */
  ended(): void {
    if (this.meant !== null) this.on.ended.tell(this);
  }
}
