/** Whether an observer of accesses and memory can see a statement broken. */
export type Seen = 'yes' | 'partly' | 'no';

/** A statement that no rule watches, and why not. What a rule watches is said by its row. */
interface Unwatched {
  readonly seen: Seen;
  readonly section: string;
  readonly text: string;
  readonly why: string;
}

/** The last statement of each name that the standard has for these devices, by its parts. They are numbered from D1 on. */
export const PARTS: Readonly<Record<string, string>> = {
  'Status, features, configuration, initialisation':
    'STATUS-D4 FEAT-D11 FEAT-LEG-D2 RESET-D1 CFG-D5 CFG-LEG-D1 INIT-D13 INIT-LEG-D1 CLEAN-D2 SUSP-D6 RFEAT-D10 RFEAT-LEG-D2',
  Virtqueues:
    'VQ-SPLIT-D1 VQ-SPLIT-LEG-D4 VQ-FRAME-D2 VQ-DESC-D2 VQ-IND-D5 VQ-AVAIL-D1 VQ-USEDSUP-D3 VQ-USED-D2 VQ-AVSUP-D7 VQ-BARRIER-D2 VQ-PACKED-D1 VQRESET-D1 VQREENABLE-D1 PACKED-DESC-D3 PACKED-SG-D6 PACKED-IND-D4 PACKED-BARRIER-D2',
  'Virtio over PCI':
    'PCI-DISC-D3 PCI-LAYOUT-D3 PCI-CAP-D7 PCI-COMMON-D8 PCI-ISR-D1 PCI-VNDR-D2 PCI-CFGACC-D2 PCI-LEG-D2 PCI-LEGDET-D4 PCI-KICK-D6 PCI-CFGNOT-D1 MSIX-D3',
  'Network device': 'NET-FEAT-D26 NET-CFG-D14 NET-CFG-LEG-D1 NET-OP-LEG-D2 NET-FRAME-LEG-D7',
  'Network device: frames': 'NET-TX-D37 NET-RXB-D5 NET-RX-D9 NET-IHH-D3',
  'Network device: control queue':
    'NET-RXMODE-D2 NET-MAC-D3 NET-MAC-LEG-D1 NET-VLAN-LEG-D1 NET-ANN-D2 NET-MQ-D4 NET-MQ-LEG-D1 NET-HASHCFG-D1 NET-RSS-D5 NET-RSSCTX-D3 NET-OFFL-D1 NET-OFFL-LEG-D1 NET-COAL-D4 NET-STAT-D3 NET-FF-D12 NET-IPSEC-D8',
  'SCSI host':
    'SCSI-FEAT-D2 SCSI-CFG-D3 SCSI-CFG-LEG-D1 SCSI-INIT-D2 SCSI-OP-LEG-D1 SCSI-REQ-D3 SCSI-REQ-LEG-D1 SCSI-CTRL-LEG-D1 SCSI-EVT-D7 SCSI-EVT-LEG-D1 SCSI-FRAME-LEG-D2',
};

/** Watched, where only some breaches show, or show only under a stimulus. */
export const PARTLY: readonly string[] = [
  'STATUS-D4 FEAT-D3 CFG-D5 INIT-D11 CLEAN-D2 RFEAT-D3',
  'RFEAT-D4 VQ-SPLIT-LEG-D2 VQ-SPLIT-LEG-D3 VQ-SPLIT-LEG-D4 VQ-USED-D1 VQ-USED-D2',
  'VQ-BARRIER-D1 PACKED-SG-D4 PACKED-SG-D6 PACKED-BARRIER-D1 NET-CFG-D3 NET-CFG-D4',
  'NET-CFG-D6 NET-OP-LEG-D1 NET-OP-LEG-D2 NET-TX-D1 NET-TX-D4 NET-TX-D9',
  'NET-TX-D10 NET-TX-D12 NET-TX-D13 NET-TX-D15 NET-TX-D20 NET-TX-D32',
  'NET-TX-D37 NET-RXB-D4 NET-RX-D1 NET-RX-D3 NET-RX-D4 NET-RX-D6',
  'NET-RX-D7 NET-RX-D8 NET-RX-D9 NET-IHH-D3 NET-MAC-LEG-D1 NET-VLAN-LEG-D1',
  'NET-MQ-LEG-D1 NET-OFFL-LEG-D1 NET-FF-D7',
  'SCSI-FEAT-D1 SCSI-FEAT-D2 SCSI-CFG-LEG-D1 SCSI-OP-LEG-D1 SCSI-CTRL-LEG-D1',
].flatMap((names) => names.split(' '));

const NO_DRIVER = 'no public driver has IPsec, and no card here has more of it than its bit and its header';

export const UNWATCHED: Readonly<Record<string, Unwatched>> = {
  'FEAT-D2': {
    seen: 'yes',
    section: 'Feature Bits',
    text: "A driver MUST NOT accept a feature bit unless it accepts the bit's prerequisites.",
    why: 'each dependency that the standard has is a statement of its own, NET-FEAT-D1 and on',
  },
  'FEAT-D7': {
    seen: 'yes',
    section: 'Feature Bits',
    text: 'A driver MUST NOT accept a feature bit that the transport does not support.',
    why: 'the standard names no feature that PCI lacks',
  },
  'FEAT-D9': {
    seen: 'partly',
    section: 'Feature Bits',
    text: 'A driver SHOULD fall back to a reduced mode if a feature that it knows is not offered.',
    why: 'what a driver can do without is its own affair; one that gives up says so by FEAT-D10',
  },
  'FEAT-LEG-D1': {
    seen: 'partly',
    section: 'Legacy Interface: A Note on Feature Bits',
    text: 'A transitional driver MUST detect a legacy device by the absence of VERSION_1.',
    why: 'what breaks it is the access that breaks INIT-LEG-D1',
  },
  'FEAT-LEG-D2': {
    seen: 'partly',
    section: 'Legacy Interface: A Note on Feature Bits',
    text: 'A driver of the legacy interface MUST follow the legacy sections.',
    why: 'it asks for what the statements on the legacy interface ask for, each of which is watched for itself',
  },
  'CFG-D1': {
    seen: 'partly',
    section: 'Device Configuration Space',
    text: 'A driver MUST NOT treat reads of more than 32 bits, or of several fields, as atomic.',
    why: 'a torn value shows by what the driver makes of it: a suite in which the configuration changes finds that by use',
  },
  'CFG-D2': {
    seen: 'yes',
    section: 'Device Configuration Space',
    text: 'A driver SHOULD read the generation before and after a configuration read of several accesses, and retry until both agree.',
    why: 'only the address of a card is read in several accesses, and it never changes by itself; asked to the letter it would blame most drivers',
  },
  'CFG-LEG-D1': {
    seen: 'yes',
    section: 'Legacy Interface: Device Configuration Space',
    text: 'A driver of the legacy interface SHOULD read fields of several accesses (blk capacity, net mac) again until two reads agree.',
    why: 'as CFG-D2',
  },
  'RFEAT-D7': {
    seen: 'no',
    section: 'Reserved Feature Bits',
    text: 'A driver with ORDER_PLATFORM MUST use barriers that suit hardware devices.',
    why: 'which instruction makes a barrier is not seen',
  },
  'RFEAT-D9': {
    seen: 'yes',
    section: 'Reserved Feature Bits',
    text: 'A driver MUST negotiate SR_IOV and check FEATURES_OK before enabling virtual functions.',
    why: 'the capability of SR-IOV lies beyond the 256 bytes that this bus shows',
  },
  'VQ-FRAME-D2': {
    seen: 'partly',
    section: 'Message Framing',
    text: 'A driver SHOULD NOT use an unreasonable number of descriptors for one buffer.',
    why: 'the standard has no number; what a device takes at most is NET-IMP-11 and SCSI-CFG-D1',
  },
  'VQ-USEDSUP-D3': {
    seen: 'partly',
    section: 'Used Buffer Notification Suppression',
    text: 'A driver MUST tolerate spurious notifications from the device.',
    why: 'a driver that does not tolerate them stops, which the suite reports by itself',
  },
  'VQ-BARRIER-D2': {
    seen: 'no',
    section: 'Notifying The Device',
    text: 'A driver MUST use a memory barrier between moving idx and reading flags or avail_event.',
    why: 'a barrier is no access; the lost kick is told of as VQ-AVSUP-D4 and D6',
  },
  'PACKED-BARRIER-D2': {
    seen: 'no',
    section: 'Sending Available Buffer Notifications (packed)',
    text: "A driver MUST use a memory barrier before reading the device's event suppression area.",
    why: 'a barrier is no access; the lost kick is told of',
  },
  'PCI-CAP-D5': {
    seen: 'no',
    section: 'Virtio Structure PCI Capabilities',
    text: 'A driver SHOULD map only as much of a structure as it needs.',
    why: 'what a driver maps is not seen, what it accesses is',
  },
  'PCI-VNDR-D1': {
    seen: 'no',
    section: 'Vendor data capability',
    text: 'A driver SHOULD NOT use vendor data except for debugging and reporting.',
    why: 'the purpose of a read is not seen',
  },
  'PCI-VNDR-D2': {
    seen: 'partly',
    section: 'Vendor data capability',
    text: 'A driver MUST check vendor_id before interpreting or writing vendor data.',
    why: 'no rule yet: reading vendor data is not interpreting it, and no device here has any that can be written',
  },
  'PCI-LEG-D2': {
    seen: 'partly',
    section: 'Legacy Interfaces: A Note on PCI Device Layout',
    text: 'A driver MUST find the device configuration directly after the header (at 20, or at 24 with MSI-X enabled).',
    why: 'what breaks it shows by the widths of registers, PCI-LEG-D1',
  },
  'PCI-LEGDET-D2': {
    seen: 'yes',
    section: 'Legacy Interface: A Note on Device Layout Detection',
    text: 'A transitional driver MUST use the legacy interface if there are no virtio capabilities.',
    why: 'a transitional driver differs from a modern one by what it does next: a suite on legacy devices shows that it does nothing',
  },
  'PCI-LEGDET-D4': {
    seen: 'partly',
    section: 'Legacy Interface: A Note on Device Layout Detection',
    text: 'A non-transitional driver MUST fail gracefully if there are no virtio capabilities.',
    why: 'as PCI-LEGDET-D2: what a driver that gives up does is nothing',
  },
  'PCI-CFGNOT-D1': {
    seen: 'partly',
    section: 'Notification of Device Configuration Changes',
    text: 'A driver MUST handle one interrupt that means both a configuration change and used buffers.',
    why: 'no rule yet: of the half that is overlooked NET-CFG-D6 tells, or frames that a driver was to hand on',
  },
  'NET-CFG-D5': {
    seen: 'partly',
    section: 'Device configuration layout',
    text: 'A driver without STATUS SHOULD assume that the link is up.',
    why: 'what a driver takes for the state of a link is not seen: one that sends nothing may have nothing to send',
  },
  'NET-CFG-D11': {
    seen: 'no',
    section: 'Device configuration layout',
    text: 'A driver MUST treat undefined values of speed and duplex as unknown.',
    why: 'what an operating system reports of speed and duplex is its own affair',
  },
  'NET-CFG-LEG-D1': {
    seen: 'partly',
    section: 'Legacy Interface: Device configuration layout',
    text: "A driver of the legacy interface MUST read status and max_virtqueue_pairs in the guest's byte order.",
    why: 'what a driver makes of a value that it read is not seen',
  },
  'NET-TX-D35': {
    seen: 'yes',
    section: 'Packet Transmission',
    text: 'A driver MUST create an outbound SA object before setting the SECURITY flag.',
    why: NO_DRIVER,
  },
  'NET-TX-D36': {
    seen: 'yes',
    section: 'Packet Transmission',
    text: 'A driver MUST send the id of an existing outbound SA with the SECURITY flag.',
    why: NO_DRIVER,
  },
  'NET-RX-D2': {
    seen: 'no',
    section: 'Processing of Incoming Packets',
    text: 'A driver MUST NOT use outer_nh_offset unless it is negotiated and not zero.',
    why: 'whether a field is read is not seen',
  },
  'NET-RX-D5': {
    seen: 'partly',
    section: 'Processing of Incoming Packets',
    text: 'A driver MUST NOT trust the checksum of a packet unless NEEDS_CSUM or DATA_VALID is set.',
    why: 'only a guest that answers shows it: whether a frame that is handed on is trusted is not seen',
  },
  'NET-MAC-D2': {
    seen: 'partly',
    section: 'Setting MAC Address Filtering',
    text: "A driver with CTRL_RX SHOULD set a default MAC that differs from the device's with MAC_ADDR_SET.",
    why: 'frames from another address are also what a bridge sends',
  },
  'NET-COAL-D4': {
    seen: 'no',
    section: 'Notifications Coalescing',
    text: 'A driver MUST discard the values of VQ_GET if the ack is ERR.',
    why: 'what becomes of values that were read is not seen',
  },
  'NET-IPSEC-D1': {
    seen: 'no',
    section: 'IPsec Operation / Packet processing order',
    text: 'A driver SHOULD handle an SA that is removed while its packet is in flight.',
    why: 'a driver that crashes there is told of as one that stopped; keeping on is no access',
  },
  'NET-IPSEC-D2': {
    seen: 'yes',
    section: 'IPsec Operation',
    text: 'A driver MUST query the list of capability ids first.',
    why: NO_DRIVER,
  },
  'NET-IPSEC-D3': {
    seen: 'yes',
    section: 'IPsec Operation',
    text: 'A driver MUST read both IPsec capabilities if they are listed.',
    why: NO_DRIVER,
  },
  'NET-IPSEC-D4': {
    seen: 'yes',
    section: 'IPsec Operation',
    text: 'A driver MUST set both IPsec capabilities to what it uses.',
    why: NO_DRIVER,
  },
  'NET-IPSEC-D5': {
    seen: 'partly',
    section: 'IPsec Operation',
    text: 'A driver MUST fill in every parameter when it creates an outbound SA.',
    why: NO_DRIVER,
  },
  'NET-IPSEC-D6': {
    seen: 'partly',
    section: 'IPsec Operation',
    text: 'A driver MUST fill in all but the tunnel parameters when it creates an inbound SA.',
    why: NO_DRIVER,
  },
  'NET-IPSEC-D7': {
    seen: 'yes',
    section: 'IPsec Operation',
    text: 'A driver SHOULD NOT create two inbound SAs with one SPI.',
    why: NO_DRIVER,
  },
  'NET-IPSEC-D8': {
    seen: 'partly',
    section: 'IPsec Operation',
    text: 'A driver MUST keep outbound IPsec frames within the path MTU.',
    why: NO_DRIVER,
  },
  'SCSI-INIT-D1': {
    seen: 'partly',
    section: 'Device Initialization',
    text: 'A driver SHOULD discover the virtqueues first.',
    why: 'a driver that fixes a size without asking breaks VQ-SPLIT-LEG-D1; taken literally it would blame drivers that set up one queue',
  },
  'SCSI-REQ-D3': {
    seen: 'partly',
    section: 'Device Operation: Request Queues',
    text: 'A driver SHOULD NOT retry on another path after TARGET_FAILURE.',
    why: 'a machine has one adapter, so that there is no second path',
  },
  'SCSI-REQ-LEG-D1': {
    seen: 'partly',
    section: 'Legacy Interface: Device Operation: Request Queues',
    text: "A driver of the legacy interface MUST write request fields in the guest's byte order.",
    why: 'no rule yet: no adapter here offers T10_PI',
  },
  'SCSI-EVT-D6': {
    seen: 'partly',
    section: 'Device Operation: eventq',
    text: 'A driver SHOULD also poll for asynchronous events after an event with the events-missed bit.',
    why: 'no unit here has notifications to ask for',
  },
  'SCSI-EVT-LEG-D1': {
    seen: 'partly',
    section: 'Legacy Interface: Device Operation: eventq',
    text: "A driver of the legacy interface MUST read event fields in the guest's byte order.",
    why: 'an event that is misread looks like one that is ignored: SCSI-FEAT-D1 and D2',
  },
};
