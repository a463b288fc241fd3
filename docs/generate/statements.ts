import type { Strength } from '../../src/core/rule.ts';

/** Whether an observer of accesses and memory can see a statement broken. */
export type Seen = 'yes' | 'partly' | 'no';

/** A statement that no rule watches, and why not. What a rule watches is said by its row. */
interface Unwatched {
  readonly strength: Exclude<Strength, 'NOTE'>;
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
    strength: 'MUST NOT',
    seen: 'yes',
    section: 'Feature Bits',
    text: 'Do not accept a bit whose prerequisite bit was left out',
    why: 'each dependency that the standard has is a statement of its own, NET-FEAT-D1 and on',
  },
  'FEAT-D7': {
    strength: 'MUST NOT',
    seen: 'yes',
    section: 'Feature Bits',
    text: 'Do not accept a bit not supported on this transport',
    why: 'the standard names no feature that PCI lacks',
  },
  'FEAT-D9': {
    strength: 'SHOULD',
    seen: 'partly',
    section: 'Feature Bits',
    text: 'Fall back to a reduced mode when an understood feature is not offered',
    why: 'what a driver can do without is its own affair; one that gives up says so by FEAT-D10',
  },
  'FEAT-LEG-D1': {
    strength: 'MUST',
    seen: 'partly',
    section: 'Legacy Interface: A Note on Feature Bits',
    text: 'Transitional driver tells a legacy device by the absence of VERSION_1',
    why: 'what breaks it is the access that breaks INIT-LEG-D1',
  },
  'FEAT-LEG-D2': {
    strength: 'MUST',
    seen: 'partly',
    section: 'Legacy Interface: A Note on Feature Bits',
    text: 'Under the legacy interface, obey the legacy sections',
    why: 'it asks for what the statements on the legacy interface ask for, each of which is watched for itself',
  },
  'CFG-D1': {
    strength: 'MUST NOT',
    seen: 'partly',
    section: 'Device Configuration Space',
    text: 'Do not treat wide (over 32-bit) or multi-field reads as atomic',
    why: 'a torn value shows by what the driver makes of it: a suite in which the configuration changes finds that by use',
  },
  'CFG-D2': {
    strength: 'SHOULD',
    seen: 'yes',
    section: 'Device Configuration Space',
    text: 'Bracket multi-access config reads with equal generation reads, retry on mismatch',
    why: 'only the address of a card is read in several accesses, and it never changes by itself; asked to the letter it would blame most drivers',
  },
  'CFG-LEG-D1': {
    strength: 'SHOULD',
    seen: 'yes',
    section: 'Legacy Interface: Device Configuration Space',
    text: 'Re-read multi-access legacy fields (blk capacity, net mac) until two reads agree',
    why: 'as CFG-D2',
  },
  'RFEAT-D7': {
    strength: 'MUST',
    seen: 'no',
    section: 'Reserved Feature Bits',
    text: 'With ORDER_PLATFORM, use barriers fit for hardware devices',
    why: 'which instruction makes a barrier is not seen',
  },
  'RFEAT-D9': {
    strength: 'MUST',
    seen: 'yes',
    section: 'Reserved Feature Bits',
    text: 'Negotiate SR_IOV and check FEATURES_OK before enabling VFs',
    why: 'the capability of SR-IOV lies beyond the 256 bytes that this bus shows',
  },
  'VQ-FRAME-D2': {
    strength: 'SHOULD NOT',
    seen: 'partly',
    section: 'Message Framing',
    text: 'Keep the descriptor count of a buffer reasonable',
    why: 'the standard has no number; what a device takes at most is NET-IMP-11 and SCSI-CFG-D1',
  },
  'VQ-USEDSUP-D3': {
    strength: 'MUST',
    seen: 'partly',
    section: 'Used Buffer Notification Suppression',
    text: 'Tolerate spurious notifications from the device',
    why: 'a driver that does not tolerate them stops, which the suite reports by itself',
  },
  'VQ-BARRIER-D2': {
    strength: 'MUST',
    seen: 'no',
    section: 'Notifying The Device',
    text: 'Memory barrier between the idx move and reading flags/avail_event',
    why: 'a barrier is no access; the lost kick is told of as VQ-AVSUP-D4 and D6',
  },
  'PACKED-BARRIER-D2': {
    strength: 'MUST',
    seen: 'no',
    section: 'Sending Available Buffer Notifications (packed)',
    text: 'Memory barrier before reading the device event suppression area',
    why: 'a barrier is no access; the lost kick is told of',
  },
  'PCI-CAP-D5': {
    strength: 'SHOULD',
    seen: 'no',
    section: 'Virtio Structure PCI Capabilities',
    text: 'Map only as much of a structure as needed',
    why: 'what a driver maps is not seen, what it accesses is',
  },
  'PCI-VNDR-D1': {
    strength: 'SHOULD NOT',
    seen: 'no',
    section: 'Vendor data capability',
    text: 'Vendor data only for debugging and reporting',
    why: 'the purpose of a read is not seen',
  },
  'PCI-VNDR-D2': {
    strength: 'MUST',
    seen: 'partly',
    section: 'Vendor data capability',
    text: 'Check vendor_id before interpreting or writing vendor data',
    why: 'no rule yet: reading vendor data is not interpreting it, and no device here has any that can be written',
  },
  'PCI-LEG-D2': {
    strength: 'MUST',
    seen: 'partly',
    section: 'Legacy Interfaces: A Note on PCI Device Layout',
    text: 'Device-specific config directly after the header (20, or 24 with MSI-X enabled)',
    why: 'what breaks it shows by the widths of registers, PCI-LEG-D1',
  },
  'PCI-LEGDET-D2': {
    strength: 'MUST',
    seen: 'yes',
    section: 'Legacy Interface: A Note on Device Layout Detection',
    text: 'Transitional driver uses the legacy interface when there are none',
    why: 'a transitional driver differs from a modern one by what it does next: a suite on legacy devices shows that it does nothing',
  },
  'PCI-LEGDET-D4': {
    strength: 'MUST',
    seen: 'partly',
    section: 'Legacy Interface: A Note on Device Layout Detection',
    text: 'Non-transitional driver fails gracefully when there are none',
    why: 'as PCI-LEGDET-D2: what a driver that gives up does is nothing',
  },
  'PCI-CFGNOT-D1': {
    strength: 'MUST',
    seen: 'partly',
    section: 'Notification of Device Configuration Changes',
    text: 'Cope with one interrupt meaning both config change and used buffers',
    why: 'no rule yet: of the half that is overlooked NET-CFG-D6 tells, or frames that a driver was to hand on',
  },
  'NET-CFG-D5': {
    strength: 'SHOULD',
    seen: 'partly',
    section: 'Device configuration layout',
    text: 'Without STATUS, take the link as up',
    why: 'what a driver takes for the state of a link is not seen: one that sends nothing may have nothing to send',
  },
  'NET-CFG-D11': {
    strength: 'MUST',
    seen: 'no',
    section: 'Device configuration layout',
    text: 'Read odd speed/duplex values as unknown',
    why: 'what an operating system reports of speed and duplex is its own affair',
  },
  'NET-CFG-LEG-D1': {
    strength: 'MUST',
    seen: 'partly',
    section: 'Legacy Interface: Device configuration layout',
    text: 'status and max_virtqueue_pairs are guest-endian under legacy',
    why: 'what a driver makes of a value that it read is not seen',
  },
  'NET-TX-D35': {
    strength: 'MUST',
    seen: 'yes',
    section: 'Packet Transmission',
    text: 'SECURITY flag only after an outbound SA object exists',
    why: NO_DRIVER,
  },
  'NET-TX-D36': {
    strength: 'MUST',
    seen: 'yes',
    section: 'Packet Transmission',
    text: 'SECURITY flag comes with the id of a live outbound SA',
    why: NO_DRIVER,
  },
  'NET-RX-D2': {
    strength: 'MUST NOT',
    seen: 'no',
    section: 'Processing of Incoming Packets',
    text: 'No use of outer_nh_offset unless negotiated and non-zero',
    why: 'whether a field is read is not seen',
  },
  'NET-RX-D5': {
    strength: 'MUST NOT',
    seen: 'partly',
    section: 'Processing of Incoming Packets',
    text: 'No NEEDS_CSUM and no DATA_VALID: packet sum is not to be trusted',
    why: 'only a guest that answers shows it: whether a frame that is handed on is trusted is not seen',
  },
  'NET-MAC-D2': {
    strength: 'SHOULD',
    seen: 'partly',
    section: 'Setting MAC Address Filtering',
    text: 'With CTRL_RX, announce a differing default MAC by MAC_ADDR_SET',
    why: 'frames from another address are also what a bridge sends',
  },
  'NET-COAL-D4': {
    strength: 'MUST',
    seen: 'no',
    section: 'Notifications Coalescing',
    text: 'Drop the VQ_GET values when the ack is ERR',
    why: 'what becomes of values that were read is not seen',
  },
  'NET-IPSEC-D1': {
    strength: 'SHOULD',
    seen: 'no',
    section: 'IPsec Operation / Packet processing order',
    text: 'Cope with an SA vanishing while its packet is in flight',
    why: 'a driver that crashes there is told of as one that stopped; keeping on is no access',
  },
  'NET-IPSEC-D2': {
    strength: 'MUST',
    seen: 'yes',
    section: 'IPsec Operation',
    text: 'Query the capability id list first',
    why: NO_DRIVER,
  },
  'NET-IPSEC-D3': {
    strength: 'MUST',
    seen: 'yes',
    section: 'IPsec Operation',
    text: 'Fetch both IPsec capabilities when they are listed',
    why: NO_DRIVER,
  },
  'NET-IPSEC-D4': {
    strength: 'MUST',
    seen: 'yes',
    section: 'IPsec Operation',
    text: 'Set both IPsec capabilities to state what is used',
    why: NO_DRIVER,
  },
  'NET-IPSEC-D5': {
    strength: 'MUST',
    seen: 'partly',
    section: 'IPsec Operation',
    text: 'Outbound SA create fills in every parameter',
    why: NO_DRIVER,
  },
  'NET-IPSEC-D6': {
    strength: 'MUST',
    seen: 'partly',
    section: 'IPsec Operation',
    text: 'Inbound SA create fills in all but the tunnel parameters',
    why: NO_DRIVER,
  },
  'NET-IPSEC-D7': {
    strength: 'SHOULD NOT',
    seen: 'yes',
    section: 'IPsec Operation',
    text: 'No two inbound SAs with one SPI',
    why: NO_DRIVER,
  },
  'NET-IPSEC-D8': {
    strength: 'MUST',
    seen: 'partly',
    section: 'IPsec Operation',
    text: 'Outbound IPsec frames stay within the path MTU',
    why: NO_DRIVER,
  },
  'SCSI-INIT-D1': {
    strength: 'SHOULD',
    seen: 'partly',
    section: 'Device Initialization',
    text: 'Discover the virtqueues first',
    why: 'a driver that fixes a size without asking breaks VQ-SPLIT-LEG-D1; taken literally it would blame drivers that set up one queue',
  },
  'SCSI-REQ-D3': {
    strength: 'SHOULD NOT',
    seen: 'partly',
    section: 'Device Operation: Request Queues',
    text: 'No retry on another path after TARGET_FAILURE',
    why: 'a machine has one adapter, so that there is no second path',
  },
  'SCSI-REQ-LEG-D1': {
    strength: 'MUST',
    seen: 'partly',
    section: 'Legacy Interface: Device Operation: Request Queues',
    text: 'Request fields are guest-endian under legacy',
    why: 'no rule yet: no adapter here offers T10_PI',
  },
  'SCSI-EVT-D6': {
    strength: 'SHOULD',
    seen: 'partly',
    section: 'Device Operation: eventq',
    text: 'After the missed-events bit, also poll for asynchronous events',
    why: 'no unit here has notifications to ask for',
  },
  'SCSI-EVT-LEG-D1': {
    strength: 'MUST',
    seen: 'partly',
    section: 'Legacy Interface: Device Operation: eventq',
    text: 'Event fields are guest-endian under legacy',
    why: 'an event that is misread looks like one that is ignored: SCSI-FEAT-D1 and D2',
  },
};
