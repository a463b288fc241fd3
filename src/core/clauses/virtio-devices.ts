import type { Clause } from './shape.ts';

/** Rules for a virtio-net driver. */
export const net = {
  'virtio/NET-FEAT-D1': {
    strength: 'MUST NOT',
    where: 'virtio 1.4, Feature bit requirements',
    text: 'GUEST_TSO4 only together with GUEST_CSUM',
  },
  'virtio/NET-FEAT-D2': {
    strength: 'MUST NOT',
    where: 'virtio 1.4, Feature bit requirements',
    text: 'GUEST_TSO6 only together with GUEST_CSUM',
  },
  'virtio/NET-FEAT-D3': {
    strength: 'MUST NOT',
    where: 'virtio 1.4, Feature bit requirements',
    text: 'GUEST_ECN only with GUEST_TSO4 or GUEST_TSO6',
  },
  'virtio/NET-FEAT-D4': {
    strength: 'MUST NOT',
    where: 'virtio 1.4, Feature bit requirements',
    text: 'GUEST_UFO only together with GUEST_CSUM',
  },
  'virtio/NET-FEAT-D9': {
    strength: 'MUST NOT',
    where: 'virtio 1.4, Feature bit requirements',
    text: 'HOST_TSO4 only together with CSUM',
  },
  'virtio/NET-FEAT-D10': {
    strength: 'MUST NOT',
    where: 'virtio 1.4, Feature bit requirements',
    text: 'HOST_TSO6 only together with CSUM',
  },
  'virtio/NET-FEAT-D11': {
    strength: 'MUST NOT',
    where: 'virtio 1.4, Feature bit requirements',
    text: 'HOST_ECN only with HOST_TSO4 or HOST_TSO6',
  },
  'virtio/NET-FEAT-D12': {
    strength: 'MUST NOT',
    where: 'virtio 1.4, Feature bit requirements',
    text: 'HOST_UFO only together with CSUM',
  },
  'virtio/NET-FEAT-D16': {
    strength: 'MUST NOT',
    where: 'virtio 1.4, Feature bit requirements',
    text: 'CTRL_RX only together with CTRL_VQ',
  },
  'virtio/NET-FEAT-D17': {
    strength: 'MUST NOT',
    where: 'virtio 1.4, Feature bit requirements',
    text: 'CTRL_VLAN only together with CTRL_VQ',
  },
  'virtio/NET-FEAT-D18': {
    strength: 'MUST NOT',
    where: 'virtio 1.4, Feature bit requirements',
    text: 'GUEST_ANNOUNCE only together with CTRL_VQ',
  },
  'virtio/NET-FEAT-D19': {
    strength: 'MUST NOT',
    where: 'virtio 1.4, Feature bit requirements',
    text: 'MQ only together with CTRL_VQ',
  },
  'virtio/NET-FEAT-D20': {
    strength: 'MUST NOT',
    where: 'virtio 1.4, Feature bit requirements',
    text: 'CTRL_MAC_ADDR only together with CTRL_VQ',
  },
} as const satisfies Record<string, Clause>;

/** Rules for a virtio-scsi driver. */
export const scsi = {
  'virtio/SCSI-CFG-D1': {
    strength: 'MUST NOT',
    where: 'virtio 1.4, Device configuration layout',
    text: 'Write no config field but sense_size and cdb_size',
  },
  'virtio/SCSI-CFG-D2': {
    strength: 'MUST NOT',
    where: 'virtio 1.4, Device configuration layout',
    text: 'At most cmd_per_lun linked commands per LUN',
  },
  'virtio/SCSI-REQ-D2': {
    strength: 'SHOULD',
    where: 'virtio 1.4, Device Operation: Request Queues',
    text: 'task_attr, prio and crn are zero',
  },
  'virtio/SCSI-EVT-D2': {
    strength: 'MUST',
    where: 'virtio 1.4, Device Operation: eventq',
    text: 'Event buffers are device-writable',
  },
  'virtio/SCSI-EVT-D4': {
    strength: 'MUST',
    where: 'virtio 1.4, Device Operation: eventq',
    text: 'Event buffers hold the 16-byte event structure',
  },
  'virtio/SCSI-FRAME-LEG-D1': {
    strength: 'MUST',
    where: 'virtio 1.4, Legacy Interface: Framing Requirements',
    text: 'Without ANY_LAYOUT lun..cdb is one descriptor',
  },
  'virtio/SCSI-FRAME-LEG-D2': {
    strength: 'MUST',
    where: 'virtio 1.4, Legacy Interface: Framing Requirements',
    text: 'Without ANY_LAYOUT sense_len..sense is one descriptor',
  },
  'virtio/SCSI-IMP-1': {
    strength: 'MUST',
    where: 'virtio 1.4, Device Operation: Request Queues',
    text: 'The LUN field is 01, target, then a single-level LUN',
  },
  'virtio/SCSI-IMP-2': {
    strength: 'MUST',
    where: 'virtio 1.4, Device Operation: Request Queues',
    text: 'A request has 19 + cdb_size readable and 12 + sense_size writable bytes at least',
  },
  'virtio/SCSI-IMP-3': {
    strength: 'MUST NOT',
    where: 'virtio 1.4, Device Operation: Request Queues',
    text: 'A request carries data both ways only with the INOUT feature',
  },
  'virtio/SCSI-IMP-4': {
    strength: 'MUST',
    where: 'virtio 1.4, Device configuration layout',
    text: 'A request has at most seg_max data segments in each direction',
    advice: 'Split the transfer: seg_max is in the device configuration.',
  },
  'virtio/SCSI-IMP-5': {
    strength: 'MUST',
    where: 'virtio 1.4, Device Operation: Request Queues',
    text: 'The id of a request is unique among those outstanding to one LUN',
    advice:
      'Take the id from the descriptor index or a counter: Compute Engine aborts a second command with the id of one in flight.',
  },
  'virtio/SCSI-IMP-6': {
    strength: 'MUST',
    where: 'virtio 1.4, Device Operation: controlq',
    text: 'A control request has a known type and subtype and the size that goes with it',
  },
} as const satisfies Record<string, Clause>;
