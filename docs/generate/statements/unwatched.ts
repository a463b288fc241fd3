/** Statements that no rule watches, and why. */
export const UNWATCHED: Readonly<Record<string, string>> = {
  'FEAT-D2': 'each dependency that the standard has is a statement of its own, NET-FEAT-D1 and on',
  'FEAT-D7': 'the standard names no feature that PCI lacks',
  'FEAT-D9': 'what a driver can do without is its own affair; one that gives up says so by FEAT-D10',
  'FEAT-LEG-D1': 'what breaks it is the access that breaks INIT-LEG-D1',
  'FEAT-LEG-D2':
    'it asks for what the statements on the legacy interface ask for, each of which is watched for itself',
  'CFG-D1':
    'a torn value shows by what the driver makes of it: a suite in which the configuration changes finds that by use',
  'CFG-D2':
    'only the address of a card is read in several accesses, and it never changes by itself; asked to the letter it would blame most drivers',
  'CFG-LEG-D1': 'as CFG-D2',
  'RFEAT-D7': 'which instruction makes a barrier is not seen',
  'RFEAT-D9': 'the capability of SR-IOV lies beyond the 256 bytes that this bus shows',
  'NET-MAC-D2': 'frames from another address are also what a bridge sends',
  'NET-COAL-D4': 'what becomes of values that were read is not seen',
  'NET-IPSEC-D1': 'a driver that crashes there is told of as one that stopped; keeping on is no access',
  'NET-CFG-D5':
    'what a driver takes for the state of a link is not seen: one that sends nothing may have nothing to send',
  'NET-CFG-D11': 'what an operating system reports of speed and duplex is its own affair',
  'NET-CFG-LEG-D1': 'what a driver makes of a value that it read is not seen',
  'NET-RX-D2': 'whether a field is read is not seen',
  'NET-RX-D5': 'only a guest that answers shows it: whether a frame that is handed on is trusted is not seen',
  'PCI-CAP-D5': 'what a driver maps is not seen, what it accesses is',
  'PCI-VNDR-D1': 'what somebody reads for is not seen',
  'PCI-VNDR-D2':
    'no rule yet: reading vendor data is not interpreting it, and no device here has any that can be written',
  'PCI-LEG-D2': 'what breaks it shows by the widths of registers, PCI-LEG-D1',
  'PCI-LEGDET-D2':
    'a transitional driver differs from a modern one by what it does next: a suite on legacy devices shows that it does nothing',
  'PCI-LEGDET-D4': 'as PCI-LEGDET-D2: what a driver that gives up does is nothing',
  'PCI-CFGNOT-D1':
    'no rule yet: of the half that is overlooked NET-CFG-D6 tells, or frames that a driver was to hand on',
  'VQ-FRAME-D2': 'the standard has no number; what a device takes at most is NET-IMP-11 and SCSI-CFG-D1',
  'VQ-USEDSUP-D3': 'who does not put up with it stops, which the suite tells of by itself',
  'VQ-BARRIER-D2': 'a barrier is no access; the lost kick is told of as VQ-AVSUP-D4 and D6',
  'PACKED-BARRIER-D2': 'a barrier is no access; the lost kick is told of',
  'SCSI-INIT-D1':
    'who fixes a size without asking breaks VQ-SPLIT-LEG-D1; to the letter it would blame drivers that set up one queue',
  'SCSI-REQ-D3': 'a machine has one adapter, so that there is no second path',
  'SCSI-REQ-LEG-D1': 'no rule yet: no adapter here offers T10_PI',
  'SCSI-EVT-D6': 'no unit here has notifications to ask for',
  'SCSI-EVT-LEG-D1': 'an event that is misread looks like one that is ignored: SCSI-FEAT-D1 and D2',
};
