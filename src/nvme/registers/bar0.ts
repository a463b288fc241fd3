import { register } from '../../core/register.ts';

/** Identity of the controller. The bytes of its subsystem were never seen. */
export const NVME_ID = { vendor: 0x1ae0, device: 0x001f, class: 0x01_0802, revision: 1 } as const;
/** What is behind each base address; that of the registers has 64 bits. */
export const NVME_BAR = { registers: 0, msix: 4 } as const;
/** Room for the doorbells of 1536 pairs of queues, with CAP.DSTRD 0. */
export const REGISTERS_SIZE = 0x4000;
export const DOORBELLS = 0x1000;
/** Of each doorbell; the head of a completion queue is behind the tail of the submission queue of its number. */
export const DOORBELL_BYTES = 4;
/** Bytes of a page as CC.MPS 0 has it, and as CAP.MPSMIN and CAP.MPSMAX 0 want it. */
export const PAGE = 4096;

/** The registers behind BAR0 (NVM Express 1.4, 3.1). Those of 64 bits have two declarations. */
export const CAP = register(
  'CAP',
  0x00,
  4,
  {
    MQES: { at: [15, 0], doc: 'entries of a queue, less one' },
    CQR: { at: 16, doc: 'queues lie in one piece' },
    AMS: { at: [18, 17], doc: 'arbitration beside round robin' },
    TO: { at: [31, 24], doc: 'how long RDY may take, in units of 500 ms' },
  },
  { access: 'ro' },
);
export const CAP_UPPER = register(
  'CAP (upper half)',
  0x04,
  4,
  {
    DSTRD: { at: [3, 0], doc: 'doorbells are 4 << DSTRD bytes apart' },
    NSSRS: { at: 4, doc: 'has NSSR' },
    CSS: { at: [12, 5], doc: 'command sets, bit 0 of which is NVM' },
    BPS: { at: 13 },
    MPSMIN: { at: [19, 16], doc: 'a page has 4096 << n bytes at least' },
    MPSMAX: { at: [23, 20] },
    PMRS: { at: 24 },
    CMBS: { at: 25 },
  },
  { access: 'ro' },
);
export const VS = register(
  'VS',
  0x08,
  4,
  { TER: { at: [7, 0] }, MNR: { at: [15, 8] }, MJR: { at: [31, 16] } },
  { access: 'ro' },
);
export const INTMS = register(
  'INTMS',
  0x0c,
  4,
  { IVMS: { at: [31, 0], doc: 'a 1 masks the vector' } },
  { doc: 'Reads the mask.' },
);
export const INTMC = register(
  'INTMC',
  0x10,
  4,
  { IVMC: { at: [31, 0], doc: 'a 1 clears the mask of the vector' } },
  { doc: 'Reads the mask.' },
);
export const CC = register('CC', 0x14, 4, {
  EN: { at: 0 },
  CSS: { at: [6, 4], doc: 'the command set' },
  MPS: { at: [10, 7], doc: 'a page has 4096 << n bytes' },
  AMS: { at: [13, 11], doc: 'arbitration' },
  SHN: { at: [15, 14], doc: 'shutdown: 1 normal, 2 abrupt' },
  IOSQES: { at: [19, 16], doc: 'an entry of an I/O submission queue has 2^n bytes' },
  IOCQES: { at: [23, 20], doc: 'and of a completion queue' },
});
export const CSTS = register(
  'CSTS',
  0x1c,
  4,
  {
    RDY: { at: 0 },
    CFS: { at: 1, doc: 'the controller has failed' },
    SHST: { at: [3, 2], doc: 'shutdown: 1 under way, 2 done' },
    NSSRO: { at: 4, access: 'w1c' },
    PP: { at: 5 },
  },
  { access: 'ro' },
);
export const NSSR = register('NSSR', 0x20, 4, { NSSRC: { at: [31, 0], access: 'wo' } });
export const AQA = register('AQA', 0x24, 4, {
  ASQS: { at: [11, 0], doc: 'entries of the admin submission queue, less one' },
  ACQS: { at: [27, 16], doc: 'and of the completion queue' },
});
export const ASQ = register('ASQ', 0x28, 4, { ASQB: { at: [31, 12] } });
export const ASQ_UPPER = register('ASQ (upper half)', 0x2c, 4, { ASQB: { at: [31, 0] } });
export const ACQ = register('ACQ', 0x30, 4, { ACQB: { at: [31, 12] } });
export const ACQ_UPPER = register('ACQ (upper half)', 0x34, 4, { ACQB: { at: [31, 0] } });

/** CC.SHN and CSTS.SHST. */
export const SHN = { NONE: 0, NORMAL: 1 } as const;
export const SHST = { NORMAL: 0, OCCURRING: 1, COMPLETE: 2 } as const;
/** CC.IOSQES and CC.IOCQES: entries of 64 and 16 bytes. */
export const ENTRY_SIZE = { IOSQES: 6, IOCQES: 4 } as const;
