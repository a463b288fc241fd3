import { register } from '../../core/register.ts';

/** The ports at PMBA. */
export const PMSTS = register(
  'PMSTS',
  0x00,
  2,
  {
    TMROF: { at: 0, doc: 'bit 23 of the timer toggled' },
    BM: { at: 4 },
    GBL: { at: 5, doc: 'the firmware released the global lock' },
    PWRBTN: { at: 8 },
    SLPBTN: { at: 9, doc: 'ACPI 4.8.3.1.1; reserved on the PIIX4, while Compute Engine has the button' },
    RTC: { at: 10 },
    PWRBTNOR: { at: 11, doc: 'the power button was held' },
    RSM: { at: 15, doc: 'woke up' },
  },
  { access: 'w1c' },
);
export const PMEN = register('PMEN', 0x02, 2, {
  TMROF: { at: 0 },
  GBL: { at: 5 },
  PWRBTN: { at: 8 },
  SLPBTN: { at: 9 },
  RTC: { at: 10 },
});
export const PMCNTRL = register('PMCNTRL', 0x04, 2, {
  SCI_EN: { at: 0, doc: 'events raise SCI' },
  BRLD_EN_BM: { at: 1 },
  GBL_RLS: { at: 2, access: 'wo', doc: 'tells the firmware that the global lock is free' },
  SUS_TYP: { at: [12, 10], doc: '0 soft off, 1 suspend to RAM' },
  SUS_EN: { at: 13, access: 'wo', doc: 'enters what SUS_TYP says' },
});
export const PMTMR = register('PMTMR', 0x08, 4, {
  COUNT: { at: [23, 0], access: 'ro', doc: '3.579545 MHz' },
});
export const GPSTS = register(
  'GPSTS',
  0x0c,
  2,
  { THRM: { at: 0 }, USB: { at: 8 }, GPI: { at: 9 }, RI: { at: 10 }, LID: { at: 11 } },
  { access: 'w1c' },
);
export const GPEN = register('GPEN', 0x0e, 2, {
  THRM: { at: 0 },
  USB: { at: 8 },
  GPI: { at: 9 },
  RI: { at: 10 },
  LID: { at: 11 },
});
const PCNTRL = register('PCNTRL', 0x10, 4, {
  THROTTLE: { at: [4, 1] },
  CLOCKS: { at: [13, 9] },
  B17: { at: 17 },
});
export const GLBSTS = register(
  'GLBSTS',
  0x18,
  2,
  {
    BIOS: { at: 0 },
    LEGACY_USB: { at: 1 },
    DEV: { at: 4, access: 'ro', doc: 'a bit of DEVSTS is set: never here' },
    APM: { at: 5 },
    PM1: { at: 6, access: 'ro', doc: 'a bit of PMSTS is set' },
    GP: { at: 7, access: 'ro', doc: 'a bit of GPSTS is set' },
    GSTBY: { at: 8 },
    EXTSMI: { at: 10 },
    IRQ_RSM: { at: 11 },
  },
  { access: 'w1c' },
);
export const DEVSTS = register(
  'DEVSTS',
  0x1c,
  4,
  { TRAPS: { at: [11, 0] }, IDLE: { at: [29, 16] } },
  { access: 'w1c' },
);
/** Its two low bits are swapped compared to GLBSTS. */
export const GLBEN = register('GLBEN', 0x20, 2, {
  LEGACY_USB: { at: 0 },
  BIOS: { at: 1 },
  B4_2: { at: [4, 2] },
  GSTBY: { at: 8 },
  EXTSMI: { at: 10 },
  IRQ_RSM: { at: 11 },
  B15: { at: 15 },
});
export const GLBCTL = register('GLBCTL', 0x28, 4, {
  SMI_EN: { at: 0 },
  BIOS_RLS: { at: 1, access: 'wo', doc: 'tells the system that the global lock is free' },
  B2: { at: 2 },
  B15_8: { at: [15, 8] },
  EOS: { at: 16 },
  B26_24: { at: [26, 24] },
});
const DEVCTL = register('DEVCTL', 0x2c, 4, { TRAPS: { at: [27, 0] } });
const GPIREG = register('GPIREG', 0x30, 4, { GPI: { at: [23, 0], access: 'ro' } });
const GPOREG = register('GPOREG', 0x34, 4, { GPO: { at: [31, 0] } }, { reset: 0x7fff_bfff });

/** All of them; LVL2 and LVL3 at 14 and 15 read 0, like everything undeclared. */
export const PM_IO_REGISTERS = [
  PMSTS,
  PMEN,
  PMCNTRL,
  PMTMR,
  GPSTS,
  GPEN,
  PCNTRL,
  GLBSTS,
  DEVSTS,
  GLBEN,
  GLBCTL,
  DEVCTL,
  GPIREG,
  GPOREG,
];
export const PM_IO_SIZE = 64;

/** The ports at SMBBA. */
export const SMBHSTSTS = register(
  'SMBHSTSTS',
  0x00,
  1,
  {
    HOST_BUSY: { at: 0, access: 'ro' },
    INTER: { at: 1, doc: 'done' },
    DEV_ERR: { at: 2, doc: 'no device answered' },
    BUS_ERR: { at: 3 },
    FAILED: { at: 4 },
  },
  { access: 'w1c' },
);
const SMBSLVSTS = register('SMBSLVSTS', 0x01, 1, { STATUS: { at: [7, 0], access: 'ro' } });
export const SMBHSTCNT = register('SMBHSTCNT', 0x02, 1, {
  INTEREN: { at: 0 },
  KILL: { at: 1 },
  PROTOCOL: { at: [4, 2] },
  START: { at: 6, access: 'wo' },
});
const SMBHSTCMD = register('SMBHSTCMD', 0x03, 1, { COMMAND: { at: [7, 0] } });
const SMBHSTADD = register('SMBHSTADD', 0x04, 1, { READ: { at: 0 }, ADDRESS: { at: [7, 1] } });
const SMBHSTDAT0 = register('SMBHSTDAT0', 0x05, 1, { DATA: { at: [7, 0] } });
const SMBHSTDAT1 = register('SMBHSTDAT1', 0x06, 1, { DATA: { at: [7, 0] } });

export const SMBUS_REGISTERS = [
  SMBHSTSTS,
  SMBSLVSTS,
  SMBHSTCNT,
  SMBHSTCMD,
  SMBHSTADD,
  SMBHSTDAT0,
  SMBHSTDAT1,
];
export const SMBUS_SIZE = 16;
