import { type Difference, keepsMore } from './difference.ts';

const SHEET = '82371AB (290562), I/O registers of power management';

/** Of the ports at PMBA; a place is an offset and a width in bytes. */
export const PM: readonly Difference[] = [
  {
    id: 'pm/absent',
    where: '06, 07 and 0C to 3F',
    at: /^pm (04\/4|0[67]\/\d|0[c-f]\/\d|[123][0-9a-f]\/\d) /,
    right: 'ours',
    source: SHEET,
    said: 'QEMU has the first twelve ports only; all others read ones',
  },
  {
    id: 'pm/odd-bytes',
    where: '01, 03 and 05, a byte',
    at: /^pm 0[135]\/1 /,
    right: 'ours',
    source: SHEET,
    said: 'The upper byte of a register can be accessed alone; QEMU takes or loses it',
  },
  {
    id: 'pm/reserved-bits',
    where: 'PMEN and PMCNTRL',
    at: /^pm 0[0-5]\/\d written$/,
    when: keepsMore,
    right: 'ours',
    source: SHEET,
    said: 'QEMU keeps reserved bits as they are written',
  },
  {
    id: 'pm/timer-parts',
    where: 'PMTMR, by bytes and words behind its first',
    at: /^pm 0[9ab]\/\d /,
    right: 'ours',
    source: `${SHEET}: PMTMR; ACPI 4.0, 4.7.3.3`,
    said: 'A part of the timer is that part; QEMU gives its lowest bits at each offset',
  },
];
