import { register } from '../../core/register.ts';

/** PCI-to-ISA bridge, function 0 of the 82371AB. */
export const IORT = register(
  'IORT',
  0x4c,
  1,
  {
    RECOVERY_16: { at: [1, 0] },
    RECOVERY_16_ENABLE: { at: 2 },
    RECOVERY_8: { at: [5, 3] },
    RECOVERY_8_ENABLE: { at: 6 },
    DMAAC: { at: 7, doc: 'DMA page registers have no aliases' },
  },
  { reset: 0x4d },
);
export const XBCS = register(
  'XBCS',
  0x4e,
  2,
  {
    RTC_ENABLE: { at: 0 },
    KBC_ENABLE: { at: 1 },
    BIOS_WRITE: { at: 2 },
    PORT_61_ALIAS: { at: 3 },
    IRQ12_MOUSE: { at: 4 },
    COPROCESSOR_ERROR: { at: 5 },
    LOWER_BIOS: { at: 6 },
    EXTENDED_BIOS: { at: 7 },
    APIC_CHIP_SELECT: { at: 8 },
    EXTENDED_BIOS_1M: { at: 9 },
    MICROCONTROLLER: { at: 10 },
  },
  { reset: 0x0003 },
);

const PIRQRCA = register(
  'PIRQRCA',
  0x60,
  1,
  {
    IRQ: { at: [3, 0], doc: '3 to 7, 9 to 12, 14 or 15; others route nowhere' },
    DISABLE: { at: 7, doc: 'the PIRQ is not routed' },
  },
  { reset: 0x80 },
);
/** PIRQRC[A:D]: the IRQ of each PCI interrupt. */
export const PIRQRC = ['A', 'B', 'C', 'D'].map((letter, n) => ({
  ...PIRQRCA,
  name: `PIRQRC${letter}`,
  offset: PIRQRCA.offset + n,
}));
/** IRQs that a PIRQ can go to, a bit each. */
export const PIRQ_TARGETS = 0xdef8;

export const SERIRQC = register(
  'SERIRQC',
  0x64,
  1,
  {
    PULSE_WIDTH: { at: [1, 0] },
    FRAME_SIZE: { at: [5, 2] },
    CONTINUOUS: { at: 6 },
    ENABLE: { at: 7 },
  },
  { reset: 0x10 },
);
export const TOM = register(
  'TOM',
  0x69,
  1,
  {
    FORWARD_512K: { at: 1 },
    FORWARD_AB: { at: 2 },
    FORWARD_LOWER_BIOS: { at: 3 },
    TOP: { at: [7, 4], doc: 'top of memory for ISA masters, in MiB less one' },
  },
  { reset: 0x02 },
);
export const MSTAT = register('MSTAT', 0x6a, 2, {
  RETRY_ENABLE: { at: 7 },
  SERR_DELAYED: { at: 15, access: 'w1c' },
});

const MBDMA0 = register(
  'MBDMA0',
  0x76,
  1,
  { CHANNEL: { at: [2, 0], doc: '4 is none' }, FAST: { at: 7, doc: 'type F; Linux keeps out of C3 then' } },
  { reset: 0x04 },
);
const MBDMA = [MBDMA0, { ...MBDMA0, name: 'MBDMA1', offset: 0x77 }];

export const APICBASE = register('APICBASE', 0x80, 1, {
  Y: { at: [1, 0] },
  X: { at: [5, 2] },
  A12_MASK: { at: 6 },
});
export const DLC = register('DLC', 0x82, 1, {
  DELAYED_TRANSACTION: { at: 0 },
  PASSIVE_RELEASE: { at: 1 },
  USB_PASSIVE_RELEASE: { at: 2 },
  SERR_ON_TIMEOUT: { at: 3 },
});
export const PDMACFG = register('PDMACFG', 0x90, 2, { LOW: { at: [7, 0] }, HIGH: { at: [15, 10] } });
const DDMABP0 = register('DDMABP0', 0x92, 2, { BASE: { at: [15, 6] } });
const DDMABP = [DDMABP0, { ...DDMABP0, name: 'DDMABP1', offset: 0x94 }];
/** General configuration; omitted are straps and unused bits. */
export const GENCFG = register('GENCFG', 0xb0, 4, {
  ISA: { at: 0, doc: 'ISA bus, not EIO' },
  POSITIVE_DECODE: { at: 1 },
  IDE_TRISTATE: { at: 4 },
  ALTERNATE_ACCESS: { at: 5 },
  PINS_6: { at: 6 },
  PINS_12_8: { at: [12, 8] },
  PINS_25_14: { at: [25, 14], doc: 'bit 16: the SERIRQ pin' },
  PINS_31_27: { at: [31, 27], doc: 'bit 28: GPO22 and GPO23' },
});
export const RTCCFG = register(
  'RTCCFG',
  0xcb,
  1,
  {
    RTC_ENABLE: { at: 0 },
    UPPER_RAM: { at: 2 },
    LOCK_LOWER: { at: 3 },
    LOCK_UPPER: { at: 4 },
    POSITIVE_DECODE: { at: 5 },
  },
  { reset: 0x21 },
);

/** All of function 0 beyond the header. PIIX3's MBIRQ at 70 does not exist. */
export const PIIX4_ISA_REGISTERS = [
  IORT,
  XBCS,
  ...PIRQRC,
  SERIRQC,
  TOM,
  MSTAT,
  ...MBDMA,
  APICBASE,
  DLC,
  PDMACFG,
  ...DDMABP,
  GENCFG,
  RTCCFG,
];

/** Reset control, port CF9. */
export const RC = register('RC', 0, 1, {
  SRST: { at: 1, doc: '1: hard reset, 0: the CPU alone' },
  RCPU: { at: 2, access: 'wo', doc: 'resets' },
});
/** Port 92. */
export const PORT92 = register('PORT92', 0, 1, {
  INIT: { at: 0, doc: 'going up resets the CPU' },
  A20: { at: 1 },
});
/** DMA page registers, ports 80 to 8F, including 80, where POST codes are written: kept, but move no data. */
export const DMA_PAGE = register('DMA_PAGE', 0, 1, { PAGE: { at: [7, 0] } });
/** Advanced power management, ports B2 and B3: a command to the firmware, and a data byte. */
export const APMC = register('APMC', 0, 1, { COMMAND: { at: [7, 0] } });
export const APMS = register('APMS', 1, 1, { STATUS: { at: [7, 0] } });
