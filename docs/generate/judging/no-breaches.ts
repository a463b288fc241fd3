/** What QEMU was asked, too, and no driver is told of: what it does, and why that breaks nothing. */
export const NO_BREACHES = {
  'gives a table the flag WRITE': 'a device is to ignore WRITE where a descriptor leads to a table',
  'selects queues that are not there, and reads their size':
    'so a driver finds out how many there are; a size of 0 says that there is none',
  'writes 0 to the address of a queue that is in use':
    'no statement forbids to give a legacy queue back; QEMU resets the device',
  'asks for 70000 bytes of sense':
    'sense_size is for the driver to write, and no statement bounds it; QEMU has a limit of its own, and logs',
  'asks for no interrupts by avail.flags':
    'what a device then does is its own: QEMU obeys but for NOTIFY_ON_EMPTY',
} as const;

export type NoBreach = keyof typeof NO_BREACHES;
