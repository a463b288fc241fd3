import { type Register, register } from '../../core/register.ts';

/** Power management, function 3 of the 82371AB. */
export const PMBA = register(
  'PMBA',
  0x40,
  4,
  { SPACE: { at: 0, access: 'ro', doc: '1: I/O' }, BASE: { at: [15, 6], doc: '64 ports' } },
  { reset: 1 },
);
const CNTA = register('CNTA', 0x44, 4, { RELOAD: { at: [31, 0] } });
const CNTB = register('CNTB', 0x48, 4, {
  LOW: { at: [17, 0] },
  MIDDLE: { at: [22, 20] },
  HIGH: { at: 24 },
});
const GPICTL = register('GPICTL', 0x4c, 4, { GPI: { at: [27, 0] } });
const DEVRESD = register('DEVRESD', 0x50, 4, {
  LOW: { at: [5, 0] },
  B12_11: { at: [12, 11] },
  B14: { at: 14 },
  HIGH: { at: [22, 16] },
});
const DEVACTA = register('DEVACTA', 0x54, 4, { ACTIVITY: { at: [31, 0] } });
export const DEVACTB = register('DEVACTB', 0x58, 4, {
  LOW: { at: [2, 0] },
  B6_4: { at: [6, 4] },
  MIDDLE: { at: [23, 8] },
  BRLD_EN_APMC: { at: 24 },
  APMC_EN: { at: 25, doc: 'APMC raises SMI' },
});

/** DEVRESA to C: device monitors and the fixed ranges they decode. Linux prints the enabled ones. */
const DEVRESA = register('DEVRESA', 0x5c, 4, {
  MONITORS: { at: [28, 0] },
  DEVICE_12: { at: 29 },
  DEVICE_13: { at: 30 },
  B31: { at: 31 },
});
const DEVRESB = register('DEVRESB', 0x60, 4, {
  BASE: { at: [15, 0] },
  MASK: { at: [19, 16] },
  B26_20: { at: [26, 20] },
  B31_28: { at: [31, 28] },
});
const DEVRESC = register('DEVRESC', 0x64, 4, {
  BASE: { at: [15, 0] },
  MASK: { at: [19, 16] },
  B23_20: { at: [23, 20] },
  COM_A: { at: [26, 24] },
  COM_A_ENABLE: { at: 27 },
  COM_B: { at: [30, 28] },
  COM_B_ENABLE: { at: 31 },
});
/** DEVRESE, G, I and J: an I/O range each. */
const IO_RANGE = { BASE: { at: [15, 0] }, MASK: { at: [19, 16] }, ENABLE: { at: 20 } } as const;
/** DEVRESF and H: a memory range each. */
const MEMORY_RANGE = { MASK: { at: [5, 0] }, ENABLE: { at: 7 }, BASE: { at: [31, 16] } } as const;

export const PMREGMISC = register('PMREGMISC', 0x80, 1, {
  PMIOSE: { at: 0, doc: 'the ports at PMBA answer' },
  B3_1: { at: [3, 1] },
});
export const SMBBA = register(
  'SMBBA',
  0x90,
  4,
  { SPACE: { at: 0, access: 'ro', doc: '1: I/O' }, BASE: { at: [15, 4], doc: '16 ports' } },
  { reset: 1 },
);
export const SMBHSTCFG = register('SMBHSTCFG', 0xd2, 1, {
  HST_EN: { at: 0, doc: 'the ports at SMBBA answer, if IO_SPACE is set too' },
  INTRSEL: { at: [3, 1], doc: '0 SMI, 4 IRQ 9' },
});
const SMBSLVC = register('SMBSLVC', 0xd3, 1, { COMMAND: { at: [7, 0] } });
const SMBSHDW1 = register('SMBSHDW1', 0xd4, 1, { ADDRESS: { at: [7, 0] } });
const SMBSHDW2 = register('SMBSHDW2', 0xd5, 1, { ADDRESS: { at: [7, 0] } });
const SMBREV = register('SMBREV', 0xd6, 1, { REVISION: { at: [7, 0], access: 'ro' } });

/** All of function 3 beyond the header. */
export const PIIX4_ACPI_REGISTERS: readonly Register[] = [
  PMBA,
  CNTA,
  CNTB,
  GPICTL,
  DEVRESD,
  DEVACTA,
  DEVACTB,
  DEVRESA,
  DEVRESB,
  DEVRESC,
  register('DEVRESE', 0x68, 4, IO_RANGE),
  register('DEVRESF', 0x6c, 4, MEMORY_RANGE),
  register('DEVRESG', 0x70, 4, IO_RANGE),
  register('DEVRESH', 0x74, 4, MEMORY_RANGE),
  register('DEVRESI', 0x78, 4, IO_RANGE),
  register('DEVRESJ', 0x7c, 4, IO_RANGE),
  PMREGMISC,
  SMBBA,
  SMBHSTCFG,
  SMBSLVC,
  SMBSHDW1,
  SMBSHDW2,
  SMBREV,
];
