import type { Register } from '../../core/register.ts';
import { register } from '../../core/register.ts';

/** Written at A0 = 0 with bit 4 set: starts the initialisation sequence. */
export const ICW1 = register(
  'ICW1',
  0,
  1,
  {
    IC4: { at: 0, doc: 'ICW4 will follow; without it, all that ICW4 sets is 0' },
    SNGL: { at: 1, doc: 'the only chip: ICW3 is left out' },
    ADI: { at: 2, doc: 'call address interval, MCS-80 only' },
    LTIM: { at: 3, doc: 'all inputs level-triggered; PIIX4 takes ELCR instead and ignores it' },
    ICW1: { at: 4, doc: '1 tells ICW1 from OCW2 and OCW3' },
  },
  { access: 'wo' },
);

/** Second write of the sequence, at A0 = 1. */
export const ICW2 = register('ICW2', 1, 1, {
  T: { at: [7, 3], access: 'wo', doc: 'vector of IR0, a multiple of 8' },
});

/** Third write. To the master: a bit for each input with a slave. To the slave: the number of that input. */
export const ICW3 = register('ICW3', 1, 1, {
  ID: { at: [2, 0], access: 'wo', doc: "slave: the master's input it is wired to" },
  S: { at: [7, 3], access: 'wo', doc: 'master: the upper of its slave inputs' },
});

/** Fourth write. */
export const ICW4 = register(
  'ICW4',
  1,
  1,
  {
    uPM: { at: 0, doc: '1: 8086 mode' },
    AEOI: { at: 1, doc: 'the end of INTA ends the interrupt too' },
    MS: { at: 2, doc: 'buffered mode: master' },
    BUF: { at: 3, doc: 'buffered mode' },
    SFNM: { at: 4, doc: 'special fully nested mode' },
  },
  { access: 'wo' },
);

/** The interrupt mask register, at A0 = 1 whenever no initialisation is under way. */
export const OCW1 = register('OCW1', 1, 1, { M: { at: [7, 0], doc: '1 masks the input' } });

/** Ends interrupts and rotates priorities: A0 = 0 with bits 4:3 clear. */
export const OCW2 = register(
  'OCW2',
  0,
  1,
  {
    L: { at: [2, 0], doc: 'the level that a specific command names' },
    EOI: { at: 5, doc: 'end of interrupt' },
    SL: { at: 6, doc: 'L counts' },
    R: { at: 7, doc: 'rotate' },
  },
  { access: 'wo' },
);

/** Selects what A0 = 0 reads, polls, and sets special mask mode: A0 = 0 with bits 4:3 = 01. */
export const OCW3 = register(
  'OCW3',
  0,
  1,
  {
    RIS: { at: 0, doc: 'with RR: 1 reads ISR, 0 reads IRR' },
    RR: { at: 1, doc: 'RIS counts' },
    P: { at: 2, doc: 'the next read is the poll word' },
    OCW3: { at: 3, doc: '1 tells OCW3 from OCW2' },
    SMM: { at: 5, doc: 'with ESMM: special mask mode on or off' },
    ESMM: { at: 6, doc: 'SMM counts' },
  },
  { access: 'wo' },
);

export const IRR = register('IRR', 0, 1, { IR: { at: [7, 0], access: 'ro', doc: 'requests' } });
export const ISR = register('ISR', 0, 1, { IS: { at: [7, 0], access: 'ro', doc: 'levels in service' } });

/** The result of a read after OCW3 with P, at either address. */
export const POLL = register('POLL', 0, 1, {
  W: { at: [2, 0], access: 'ro', doc: 'level put in service' },
  I: { at: 7, access: 'ro', doc: 'there was a request' },
});

/** PIIX4 4D0: 1 makes an IRQ level-triggered. IRQ 0, 1 and 2 are edge and read 0. */
export const ELCR1 = register('ELCR1', 0, 1, {
  IRQ3: { at: 3 },
  IRQ4: { at: 4 },
  IRQ5: { at: 5 },
  IRQ6: { at: 6 },
  IRQ7: { at: 7 },
});

/** PIIX4 4D1. IRQ 8 and 13 are edge and read 0. */
export const ELCR2 = register('ELCR2', 1, 1, {
  IRQ9: { at: 1 },
  IRQ10: { at: 2 },
  IRQ11: { at: 3 },
  IRQ12: { at: 4 },
  IRQ14: { at: 6 },
  IRQ15: { at: 7 },
});

/** State that determines the meaning of an access to an 8259A: kept with the access in a trail. */
export const PIC_STATE = register(
  'PIC_STATE',
  0,
  1,
  {
    EXPECTS: { at: [2, 0], doc: '2, 3, 4: the ICW that A0 = 1 takes next; otherwise it is OCW1' },
    READS_ISR: { at: 3 },
    POLLED: { at: 4 },
  },
  { access: 'ro' },
);

const { EXPECTS, READS_ISR, POLLED } = PIC_STATE.mask;

/** The register that an access to port A0 = `offset` reaches while the chip's state is `state`. */
export function picRegister(offset: number, write: boolean, value: number, state: number): Register {
  if (!write && state & POLLED) return POLL;
  if (offset === 0) {
    if (!write) return state & READS_ISR ? ISR : IRR;
    if (value & ICW1.mask.ICW1) return ICW1;
    return value & OCW3.mask.OCW3 ? OCW3 : OCW2;
  }
  const expects = write ? state & EXPECTS : 0;
  return expects === 2 ? ICW2 : expects === 3 ? ICW3 : expects === 4 ? ICW4 : OCW1;
}
