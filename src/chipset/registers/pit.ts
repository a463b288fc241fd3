import { register } from '../../core/register.ts';

/** Timer control word: the mode of the counter that SC selects, or a command to it. */
export const TCW = register(
  'TCW',
  3,
  1,
  {
    BCD: { at: 0, doc: 'counts in four decimal digits' },
    MODE: { at: [3, 1], doc: '0 to 5; 6 and 7 are 2 and 3' },
    RW: { at: [5, 4], doc: '0 latches the count; 1 low byte, 2 high byte, 3 low then high' },
    SC: { at: [7, 6], doc: 'the counter; 3 is the read-back command' },
  },
  { access: 'wo' },
);

/** The read-back command: the control word with SC = 3. */
export const RBC = register(
  'RBC',
  3,
  1,
  {
    COUNTERS: { at: [3, 1], doc: 'a bit for each counter' },
    NO_STATUS: { at: 4, doc: '0 latches the status' },
    NO_COUNT: { at: 5, doc: '0 latches the count' },
    SC: { at: [7, 6] },
  },
  { access: 'wo' },
);

/** The result of one read of a counter's port after the read-back command latched the status. */
export const TIMER_STATUS = register(
  'TIMER_STATUS',
  0,
  1,
  {
    BCD: { at: 0 },
    MODE: { at: [3, 1] },
    RW: { at: [5, 4] },
    NULL_COUNT: { at: 6, doc: 'the count written last is not in the counter yet' },
    OUT: { at: 7 },
  },
  { access: 'ro' },
);

/** The counter's port: a byte of its count. */
export const COUNT = register('COUNT', 0, 1, { COUNT: { at: [7, 0] } });

/** Port 61: NMI status and control. */
export const NMISC = register('NMISC', 0, 1, {
  TIM_CNT2_EN: { at: 0, doc: 'gate of counter 2' },
  SPKR_DAT_EN: { at: 1, doc: "counter 2's output reaches the speaker" },
  PCI_SERR_EN: { at: 2, doc: '1 disables NMI by SERR#' },
  IOCHK_EN: { at: 3, doc: '1 disables NMI by IOCHK#' },
  REF_TOGGLE: { at: 4, access: 'ro', doc: 'toggles with each refresh of the RAM' },
  TMR2_OUT_STS: { at: 5, access: 'ro', doc: 'OUT of counter 2' },
  IOCHK_NMI_STS: { at: 6, access: 'ro' },
  SERR_NMI_STS: { at: 7, access: 'ro' },
});
