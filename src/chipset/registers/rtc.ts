import { register } from '../../core/register.ts';

/** Port 70: selects the byte at port 71. */
export const RTCI = register(
  'RTCI',
  0,
  1,
  { INDEX: { at: [6, 0] }, NMI_DISABLE: { at: 7 } },
  { access: 'wo' },
);
/** Port 71. */
export const RTCD = register('RTCD', 1, 1, { DATA: { at: [7, 0] } });

/** The offsets from here on are indexes. In BCD or binary, by REGISTER_B. */
export const SECONDS = register('SECONDS', 0x00, 1, { SECONDS: { at: [7, 0] } });
/** C0 and above, in each of the three alarm bytes: any. */
export const SECONDS_ALARM = register('SECONDS_ALARM', 0x01, 1, { SECONDS: { at: [7, 0] } });
export const MINUTES = register('MINUTES', 0x02, 1, { MINUTES: { at: [7, 0] } });
export const MINUTES_ALARM = register('MINUTES_ALARM', 0x03, 1, { MINUTES: { at: [7, 0] } });
export const HOURS = register('HOURS', 0x04, 1, {
  HOURS: { at: [6, 0] },
  PM: { at: 7, doc: 'in 12-hour mode' },
});
export const HOURS_ALARM = register('HOURS_ALARM', 0x05, 1, {
  HOURS: { at: [6, 0] },
  PM: { at: 7, doc: 'in 12-hour mode' },
});
export const DAY_OF_WEEK = register('DAY_OF_WEEK', 0x06, 1, { DAY: { at: [7, 0], doc: '1 is Sunday' } });
export const DAY_OF_MONTH = register('DAY_OF_MONTH', 0x07, 1, { DAY: { at: [7, 0] } });
export const MONTH = register('MONTH', 0x08, 1, { MONTH: { at: [7, 0] } });
export const YEAR = register('YEAR', 0x09, 1, { YEAR: { at: [7, 0], doc: 'of the century' } });

export const REGISTER_A = register(
  'REGISTER_A',
  0x0a,
  1,
  {
    RS: { at: [3, 0], doc: 'rate: 0 none, 1 and 2 as 8 and 9, else 65,536 Hz halved so often' },
    DV: { at: [6, 4], doc: '2 counts; 6 and 7 hold the divider' },
    UIP: { at: 7, access: 'ro', doc: 'an update is under way, or begins within 244 µs' },
  },
  { reset: 0x26 },
);
export const REGISTER_B = register(
  'REGISTER_B',
  0x0b,
  1,
  {
    DSE: { at: 0, doc: 'daylight saving; kept without effect' },
    HOURS_24: { at: 1 },
    DM: { at: 2, doc: '1 binary, 0 BCD' },
    SQWE: { at: 3, doc: 'the square wave has no pin here' },
    UIE: { at: 4 },
    AIE: { at: 5 },
    PIE: { at: 6 },
    SET: { at: 7, doc: 'no updates, and UIE is cleared' },
  },
  { reset: 0x02 },
);
export const REGISTER_C = register(
  'REGISTER_C',
  0x0c,
  1,
  {
    UF: { at: 4, doc: 'an update ended' },
    AF: { at: 5, doc: 'the time was that of the alarm' },
    PF: { at: 6, doc: 'a period ended' },
    IRQF: { at: 7, access: 'ro', doc: 'one of them is enabled: IRQ 8' },
  },
  { access: 'rc' },
);
export const REGISTER_D = register(
  'REGISTER_D',
  0x0d,
  1,
  { VRT: { at: 7, doc: 'the battery did not fail' } },
  { reset: 0x80, access: 'ro' },
);

const REGISTERS = [
  SECONDS,
  SECONDS_ALARM,
  MINUTES,
  MINUTES_ALARM,
  HOURS,
  HOURS_ALARM,
  DAY_OF_WEEK,
  DAY_OF_MONTH,
  MONTH,
  YEAR,
  REGISTER_A,
  REGISTER_B,
  REGISTER_C,
  REGISTER_D,
] as const;

/** A register or a byte of RAM, by `index`. */
export function rtcRegister(index: number) {
  return REGISTERS[index] ?? { ...RTCD, name: `NVRAM[${index.toString(16).padStart(2, '0')}]` };
}
