import {
  type Difference,
  type DifferingByte,
  differingBytes,
  keepsMore,
  keepsWhatIsWritten,
} from './difference.ts';

const SHEET = '82371AB (290562)';
/** QEMU has PMSTS, PMEN and PMCNTRL, and PMTMR. */
const CONTROL_END = 0x06;
/** GPOREG, whose pins are high at power-on; the rest is 0 then. */
const AT_POWER_ON: Readonly<Record<number, string>> = { 53: 'bf', 55: '7f' };
/** GLBSTS depends on other registers. */
const GLBSTS = 0x18;

/** QEMU has nothing there. Our machine has its power-on value, and after a write the bits that the data sheet keeps. */
const nothingThere =
  (place: string) =>
  (byte: DifferingByte): boolean => {
    if (byte.at < CONTROL_END) return keepsMore(byte);
    const quiet = byte.ours === (AT_POWER_ON[byte.at] ?? '00');
    return byte.qemu === 'ff' && (quiet || byte.at === GLBSTS || place.endsWith(' written'));
  };

/** Of the ports at PMBA; a place is an offset and a width in bytes. */
export const PM: readonly Difference[] = [
  {
    id: 'pm/absent',
    where: '06, 07 and 0C to 3F',
    at: /^pm (04\/4|0[67]\/\d|0[c-f]\/\d|[123][0-9a-f]\/\d) /,
    when: (answers) => differingBytes(answers).every(nothingThere(answers.place)),
    right: 'ours',
    source: `${SHEET}: GPSTS to GPOREG; 06, 07 and others between are reserved`,
    said: 'QEMU has the first twelve ports only; all others read ones',
  },
  {
    id: 'pm/doubleword',
    where: 'PMSTS and PMEN, PMCNTRL and 06, a doubleword',
    at: /^pm 0[04]\/4 /,
    when: ({ ours, qemu }) => keepsMore({ ours: qemu, qemu: ours }),
    right: 'both',
    source: `${SHEET}: PMSTS, PMEN and PMCNTRL have 16 bits each`,
    said: 'Ours takes a doubleword for two of them; QEMU 11 loses the upper half, and of PMCNTRL all',
  },
  {
    id: 'pm/odd-bytes',
    where: '01, 03 and 05, a byte',
    at: /^pm 0[135]\/1 /,
    right: 'ours',
    source: `${SHEET}: PMSTS, PMEN and PMCNTRL`,
    said: 'The upper byte of a register can be accessed alone; QEMU takes or loses it',
  },
  {
    id: 'pm/reserved-bits',
    where: 'PMEN and PMCNTRL',
    at: /^pm 0[0-5]\/\d written$/,
    when: keepsWhatIsWritten,
    right: 'ours',
    source: `${SHEET}: PMEN and PMCNTRL`,
    said: 'QEMU keeps reserved bits as they are written',
  },
  {
    id: 'pm/timer-parts',
    where: 'PMTMR, by bytes and words behind its first',
    at: /^pm 0[9ab]\/\d /,
    right: 'both',
    source: `${SHEET}: PMTMR; ACPI 1.0b, 4.7.3.3: it is accessed as 32 bits`,
    said: 'A part of the timer is that part; QEMU gives its lowest bits at each offset',
  },
];
