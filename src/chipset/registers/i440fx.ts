import { register } from '../../core/register.ts';

/** Latency timer of the host bridge: a multiple of eight clocks. */
export const MLT = register('MLT', 0x0d, 1, { CLOCKS: { at: [7, 3], doc: 'in eights' } });
export const PMCCFG = register('PMCCFG', 0x50, 2, { CONFIG: { at: [15, 0] } }, { reset: 0x0100 });
export const DBC = register('DBC', 0x53, 1, { BUFFERS: { at: [7, 0] } }, { reset: 0x80 });
export const DRAMC = register('DRAMC', 0x57, 1, { CONTROL: { at: [7, 0] } }, { reset: 0x01 });
export const DRAMT = register('DRAMT', 0x58, 1, { TIMING: { at: [7, 0] } }, { reset: 0x10 });

/** Target of accesses to F0000 to FFFFF. */
export const PAM0 = register('PAM0', 0x59, 1, {
  RE1: { at: 4, doc: 'reads come from DRAM' },
  WE1: { at: 5, doc: 'writes go to DRAM' },
});
/** The first of six, for C0000 to EFFFF: two regions of 16 KiB each. */
const PAM1 = register('PAM1', 0x5a, 1, {
  RE0: { at: 0, doc: 'reads of the lower region come from DRAM' },
  WE0: { at: 1, doc: 'writes to the lower region go to DRAM' },
  RE1: { at: 4, doc: 'the same for the upper region' },
  WE1: { at: 5 },
});
export const PAMS = [
  PAM0,
  ...[1, 2, 3, 4, 5, 6].map((n) => ({ ...PAM1, name: `PAM${n}`, offset: PAM0.offset + n })),
] as const;

const DRB0 = register(
  'DRB0',
  0x60,
  1,
  { BOUNDARY: { at: [7, 0], doc: 'end of the row, in 8 MiB' } },
  { reset: 1 },
);
const DRBS = [0, 1, 2, 3, 4, 5, 6, 7].map((n) => ({
  ...DRB0,
  name: `DRB${n}`,
  offset: DRB0.offset + n,
}));

/** Target of accesses to A0000 to BFFFF. */
export const SMRAM = register(
  'SMRAM',
  0x72,
  1,
  {
    DBASESEG: { at: [2, 0], access: 'ro', doc: '2: A0000' },
    SMRAME: { at: 3, doc: 'SMRAM is there' },
    DLCK: { at: 4, doc: 'set once: DOPEN is 0 until a reset' },
    DCLS: { at: 5, doc: 'data accesses go to PCI' },
    DOPEN: { at: 6, doc: 'visible outside system management mode too' },
  },
  { reset: 0x02 },
);

export const ERRCMD = register('ERRCMD', 0x90, 1, { ENABLE: { at: [1, 0] }, ENABLE_PCI: { at: [4, 3] } });
export const ERRSTS = register(
  'ERRSTS',
  0x91,
  1,
  { SINGLE_BIT: { at: 0 }, MULTIPLE_BIT: { at: 4 } },
  { access: 'w1c' },
);

/** All of the 440FX beyond the header. */
export const I440FX_REGISTERS = [MLT, PMCCFG, DBC, DRAMC, DRAMT, ...PAMS, ...DRBS, SMRAM, ERRCMD, ERRSTS];
