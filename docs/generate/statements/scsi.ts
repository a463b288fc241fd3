import type { Section } from './statement.ts';

/** The SCSI host device. */
export const SCSI: readonly Section[] = [
  {
    section: 'Feature bits',
    statements: [
      ['SCSI-FEAT-D1', 'SHOULD', 'partly', 'With HOTPLUG, act on hot-plug and hot-unplug events'],
      ['SCSI-FEAT-D2', 'SHOULD', 'partly', 'With CHANGE, act on parameter-change events'],
    ],
  },
  {
    section: 'Device configuration layout',
    statements: [
      ['SCSI-CFG-D1', 'MUST NOT', 'yes', 'Write no config field but sense_size and cdb_size'],
      ['SCSI-CFG-D2', 'MUST NOT', 'yes', 'At most cmd_per_lun linked commands per LUN'],
      ['SCSI-CFG-D3', 'MUST NOT', 'yes', 'At most virtqueue-size linked commands per LUN'],
    ],
  },
  {
    section: 'Legacy Interface: Device configuration layout',
    statements: [['SCSI-CFG-LEG-D1', 'MUST', 'partly', 'Config fields are guest-endian under legacy']],
  },
  {
    section: 'Device Initialization',
    statements: [
      ['SCSI-INIT-D1', 'SHOULD', 'partly', 'Discover the virtqueues first'],
      ['SCSI-INIT-D2', 'SHOULD', 'yes', 'If the event queue is used, stock at least one buffer'],
    ],
  },
  {
    section: 'Legacy Interface: Device Operation',
    statements: [['SCSI-OP-LEG-D1', 'SHOULD', 'partly', 'Ignore used lengths under legacy']],
  },
  {
    section: 'Device Operation: Request Queues',
    statements: [
      [
        'SCSI-REQ-D1',
        'SHOULD NOT',
        'yes',
        'No ORDERED attribute on commands that are implicitly head-of-queue',
      ],
      ['SCSI-REQ-D2', 'SHOULD', 'yes', 'task_attr, prio and crn are zero'],
      ['SCSI-REQ-D3', 'SHOULD NOT', 'partly', 'No retry on another path after TARGET_FAILURE'],
    ],
  },
  {
    section: 'Legacy Interface: Device Operation: Request Queues',
    statements: [['SCSI-REQ-LEG-D1', 'MUST', 'partly', 'Request fields are guest-endian under legacy']],
  },
  {
    section: 'Legacy Interface: Device Operation: controlq',
    statements: [
      ['SCSI-CTRL-LEG-D1', 'MUST', 'partly', 'Control request fields are guest-endian under legacy'],
    ],
  },
  {
    section: 'Device Operation: eventq',
    statements: [
      ['SCSI-EVT-D1', 'SHOULD', 'yes', 'Keep the event queue stocked'],
      ['SCSI-EVT-D2', 'MUST', 'yes', 'Event buffers are device-writable'],
      ['SCSI-EVT-D3', 'SHOULD', 'yes', 'Event buffers hold event_info_size bytes'],
      ['SCSI-EVT-D4', 'MUST', 'yes', 'Event buffers hold the 16-byte event structure'],
      ['SCSI-EVT-D5', 'SHOULD', 'yes', 'After the missed-events bit, poll LUNs or rescan the bus'],
      ['SCSI-EVT-D6', 'SHOULD', 'partly', 'After the missed-events bit, also poll for asynchronous events'],
      ['SCSI-EVT-D7', 'SHOULD', 'yes', 'REMOVED or RESCAN for LUN 0 makes it rescan the whole target'],
    ],
  },
  {
    section: 'Legacy Interface: Device Operation: eventq',
    statements: [['SCSI-EVT-LEG-D1', 'MUST', 'partly', 'Event fields are guest-endian under legacy']],
  },
  {
    section: 'Legacy Interface: Framing Requirements',
    statements: [
      ['SCSI-FRAME-LEG-D1', 'MUST', 'yes', 'Without ANY_LAYOUT lun..cdb is one descriptor'],
      ['SCSI-FRAME-LEG-D2', 'MUST', 'yes', 'Without ANY_LAYOUT sense_len..sense is one descriptor'],
    ],
  },
];
