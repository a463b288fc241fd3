import { type ModernBreach as Breach, NOTHING, SERVED } from './breach.ts';

const STUCK = 'logs; is not started';
const NEEDS_RESET = 'logs; DEVICE_NEEDS_RESET';
const KEEPS = 'logs; keeps the size it had';
const LOGS = 'logs; nothing';
const BY_ADDRESS = 'goes by the address';
const LATER = 'nothing until DRIVER_OK';

/** By the modern structures. */
export const MODERN_BREACHES = {
  'does not accept VERSION_1': {
    told: ['virtio/RFEAT-D1'],
    qemu: SERVED,
    crosvm: SERVED,
    firecracker: SERVED,
    cloudHypervisor: SERVED,
  },
  'accepts what was not offered': {
    told: ['virtio/FEAT-D1'],
    qemu: 'takes those that it offered',
    crosvm: 'NIC logs, and takes those that it offered',
    firecracker: 'logs; takes those that it offered',
    cloudHypervisor: 'logs; takes those that it offered',
  },
  'leaves FEATURES_OK out': {
    told: ['virtio/INIT-D5'],
    qemu: SERVED,
    crosvm: 'is not started',
    firecracker: 'logs; keeps the status it had',
    cloudHypervisor: 'is not started',
  },
  'kicks before DRIVER_OK': {
    told: ['virtio/INIT-D13'],
    qemu: SERVED,
    crosvm: LATER,
    firecracker: LATER,
    cloudHypervisor: LATER,
  },
  'enables no queue': {
    told: ['virtio/INIT-D8'],
    qemu: NOTHING,
    crosvm: NEEDS_RESET,
    firecracker: NEEDS_RESET,
    cloudHypervisor: 'is not started',
  },
  'gives a split ring 100 entries': {
    told: ['virtio/PCI-COMMON-D3'],
    qemu: SERVED,
    crosvm: STUCK,
    firecracker: NEEDS_RESET,
    cloudHypervisor: KEEPS,
  },
  'gives a ring more entries than it may have': {
    told: ['virtio/VQ-IMP-1'],
    qemu: 'keeps the size it had',
    crosvm: KEEPS,
    firecracker: NEEDS_RESET,
    cloudHypervisor: KEEPS,
  },
  'gives a ring no entries': {
    told: ['virtio/PCI-COMMON-D3'],
    qemu: 'keeps the size it had',
    crosvm: STUCK,
    firecracker: NEEDS_RESET,
    cloudHypervisor: KEEPS,
  },
  'changes the size of a queue that is enabled': {
    told: ['virtio/PCI-COMMON-D4'],
    qemu: SERVED,
    crosvm: KEEPS,
    firecracker: 'goes along before DRIVER_OK',
    cloudHypervisor: 'goes along before DRIVER_OK',
  },
  'writes 0 to queue_enable': {
    told: ['virtio/PCI-COMMON-D6'],
    qemu: NEEDS_RESET,
    crosvm: 'says that it is off; the queue goes on',
    firecracker: LOGS,
    cloudHypervisor: 'says that it is off; the queue goes on',
  },
  'puts a descriptor table at a multiple of 4': {
    told: ['virtio/VQ-SPLIT-D1'],
    qemu: NOTHING,
    crosvm: SERVED,
    firecracker: NEEDS_RESET,
    cloudHypervisor: 'logs; keeps the address it had',
  },
  'writes features after FEATURES_OK': {
    told: ['virtio/INIT-D10'],
    qemu: 'nothing',
    crosvm: 'adds them',
    firecracker: LOGS,
    cloudHypervisor: 'adds them',
  },
  'takes bits of the status back without a reset': {
    told: ['virtio/STATUS-D2'],
    below: ['virtio/INIT-D13'],
    qemu: SERVED,
    crosvm: SERVED,
    firecracker: LOGS,
    cloudHypervisor: SERVED,
  },
  'leaves bus mastering off': {
    told: ['pci/BUS-MASTER'],
    qemu: SERVED,
    crosvm: SERVED,
    firecracker: SERVED,
    cloudHypervisor: SERVED,
  },
  'sends a request shorter than its header': {
    told: ['virtio/SCSI-IMP-2'],
    qemu: NEEDS_RESET,
    crosvm: 'answers with a medium error',
    firecracker: null,
    cloudHypervisor: null,
  },
  'accesses registers in parts, or several at once': {
    told: ['virtio/PCI-LAYOUT-D3', 'virtio/PCI-LAYOUT-D2', 'virtio/PCI-LAYOUT-D1'],
    qemu: 'answers what lies there',
    crosvm: 'answers with 0',
    firecracker: 'logs; answers with 0',
    cloudHypervisor: 'logs; answers with 0',
  },
  'kicks by the address of one queue with the index of another': {
    told: ['virtio/PCI-KICK-D3'],
    qemu: BY_ADDRESS,
    crosvm: BY_ADDRESS,
    firecracker: BY_ADDRESS,
    cloudHypervisor: BY_ADDRESS,
  },
} as const satisfies Readonly<Record<string, Breach>>;

export type ModernBreach = keyof typeof MODERN_BREACHES;
