import { hex } from '../../core/bits.ts';
import type { Journal } from '../../core/journal.ts';
import type { Register } from '../../core/register.ts';
import type { Rules } from '../../core/rule.ts';
import { Watch } from '../../core/watch.ts';
import type { NvmeEvents } from '../../nvme/events.ts';
import * as reg from '../../nvme/registers/bar0.ts';
import { cqe, sqe } from '../../nvme/registers/commands.ts';
import { isTail } from './doorbells.ts';
import type { NvmeFacts } from './facts.ts';

const { EN, SHN } = reg.CC.mask;
const { RDY, CFS } = reg.CSTS.mask;
/** May change only while the controller is disabled. */
const FIXED = reg.CC.mask.CSS | reg.CC.mask.MPS | reg.CC.mask.AMS;
const PLACES: readonly (Register | null)[] = [reg.AQA, reg.ASQ, reg.ASQ_UPPER, reg.ACQ, reg.ACQ_UPPER];
const MASKS: readonly (Register | null)[] = [reg.INTMS, reg.INTMC];
/** All their bits may be set. */
const FREE: readonly (Register | null)[] = [...PLACES.slice(1), ...MASKS];
const ALIGNED: readonly (Register | null)[] = [reg.ASQ, reg.ACQ];
const WORD = 4;
const HIGH = 0x1_0000_0000;
/** Of the halves of both places, the lower one of ACQ. */
const ACQ_AT = 2;

/** Rules for the registers of an NVMe controller. */
export const NVME_BRING_UP = {
  'nvme/REG-WIDTH': {
    where: 'NVM Express 1.4, 3',
    text: 'A driver MUST access registers in whole, aligned words of 32 or 64 bits.',
    advice: 'Read and write 32 bits; of the registers of 64 bits the lower half first.',
    on: ['written', 'read'],
    kept: (k) => k.width === WORD && k.offset % WORD === 0,
    said: (k) => `${k.width} bytes were accessed at ${hex(k.offset, 2)}`,
  },
  'nvme/EN-MASTER': {
    where: 'PCI 3.0, 6.2.2; NVM Express 1.4, 7.6.1',
    text: 'A driver MUST turn bus mastering on before it sets CC.EN, and leave it on while it submits commands.',
    advice: 'Set bits 1 and 2 of Command first, of each bridge on the way too.',
    on: ['enabled', 'submitted'],
    kept: (k) => k.isOpen,
    said: (k) => `${k.isTail ? 'a tail was written' : 'CC.EN was set'} while bus mastering was off`,
  },
  'nvme/EN-READY': {
    where: 'NVM Express 1.4, 3.1.5',
    text: 'A driver MUST wait until CSTS.RDY is 0 before it sets CC.EN.',
    advice: 'Clear CC.EN, read CSTS until RDY is 0, for (CAP.TO + 1) * 500 ms at most, then set it.',
    on: 'enabled',
    kept: (k) => (k.csts & RDY) === 0,
    said: () => 'CC.EN was set while CSTS.RDY was still 1',
  },
  'nvme/EN-STOP': {
    where: 'NVM Express 1.4, 3.1.5',
    text: 'A driver MUST NOT clear CC.EN before CSTS.RDY is 1, unless the controller has failed.',
    advice: 'Read CSTS until RDY or CFS is 1 once CC.EN was set.',
    on: 'disabled',
    kept: (k) => (k.csts & (RDY | CFS)) !== 0,
    said: () => 'CC.EN was cleared while CSTS.RDY was still 0',
  },
  'nvme/AQ-STABLE': {
    where: 'NVM Express 1.4, 3.1.8 to 3.1.10',
    text: 'A driver MUST NOT write AQA, ASQ or ACQ while CC.EN is set.',
    advice: 'Write them between RDY 0 and CC.EN.',
    on: 'placed',
    kept: (k) => (k.cc & EN) === 0,
    said: (k) => `${k.register!.name} was written while CC.EN was set`,
  },
  'nvme/AQ-ALIGN': {
    where: 'NVM Express 1.4, 3.1.9 and 3.1.10',
    text: 'A driver MUST place the queues of ASQ and ACQ in RAM, aligned to 4096 bytes.',
    advice:
      'Allocate whole pages for them, and write both halves of their physical addresses: the lower twelve bits are not kept.',
    on: ['placed', 'enabled'],
    when: (k) => ALIGNED.includes(k.register) || k.register === (reg.CC as Register),
    kept: (k) => (k.register === (reg.CC as Register) ? k.lost === null : k.value % reg.PAGE === 0),
    said: (k) => k.lost ?? `${k.register!.name} was written with ${hex(k.value, 8)}`,
  },
  'nvme/AQ-SIZE': {
    where: 'NVM Express 1.4, 3.1.8',
    text: 'A driver MUST give both admin queues two entries or more.',
    advice: 'Write sizes less one to AQA.ASQS and AQA.ACQS, 1 to 4095.',
    on: 'enabled',
    kept: ({ aqa: { ASQS, ACQS } }) => ASQS > 0 && ACQS > 0,
    said: ({ aqa: { ASQS, ACQS } }) => `AQA has ${ASQS + 1} and ${ACQS + 1} entries when CC.EN is set`,
    follows: ['nvme/AQ-STABLE'],
  },
  'nvme/AQ-LIMITS': {
    where: 'NVM Express 1.4, 3.1.1',
    text: 'A driver SHOULD read CAP before it sizes its queues.',
    advice: 'Read CAP first: MQES limits the entries of a queue, TO says how long RDY may take.',
    on: 'enabled',
    kept: (k) => k.hasCap,
    said: () => 'CC.EN was set, and the lower half of CAP was not read before',
  },
  'nvme/CC-PAGE': {
    where: 'NVM Express 1.4, 3.1.5',
    text: 'A driver MUST set CC.MPS to a page that CAP.MPSMIN and CAP.MPSMAX allow.',
    advice: 'Leave it 0, pages of 4096 bytes, where MPSMIN is 0.',
    on: 'enabled',
    kept: (k) => (k.value & reg.CC.mask.MPS) === 0,
    said: (k) => `CC.MPS is ${reg.CC.decode(k.value).MPS}, of which CAP allows 0`,
  },
  'nvme/CC-SET': {
    where: 'NVM Express 1.4, 3.1.5',
    text: 'A driver MUST choose a command set and an arbitration that CAP has.',
    advice: 'Leave CC.CSS and CC.AMS 0: the NVM command set, and round robin, which every controller has.',
    on: 'enabled',
    kept: (k) =>
      (k.value & reg.CC.mask.CSS) === 0 && reg.CC.decode(k.value).AMS <= (k.facts.weighted ? 1 : 0),
    said: (k) => `CC.CSS is ${reg.CC.decode(k.value).CSS} and CC.AMS ${reg.CC.decode(k.value).AMS}`,
  },
  'nvme/CC-STABLE': {
    where: 'NVM Express 1.4, 3.1.5',
    text: 'A driver MUST NOT change CC.CSS, CC.MPS or CC.AMS while CC.EN is set.',
    advice: 'Clear CC.EN, wait for RDY 0, then change them.',
    on: 'kept',
    kept: (k) => ((k.value ^ k.cc) & FIXED) === 0,
    said: (k) => `CC went from ${hex(k.cc, 8)} to ${hex(k.value, 8)}`,
  },
  'nvme/REG-RESERVED': {
    where: 'NVM Express 1.4, 1.8 and 3.1',
    text: 'A driver MUST write 0 to the reserved bits of CC and AQA, and to registers that are read-only, or that CAP does not offer.',
    advice:
      'Put a register together from its fields alone: CC is at 14, AQA at 24, and CAP, VS and CSTS are only read.',
    on: 'filled',
    kept: (k) => (k.value & ~k.writable) === 0,
    said: (k) =>
      `${k.register?.name ?? `${hex(k.offset, 2)}, where no register is,`} was written with ${hex(k.value, 8)}`,
  },
  'nvme/INTM-MESSAGES': {
    where: 'NVM Express 1.4, 3.1.3 and 3.1.4',
    text: 'A driver MUST NOT write INTMS or INTMC while MSI-X is in use.',
    advice: 'Mask entries of the MSI-X table instead.',
    on: 'masked',
    kept: (k) => !k.facts.canSignal,
    said: (k) => `${k.register!.name} was written while MSI-X is on`,
  },
  'nvme/SHUT-POWER': {
    where: 'NVM Express 1.4, 7.6.2',
    text: 'A driver SHOULD shut a controller down before the machine sleeps or is turned off.',
    advice:
      'Delete the queues, set CC.SHN to 1, and wait until CSTS.SHST is 2, whenever the system goes down; then write to PM1.',
    on: 'slept',
    kept: ({ facts: { csts } }) => (csts & RDY) === 0 || reg.CSTS.decode(csts).SHST === reg.SHST.COMPLETE,
    said: ({ facts: { csts } }) =>
      `CSTS was ${hex(csts, 2)} when the machine was put to sleep, or turned off`,
  },
} as const satisfies Rules<BringUpWatch>;

/** Watches the registers of a controller. */
export class BringUpWatch implements Partial<NvmeEvents> {
  register: Register | null = null;
  offset = 0;
  width = 0;
  value = 0;
  csts = 0;
  isOpen = false;
  /** Bits of the register that may be set. */
  writable = 0;
  /** CC and AQA as they were before. */
  cc = 0;
  aqa = reg.AQA.decode(0);
  /** The admin queue that is not in RAM, in words; null is none. */
  lost: string | null = null;
  hasCap = false;
  /** What was written is the tail of a submission queue. */
  isTail = false;
  /** Bus mastering was on when CC.EN was set. */
  private wasOpen = false;
  /** The guest started it, and not a firmware. */
  private isOwn = false;
  /** Where the admin queues are: both halves of each. */
  private readonly places = [0, 0, 0, 0];
  readonly facts: NvmeFacts;
  private readonly journal: Journal;
  /**
   * `enabled`: CC.EN is set. `submitted`: a tail is written. `disabled`: it is cleared. `kept`: CC was written, and CC.EN stays set. `placed`: the admin queue's
   * place or size was written. `filled`: a register was that has reserved bits, or is none to write. `masked`: INTMS or INTMC was. `slept`: the machine is to sleep.
   */
  private readonly on;

  constructor(facts: NvmeFacts, journal: Journal) {
    this.facts = facts;
    this.journal = journal;
    this.on = new Watch(journal, NVME_BRING_UP).on;
    facts.onSleep(() => {
      if (this.isOwn) this.on.slept.tell(this);
    });
  }

  get subject(): string {
    return this.facts.subject;
  }

  reset(): void {
    this.cc = 0;
    this.aqa = reg.AQA.decode(0);
    this.places.fill(0);
    this.isOwn = false;
  }

  registerRead(register: Register | null, offset: number, width: number): void {
    this.offset = offset;
    this.width = width;
    if (register === (reg.CAP as Register)) this.hasCap = true;
    this.on.read.tell(this);
  }

  registerWritten(
    register: Register | null,
    offset: number,
    width: number,
    value: number,
    csts: number,
    open: boolean,
  ): void {
    this.register = register;
    this.offset = offset;
    this.width = width;
    this.value = value;
    this.csts = csts;
    this.isOpen = open;
    this.isTail = false;
    this.on.written.tell(this);
    if (width !== WORD) return;
    if (!FREE.includes(register)) this.filled();
    if (MASKS.includes(register)) this.on.masked.tell(this);
    if (PLACES.includes(register)) this.place(register, value);
    if (register === (reg.AQA as Register)) this.aqa = reg.AQA.decode(value);
    if (register === (reg.CC as Register)) this.configured();
  }

  doorbellWritten(offset: number, _width: number, _value: number, _csts: number, open: boolean): void {
    // Without it from the start nothing works, and that was told.
    if (!this.wasOpen || !isTail(offset, this.facts)) return;
    this.isOpen = open;
    this.isTail = true;
    this.on.submitted.tell(this);
  }

  private place(register: Register | null, value: number): void {
    const half = PLACES.indexOf(register) - 1;
    if (half >= 0) this.places[half] = value;
    this.on.placed.tell(this);
  }

  private lostOf(half: number, name: string, bytes: number): string | null {
    const at = this.places[half]! - (this.places[half]! % reg.PAGE) + this.places[half + 1]! * HIGH;
    if (at > 0 && this.facts.memory.find(at, bytes) !== null) return null;
    return `${name} has ${hex(at, 8)}, where ${bytes} bytes are not all RAM, when CC.EN is set`;
  }

  private enabled(): void {
    const { ASQS, ACQS } = this.aqa;
    // Of queues that were never placed the sizes are told.
    const isPlaced = ASQS > 0 && ACQS > 0;
    this.wasOpen = this.isOpen;
    this.isOwn = !this.journal.quiet;
    const lost =
      this.lostOf(0, 'ASQ', (ASQS + 1) * sqe.size) ?? this.lostOf(ACQ_AT, 'ACQ', (ACQS + 1) * cqe.size);
    this.lost = isPlaced ? lost : null;
    this.on.enabled.tell(this);
  }

  private filled(): void {
    // Without CAP.NSSRS there is no NSSR.
    this.writable = this.register === (reg.NSSR as Register) ? 0 : (this.register?.writable ?? 0);
    // Of the values of CC.SHN the last is reserved.
    if (this.register === (reg.CC as Register) && (this.value & SHN) === SHN) this.writable &= ~SHN;
    this.on.filled.tell(this);
  }

  private configured(): void {
    const [was, is] = [(this.cc & EN) !== 0, (this.value & EN) !== 0];
    if (is && !was) this.enabled();
    else if (was && !is) this.on.disabled.tell(this);
    else if (is) this.on.kept.tell(this);
    // A reset clears the rest, too.
    this.cc = was && !is ? 0 : this.value;
  }
}
