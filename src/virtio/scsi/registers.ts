import { struct } from '../../core/struct.ts';

/** virtio-scsi feature bits (virtio 1.4, SCSI Host Device / Feature bits). */
export const SCSI_FEATURE = { INOUT: 0, HOTPLUG: 1, CHANGE: 2, T10_PI: 3 } as const;

export const SCSI_QUEUE = { control: 0, event: 1, request: 2 } as const;

export const virtio_scsi_config = struct('virtio_scsi_config', 'le', {
  num_queues: 'u32',
  seg_max: 'u32',
  max_sectors: 'u32',
  cmd_per_lun: 'u32',
  event_info_size: 'u32',
  sense_size: 'u32',
  cdb_size: 'u32',
  max_channel: 'u16',
  max_target: 'u16',
  max_lun: 'u32',
});
export const SENSE_SIZE_DEFAULT = 96;
export const CDB_SIZE_DEFAULT = 32;

/** The readable head of a request; `cdb[cdb_size]` and data-out follow. */
export const virtio_scsi_req_cmd = struct('virtio_scsi_req_cmd', 'le', {
  lun: { bytes: 8 },
  id: 'u64',
  task_attr: 'u8',
  prio: 'u8',
  crn: 'u8',
});
/** The same with T10_PI: protection information of so many bytes is before the data, both ways. */
export const virtio_scsi_req_cmd_pi = struct('virtio_scsi_req_cmd_pi', 'le', {
  ...virtio_scsi_req_cmd.members,
  pi_bytesout: 'u32',
  pi_bytesin: 'u32',
});
/** The writable head of a request; `sense[sense_size]` and data-in follow. */
export const virtio_scsi_resp_cmd = struct('virtio_scsi_resp_cmd', 'le', {
  sense_len: 'u32',
  residual: 'u32',
  status_qualifier: 'u16',
  status: 'u8',
  response: 'u8',
});
export const SCSI_RESPONSE = {
  OK: 0,
  OVERRUN: 1,
  ABORTED: 2,
  BAD_TARGET: 3,
  RESET: 4,
  BUSY: 5,
  TRANSPORT_FAILURE: 6,
  TARGET_FAILURE: 7,
  NEXUS_FAILURE: 8,
  FAILURE: 9,
  FUNCTION_SUCCEEDED: 10,
  FUNCTION_REJECTED: 11,
  INCORRECT_LUN: 12,
} as const;

/** Control queue: task management, and asynchronous notification (query and subscribe). */
export const virtio_scsi_ctrl_tmf_req = struct('virtio_scsi_ctrl_tmf_req', 'le', {
  type: 'u32',
  subtype: 'u32',
  lun: { bytes: 8 },
  id: 'u64',
});
export const virtio_scsi_ctrl_an_req = struct('virtio_scsi_ctrl_an_req', 'le', {
  type: 'u32',
  lun: { bytes: 8 },
  event_requested: 'u32',
});
export const virtio_scsi_ctrl_an_resp = struct('virtio_scsi_ctrl_an_resp', 'le', {
  event_actual: 'u32',
  response: 'u8',
});
export const SCSI_CONTROL = { TMF: 0, AN_QUERY: 1, AN_SUBSCRIBE: 2 } as const;
export const SCSI_TMF = {
  ABORT_TASK: 0,
  ABORT_TASK_SET: 1,
  CLEAR_ACA: 2,
  CLEAR_TASK_SET: 3,
  I_T_NEXUS_RESET: 4,
  LOGICAL_UNIT_RESET: 5,
  QUERY_TASK: 6,
  QUERY_TASK_SET: 7,
} as const;

export const virtio_scsi_event = struct('virtio_scsi_event', 'le', {
  event: 'u32',
  lun: { bytes: 8 },
  reason: 'u32',
});
export const SCSI_EVENT = { NO_EVENT: 0, TRANSPORT_RESET: 1, ASYNC_NOTIFY: 2, PARAM_CHANGE: 3 } as const;
export const SCSI_EVENTS_MISSED = 0x8000_0000;
export const SCSI_RESET_REASON = { HARD: 0, RESCAN: 1, REMOVED: 2 } as const;

/** The LUN field of the REPORT LUNS well-known logical unit, and its target number here, which no target has. */
export const REPORT_LUNS_LUN = Uint8Array.of(0xc1, 0x01, 0, 0, 0, 0, 0, 0);
export const WELL_KNOWN = 0x100;
