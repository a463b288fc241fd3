import type { Clause } from './shape.ts';

/** Rules for a virtio-net driver. */
export const net = {
  'virtio/NET-CFG-D1': {
    strength: 'MUST NOT',
    where: 'virtio 1.4, Device configuration layout',
    text: 'Never store to the device configuration area',
  },
  'virtio/NET-TX-D1': {
    strength: 'MUST',
    where: 'virtio 1.4, Packet Transmission',
    text: 'Transmit header has the same size as the receive header',
  },
  'virtio/NET-TX-D2': {
    strength: 'MUST',
    where: 'virtio 1.4, Packet Transmission',
    text: 'num_buffers is zero on transmit',
  },
  'virtio/NET-TX-D3': {
    strength: 'MUST',
    where: 'virtio 1.4, Packet Transmission',
    text: 'Without CSUM, flags byte is zero',
  },
  'virtio/NET-TX-D5': {
    strength: 'MUST NOT',
    where: 'virtio 1.4, Packet Transmission',
    text: 'gso_type TCPV4 without HOST_TSO4',
  },
  'virtio/NET-TX-D6': {
    strength: 'MUST NOT',
    where: 'virtio 1.4, Packet Transmission',
    text: 'gso_type TCPV6 without HOST_TSO6',
  },
  'virtio/NET-TX-D7': {
    strength: 'MUST NOT',
    where: 'virtio 1.4, Packet Transmission',
    text: 'gso_type UDP without HOST_UFO',
  },
  'virtio/NET-TX-D22': {
    strength: 'MUST',
    where: 'virtio 1.4, Packet Transmission',
    text: 'csum_start/csum_offset yield a right packet once the device sums',
  },
  'virtio/NET-TX-D24': {
    strength: 'MUST',
    where: 'virtio 1.4, Packet Transmission',
    text: 'Any GSO frame also has NEEDS_CSUM',
  },
  'virtio/NET-TX-D25': {
    strength: 'MUST',
    where: 'virtio 1.4, Packet Transmission',
    text: 'Any GSO frame has gso_size filled in',
  },
  'virtio/NET-TX-D33': {
    strength: 'MUST NOT',
    where: 'virtio 1.4, Packet Transmission',
    text: 'DATA_VALID and RSC_INFO are never set on transmit',
  },
  'virtio/NET-RXB-D1': {
    strength: 'SHOULD',
    where: 'virtio 1.4, Setting Up Receive Buffers',
    text: 'No MRG_RXBUF, guest GSO on: each buffer holds 65562 bytes (versions 1.0 to 1.3; 1.4 asks for 65601)',
  },
  'virtio/NET-RXB-D2': {
    strength: 'SHOULD',
    where: 'virtio 1.4, Setting Up Receive Buffers',
    text: 'No MRG_RXBUF, no guest GSO: each buffer holds hdr + 1514 bytes',
  },
  'virtio/NET-RXB-D3': {
    strength: 'MUST',
    where: 'virtio 1.4, Setting Up Receive Buffers',
    text: 'MRG_RXBUF: each buffer at least holds the header',
  },
  'virtio/NET-MQ-D1': {
    strength: 'MUST',
    where: 'virtio 1.4, Automatic receive steering in multiqueue mode',
    text: 'Set queues up before VQ_PAIRS_SET enables them',
  },
  'virtio/NET-MQ-D2': {
    strength: 'MUST NOT',
    where: 'virtio 1.4, Automatic receive steering in multiqueue mode',
    text: 'virtqueue_pairs is 1..max_virtqueue_pairs',
  },
  'virtio/NET-MQ-D3': {
    strength: 'MUST',
    where: 'virtio 1.4, Automatic receive steering in multiqueue mode',
    text: 'Before VQ_PAIRS_SET, transmit only on transmitq1',
  },
  'virtio/NET-OFFL-D1': {
    strength: 'MUST NOT',
    where: 'virtio 1.4, Setting Offloads State',
    text: 'No offload bit without its negotiated feature',
  },
  'virtio/NET-RXMODE-D1': {
    strength: 'MUST NOT',
    where: 'virtio 1.4, Packet Receive Filtering',
    text: 'PROMISC and ALLMULTI commands need CTRL_RX',
  },
  'virtio/NET-MAC-D1': {
    strength: 'MUST NOT',
    where: 'virtio 1.4, Setting MAC Address Filtering',
    text: 'MAC class commands need CTRL_RX',
  },
  'virtio/NET-FRAME-LEG-D1': {
    strength: 'MUST',
    where: 'virtio 1.4, Legacy Interface: Framing Requirements',
    text: 'Without ANY_LAYOUT the packet header is one descriptor of its own, tx and rx',
  },
  'virtio/NET-FRAME-LEG-D2': {
    strength: 'MUST',
    where: 'virtio 1.4, Legacy Interface: Framing Requirements',
    text: 'Without ANY_LAYOUT control class+command is one 2-byte descriptor',
  },
  'virtio/NET-FRAME-LEG-D3': {
    strength: 'MUST',
    where: 'virtio 1.4, Legacy Interface: Framing Requirements',
    text: 'Without ANY_LAYOUT other command data is one unpadded descriptor',
  },
  'virtio/NET-FRAME-LEG-D7': {
    strength: 'MUST',
    where: 'virtio 1.4, Legacy Interface: Framing Requirements',
    text: 'Without ANY_LAYOUT ack is one 1-byte descriptor',
  },
  'virtio/NET-IMP-2': {
    strength: 'MUST',
    where: 'virtio 1.4, Device Operation',
    text: 'Transmit chains hold only readable descriptors and receive chains only writable ones',
  },
  'virtio/NET-IMP-3': {
    strength: 'MUST',
    where: 'virtio 1.4, Control Virtqueue',
    text: 'A control chain holds class, command and exactly the data of the command, then a writable byte for the ack',
  },
  'virtio/NET-IMP-7': {
    strength: 'MUST',
    where: 'virtio 1.4, Packet Transmission',
    text: 'gso_type fits the packet: its IP version, its protocol, its headers',
    advice: 'Ask for TCPV4 segmentation only of whole TCP over IPv4 packets.',
  },
  'virtio/NET-IMP-5': {
    strength: 'MUST NOT',
    where: 'virtio 1.4, Control Virtqueue',
    text: 'No command of an unknown class or number, or of a feature that was not negotiated, is sent',
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
