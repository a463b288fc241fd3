import { register } from '../../core/register.ts';
import { struct } from '../../core/struct.ts';

/** An entry of a submission queue (NVM Express 1.4, 4.2). */
export const sqe = struct('sqe', 'le', {
  opcode: 'u8',
  flags: 'u8',
  cid: 'u16',
  nsid: 'u32',
  reserved: { bytes: 8 },
  mptr: 'u64',
  prp1: 'u64',
  prp2: 'u64',
  cdw10: 'u32',
  cdw11: 'u32',
  cdw12: 'u32',
  cdw13: 'u32',
  cdw14: 'u32',
  cdw15: 'u32',
});
/** Its byte `flags`. */
export const FLAGS = register('flags', 1, 1, {
  FUSE: { at: [1, 0], doc: 'one of two commands' },
  PSDT: { at: [7, 6], doc: '0 PRP, 1 or 2 SGL' },
});

/** An entry of a completion queue (4.6). */
export const cqe = struct('cqe', 'le', {
  result: 'u32',
  reserved: 'u32',
  sq_head: 'u16',
  sq_id: 'u16',
  cid: 'u16',
  status: 'u16',
});
/** Its field `status`. */
export const STATUS_FIELD = register('status', 14, 2, {
  P: { at: 0, doc: 'the phase, which changes with each lap' },
  SC: { at: [8, 1] },
  SCT: { at: [11, 9] },
  CRD: { at: [13, 12] },
  M: { at: 14, doc: 'the error log has more' },
  DNR: { at: 15, doc: 'the same command would fail again' },
});

/** Opcodes of admin commands (5). */
export const ADMIN = {
  DELETE_SQ: 0x00,
  CREATE_SQ: 0x01,
  GET_LOG_PAGE: 0x02,
  DELETE_CQ: 0x04,
  CREATE_CQ: 0x05,
  IDENTIFY: 0x06,
  ABORT: 0x08,
  SET_FEATURES: 0x09,
  GET_FEATURES: 0x0a,
  ASYNC_EVENT_REQUEST: 0x0c,
} as const;

/** Opcodes of the NVM command set (6). */
export const NVM = {
  FLUSH: 0x00,
  WRITE: 0x01,
  READ: 0x02,
  COMPARE: 0x05,
  WRITE_ZEROES: 0x08,
  DATASET_MANAGEMENT: 0x09,
  VERIFY: 0x0c,
  RESERVATION_REGISTER: 0x0d,
  RESERVATION_REPORT: 0x0e,
  RESERVATION_ACQUIRE: 0x11,
  RESERVATION_RELEASE: 0x15,
} as const;

/** SCT << 8 | SC, and DNR where the same command would fail again. */
const DNR = 0x4000;
export const STATUS = {
  SUCCESS: 0x000,
  INVALID_OPCODE: DNR | 0x001,
  INVALID_FIELD: DNR | 0x002,
  DATA_TRANSFER_ERROR: 0x004,
  ABORT_REQUESTED: 0x007,
  INVALID_NAMESPACE: DNR | 0x00b,
  FUSED_FAILED: 0x009,
  FUSED_MISSING: 0x00a,
  COMMAND_SEQUENCE_ERROR: DNR | 0x00c,
  SGL_SEGMENT_INVALID: DNR | 0x00d,
  SGL_COUNT_INVALID: DNR | 0x00e,
  SGL_LENGTH_INVALID: DNR | 0x00f,
  SGL_TYPE_INVALID: DNR | 0x011,
  PRP_OFFSET_INVALID: DNR | 0x013,
  NAMESPACE_WRITE_PROTECTED: DNR | 0x020,
  LBA_OUT_OF_RANGE: DNR | 0x080,
  CAPACITY_EXCEEDED: DNR | 0x081,
  RESERVATION_CONFLICT: 0x083,
  INVALID_CQ: DNR | 0x100,
  INVALID_QID: DNR | 0x101,
  INVALID_QUEUE_SIZE: DNR | 0x102,
  AER_LIMIT_EXCEEDED: DNR | 0x105,
  INVALID_VECTOR: DNR | 0x108,
  INVALID_LOG_PAGE: DNR | 0x109,
  /** QEMU does not set DNR: it goes once the submission queues are deleted. */
  INVALID_QUEUE_DELETION: 0x10c,
  NOT_SAVEABLE: DNR | 0x10d,
  WRITE_FAULT: 0x280,
  UNRECOVERED_READ: 0x281,
  COMPARE_FAILURE: DNR | 0x285,
} as const;

/** Features (5.21.1). */
export const FEATURE = {
  ARBITRATION: 0x01,
  POWER_MANAGEMENT: 0x02,
  TEMPERATURE_THRESHOLD: 0x04,
  ERROR_RECOVERY: 0x05,
  VOLATILE_WRITE_CACHE: 0x06,
  NUMBER_OF_QUEUES: 0x07,
  INTERRUPT_COALESCING: 0x08,
  INTERRUPT_VECTOR: 0x09,
  WRITE_ATOMICITY: 0x0a,
  ASYNC_EVENT: 0x0b,
  HOST_IDENTIFIER: 0x81,
  RESERVATION_MASK: 0x82,
  RESERVATION_PERSISTENCE: 0x83,
} as const;

/** Log pages (5.14.1). */
export const LOG = {
  ERROR: 0x01,
  SMART: 0x02,
  FIRMWARE_SLOT: 0x03,
  CHANGED_NAMESPACES: 0x04,
  RESERVATION: 0x80,
} as const;

/** Of SMART / Health Information (5.14.1.2): what is not 0 here. Counts have 16 bytes. */
export const smart_log = struct('smart_log', 'le', {
  critical_warning: 'u8',
  composite_temperature: 'u16',
  available_spare: 'u8',
  available_spare_threshold: 'u8',
  percentage_used: 'u8',
  reserved: { bytes: 26 },
  data_units_read: 'u64',
  data_units_read_high: 'u64',
  data_units_written: 'u64',
  data_units_written_high: 'u64',
  host_read_commands: 'u64',
  host_read_commands_high: 'u64',
  host_write_commands: 'u64',
  host_write_commands_high: 'u64',
  rest: { bytes: 416 },
});
/** Firmware Slot Information (5.14.1.3), of one slot. */
export const firmware_slot_log = struct('firmware_slot_log', 'le', {
  active_firmware_info: 'u8',
  reserved: { bytes: 7 },
  revision_slot1: { bytes: 8 },
  rest: { bytes: 496 },
});

/** What Identify tells of (5.15). */
export const CNS = { NAMESPACE: 0x00, CONTROLLER: 0x01, ACTIVE_LIST: 0x02, DESCRIPTORS: 0x03 } as const;
export const BROADCAST = 0xffff_ffff;

/** Dword 10 and 12 of commands that move blocks (6). */
export const RW_CDW12 = register('cdw12', 48, 4, {
  NLB: { at: [15, 0], doc: 'blocks, less one' },
  DEAC: { at: 25 },
  PRINFO: { at: [29, 26] },
  FUA: { at: 30, doc: 'is durable when it is completed' },
  LR: { at: 31 },
});
/** Dword 11 of Dataset Management, and one of its ranges. */
export const DSM_CDW11 = register('cdw11', 44, 4, {
  IDR: { at: 0 },
  IDW: { at: 1 },
  AD: { at: 2, doc: 'the contents are not needed any more' },
});
export const dsm_range = struct('dsm_range', 'le', { attributes: 'u32', blocks: 'u32', slba: 'u64' });
export const DSM_RANGES_MOST = 256;

/** Dword 11 of Create I/O Completion Queue (5.3) and of Create I/O Submission Queue (5.4). */
export const CREATE_CQ_CDW11 = register('create_cq_cdw11', 44, 4, {
  PC: { at: 0, doc: 'lies in one piece' },
  IEN: { at: 1, doc: 'interrupts' },
  IV: { at: [31, 16], doc: 'its vector' },
});
export const CREATE_SQ_CDW11 = register('create_sq_cdw11', 44, 4, {
  PC: { at: 0, doc: 'lies in one piece' },
  QPRIO: { at: [2, 1] },
  CQID: { at: [31, 16], doc: 'where it is completed' },
});

const ALL = 0xffff_ffff;
const { NLB, DEAC, PRINFO, FUA, LR } = RW_CDW12.mask;
const { IDR, IDW, AD } = DSM_CDW11.mask;
const BLOCKS = NLB | PRINFO | FUA | LR;
/** What data is for: a type of directive in dword 12, its number and how often the data is used in dword 13. */
const [DTYPE, DSPEC, DSM] = [0x00f0_0000, 0xffff_0000, 0xff];
/** RACQA or RRELA, IEKEY, RTYPE; RREGA, IEKEY, CPTPL. */
const [ACQUIRES, REGISTERS] = [0xff0f, 0xc000_000f];
const UUID_INDEX = 0x7f;

/** What is not reserved of dwords 10 to 15 of a command, in order: all that is behind the last is (5 and 6). */
export const ADMIN_DWORDS: Readonly<Record<number, readonly number[]>> = {
  [ADMIN.DELETE_SQ]: [0xffff],
  [ADMIN.CREATE_SQ]: [ALL, CREATE_SQ_CDW11.writable, 0xffff],
  [ADMIN.GET_LOG_PAGE]: [ALL, ALL, ALL, ALL, UUID_INDEX],
  [ADMIN.DELETE_CQ]: [0xffff],
  [ADMIN.CREATE_CQ]: [ALL, CREATE_CQ_CDW11.writable],
  [ADMIN.IDENTIFY]: [0xffff_00ff, ALL, 0, 0, UUID_INDEX],
  [ADMIN.ABORT]: [ALL],
  [ADMIN.SET_FEATURES]: [0x8000_00ff, ALL, ALL, ALL, ALL, ALL],
  [ADMIN.GET_FEATURES]: [0x07ff, ALL, 0, 0, UUID_INDEX],
  [ADMIN.ASYNC_EVENT_REQUEST]: [],
};
export const NVM_DWORDS: Readonly<Record<number, readonly number[]>> = {
  [NVM.FLUSH]: [],
  [NVM.WRITE]: [ALL, ALL, BLOCKS | DTYPE, DSPEC | DSM, ALL, ALL],
  [NVM.READ]: [ALL, ALL, BLOCKS, DSM, ALL, ALL],
  [NVM.COMPARE]: [ALL, ALL, BLOCKS, 0, ALL, ALL],
  [NVM.WRITE_ZEROES]: [ALL, ALL, BLOCKS | DEAC, 0, ALL, ALL],
  [NVM.DATASET_MANAGEMENT]: [0xff, IDR | IDW | AD],
  [NVM.VERIFY]: [ALL, ALL, BLOCKS, 0, ALL, ALL],
  [NVM.RESERVATION_REGISTER]: [REGISTERS],
  [NVM.RESERVATION_REPORT]: [ALL, 1],
  [NVM.RESERVATION_ACQUIRE]: [ACQUIRES],
  [NVM.RESERVATION_RELEASE]: [ACQUIRES],
};
