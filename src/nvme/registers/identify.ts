import { struct } from '../../core/struct.ts';

export const IDENTIFY_BYTES = 4096;

/** Identify Controller (NVM Express 1.4, figure 247), as far as it is used. */
export const identify_controller = struct('identify_controller', 'le', {
  vid: 'u16',
  ssvid: 'u16',
  sn: { bytes: 20 },
  mn: { bytes: 40 },
  fr: { bytes: 8 },
  rab: 'u8',
  ieee: { bytes: 3 },
  cmic: 'u8',
  mdts: 'u8',
  cntlid: 'u16',
  ver: 'u32',
  rtd3r: 'u32',
  rtd3e: 'u32',
  oaes: 'u32',
  ctratt: 'u32',
  reserved100: { bytes: 11 },
  cntrltype: 'u8',
  reserved112: { bytes: 144 },
  oacs: 'u16',
  acl: 'u8',
  aerl: 'u8',
  frmw: 'u8',
  lpa: 'u8',
  elpe: 'u8',
  npss: 'u8',
  avscc: 'u8',
  apsta: 'u8',
  wctemp: 'u16',
  cctemp: 'u16',
  reserved270: { bytes: 242 },
  sqes: 'u8',
  cqes: 'u8',
  maxcmd: 'u16',
  nn: 'u32',
  oncs: 'u16',
  fuses: 'u16',
  fna: 'u8',
  vwc: 'u8',
  awun: 'u16',
  awupf: 'u16',
  nvscc: 'u8',
  nwpc: 'u8',
  acwu: 'u16',
  reserved534: 'u16',
  sgls: 'u32',
  mnan: 'u32',
  reserved544: { bytes: 224 },
  subnqn: { bytes: 256 },
});
/** Optional commands that it has. */
export const ONCS = {
  COMPARE: 1 << 0,
  DSM: 1 << 2,
  WRITE_ZEROES: 1 << 3,
  RESERVATIONS: 1 << 5,
  VERIFY: 1 << 7,
} as const;
/** Compare and Write can be fused. */
export const FUSES = 1;
/** SGLs at any address, with bit buckets. */
export const SGLS = 0x1_0001;
/** There is a volatile write cache; Flush takes ffffffff as the namespace. */
export const VWC = { PRESENT: 1 << 0, BROADCAST: 3 << 1 } as const;

/** Identify Namespace (figure 245), as far as it is used. */
export const identify_namespace = struct('identify_namespace', 'le', {
  nsze: 'u64',
  ncap: 'u64',
  nuse: 'u64',
  nsfeat: 'u8',
  nlbaf: 'u8',
  flbas: 'u8',
  mc: 'u8',
  dpc: 'u8',
  dps: 'u8',
  nmic: 'u8',
  rescap: 'u8',
  fpi: 'u8',
  dlfeat: 'u8',
  nawun: 'u16',
  nawupf: 'u16',
  nacwu: 'u16',
  nabsn: 'u16',
  nabo: 'u16',
  nabspf: 'u16',
  noiob: 'u16',
  nvmcap: { bytes: 16 },
  reserved64: { bytes: 35 },
  nsattr: 'u8',
  reserved100: { bytes: 4 },
  nguid: { bytes: 16 },
  eui64: { bytes: 8 },
  lbaf0: 'u32',
});
/** NSATTR: it takes no writes. */
export const WRITE_PROTECTED = 1;
/** Where a vendor puts what it likes. */
export const VENDOR_AREA = 384;
/** Of a block format: the exponent of its bytes. */
export const LBADS_SHIFT = 16;

/** A name of a namespace, in the list of them (figure 249). */
export const namespace_descriptor = struct('namespace_descriptor', 'le', {
  nidt: 'u8',
  nidl: 'u8',
  reserved: 'u16',
});
export const NIDT = { NGUID: 2 } as const;
