import { struct } from '../../../core/struct.ts';

/**
 * Group administration commands (virtio 1.4, Group administration commands). MODIFY and QUERY have the numbers of their
 * own sections: the table of all commands swaps them.
 */
export const ADMIN_CMD = {
  LIST_QUERY: 0x0,
  LIST_USE: 0x1,
  CAP_ID_LIST_QUERY: 0x7,
  DEVICE_CAP_GET: 0x8,
  DRIVER_CAP_SET: 0x9,
  RESOURCE_OBJ_CREATE: 0xa,
  RESOURCE_OBJ_MODIFY: 0xb,
  RESOURCE_OBJ_QUERY: 0xc,
  RESOURCE_OBJ_DESTROY: 0xd,
} as const;
/** group_type. */
export const ADMIN_GROUP = { SELF: 0, SR_IOV: 1 } as const;
/** status: Linux's error numbers. EEXIST is in no table, but in an answer of its own. */
export const ADMIN_STATUS = {
  OK: 0,
  ENXIO: 6,
  EAGAIN: 11,
  ENOMEM: 12,
  EBUSY: 16,
  EEXIST: 17,
  EINVAL: 22,
  ENOSPC: 28,
} as const;
/** status_qualifier. */
export const ADMIN_QUALIFIER = {
  OK: 0,
  INVALID_COMMAND: 1,
  INVALID_OPCODE: 2,
  INVALID_FIELD: 3,
  INVALID_GROUP: 4,
  INVALID_MEMBER: 5,
  NORESOURCE: 6,
  TRYAGAIN: 7,
} as const;

/** Head of a command, readable by the device; the data of the command follow. */
export const virtio_admin_cmd = struct('virtio_admin_cmd', 'le', {
  opcode: 'u16',
  group_type: 'u16',
  reserved1: { bytes: 12 },
  group_member_id: 'u64',
});
/** Head of its answer, in the writable part; the result of the command follows. */
export const virtio_admin_cmd_answer = struct('virtio_admin_cmd, writable part', 'le', {
  status: 'u16',
  status_qualifier: 'u16',
  reserved2: { bytes: 4 },
});
/** Data of DEVICE_CAP_GET; for DRIVER_CAP_SET the capability follows. */
export const virtio_admin_cmd_cap_get_data = struct('virtio_admin_cmd_cap_get_data', 'le', {
  id: 'u16',
  reserved: { bytes: 6 },
});
/** Data of RESOURCE_OBJ_DESTROY, and the head of those of the other object commands. */
export const virtio_admin_cmd_resource_obj_cmd_hdr = struct('virtio_admin_cmd_resource_obj_cmd_hdr', 'le', {
  type: 'u16',
  reserved: { bytes: 2 },
  id: 'u32',
});
/** Data of RESOURCE_OBJ_QUERY; for CREATE and MODIFY the object follows. */
export const virtio_admin_cmd_resource_obj_create_data = struct(
  'virtio_admin_cmd_resource_obj_create_data',
  'le',
  { ...virtio_admin_cmd_resource_obj_cmd_hdr.members, flags: 'u64' },
);

/** Lists of commands and capabilities are bits in words of so many bytes; each part's length is a multiple of this. */
export const ADMIN_WORD = 8;
