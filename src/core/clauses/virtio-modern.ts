import type { Clause } from './shape.ts';

const INIT = 'virtio 1.4, Device Initialization';
const RESERVED = 'virtio 1.4, Reserved Feature Bits';
const COMMON = 'virtio 1.4, Common configuration structure layout';
const CAPABILITIES = 'virtio 1.4, Virtio Structure PCI Capabilities';
const WINDOW = 'virtio 1.4, PCI configuration access capability';
const KICK = 'virtio 1.4, Available Buffer Notifications';

/** Rules for drivers of the modern interface: negotiation, capabilities, common configuration, kicks. */
export const modern = {
  'virtio/INIT-D5': {
    strength: 'MUST',
    where: INIT,
    text: 'Step 5: set FEATURES_OK once the subset is written',
    advice: 'Set FEATURES_OK (8) after the last write of features, before any queue is set up.',
  },
  'virtio/INIT-D6': {
    strength: 'MUST',
    where: INIT,
    text: 'Step 6: re-read status to see that FEATURES_OK stuck',
    advice: 'Read the status after setting FEATURES_OK: a device that refuses the features drops the bit.',
  },
  'virtio/INIT-D9': {
    strength: 'MUST NOT',
    where: INIT,
    text: 'No write to device-specific config during feature negotiation',
    advice: 'Move the write behind FEATURES_OK.',
  },
  'virtio/INIT-D10': {
    strength: 'MUST NOT',
    where: INIT,
    text: 'No new feature bits after FEATURES_OK',
    advice: 'Reset the device to negotiate anew.',
  },
  'virtio/INIT-D12': {
    strength: 'MUST NOT',
    where: INIT,
    text: 'Do not carry on initialising after the device refused FEATURES_OK',
    advice: 'Set FAILED, or reset and ask for less.',
  },
  'virtio/RFEAT-D1': {
    strength: 'MUST',
    where: RESERVED,
    text: 'Accept VERSION_1 when offered',
    advice: 'Read and write features with select 1 too: VERSION_1 is bit 0 of the second word.',
  },
  'virtio/RFEAT-D2': { strength: 'SHOULD', where: RESERVED, text: 'Accept ACCESS_PLATFORM when offered' },
  'virtio/RFEAT-D5': { strength: 'SHOULD', where: RESERVED, text: 'Accept RING_PACKED when offered' },
  'virtio/RFEAT-D6': { strength: 'SHOULD', where: RESERVED, text: 'Accept ORDER_PLATFORM when offered' },
  'virtio/RFEAT-D8': {
    strength: 'MUST NOT',
    where: RESERVED,
    text: 'Do not negotiate SR_IOV without a PCI SR-IOV capability',
  },
  'virtio/RFEAT-D10': { strength: 'SHOULD', where: RESERVED, text: 'Accept NOTIF_CONFIG_DATA when offered' },
  'virtio/VQ-SPLIT-D1': {
    strength: 'MUST',
    where: 'virtio 1.4, Virtqueues (split)',
    text: 'Align descriptor table to 16, avail ring to 2, used ring to 4',
    advice: 'Allocate the three areas to 16, 2 and 4 bytes.',
  },
  'virtio/VQRESET-D1': {
    strength: 'MUST',
    where: 'virtio 1.4, Virtqueue Reset',
    text: 'After asking for a queue reset, verify it really happened',
    advice: 'Read queue_reset until it is 0 before the queue is used again.',
  },
  'virtio/VQREENABLE-D1': {
    strength: 'MUST',
    where: 'virtio 1.4, Virtqueue Re-enable',
    text: 'Configure a queue afresh, as at first discovery, before re-enabling it',
    advice: 'Write all three addresses again: the reset forgot them.',
  },
  'virtio/PCI-CAP-D1': {
    strength: 'MUST',
    where: CAPABILITIES,
    text: 'Skip vendor capabilities with a reserved cfg_type',
    advice: 'Look for the types you know, and pass over every other.',
  },
  'virtio/PCI-CAP-D2': {
    strength: 'SHOULD',
    where: CAPABILITIES,
    text: 'Use the first supported instance of each structure type',
    advice: 'Keep a capability only if none of its type was found before.',
  },
  'virtio/PCI-CAP-D3': {
    strength: 'MUST',
    where: CAPABILITIES,
    text: 'Accept cap_len larger than defined',
    advice: 'Compare cap_len with >=, never with ==.',
  },
  'virtio/PCI-CAP-D4': {
    strength: 'MUST',
    where: CAPABILITIES,
    text: 'Skip vendor capabilities with a reserved bar value',
    advice: 'Compare the whole byte with 5; do not mask it.',
  },
  'virtio/PCI-CAP-D6': {
    strength: 'MUST',
    where: CAPABILITIES,
    text: 'Cope with an unexpectedly large length',
    advice: 'Require the length you need, and no exact one.',
  },
  'virtio/PCI-CAP-D7': {
    strength: 'MUST NOT',
    where: CAPABILITIES,
    text: 'No write to capability fields except in the PCI_CFG capability',
  },
  'virtio/PCI-LEG-D1': {
    strength: 'MUST',
    where: 'virtio 1.4, Legacy Interfaces: A Note on PCI Device Layout',
    text: 'Legacy use goes through BAR0, and what is not legacy use does not',
    advice: 'Choose one interface of a transitional device before the reset, and keep to it until the next.',
  },
  'virtio/PCI-LEGDET-D1': {
    strength: 'MUST',
    where: 'virtio 1.4, Legacy Interface: A Note on Device Layout Detection',
    text: 'A transitional driver looks for virtio capabilities first',
    advice: 'Walk the capability list for vendor capabilities (9), and use the structures that they tell of.',
  },
  'virtio/PCI-COMMON-D1': {
    strength: 'MUST NOT',
    where: COMMON,
    text: 'Leave the read-only common cfg fields alone',
  },
  'virtio/PCI-COMMON-D2': {
    strength: 'MUST NOT',
    where: COMMON,
    text: 'Packed: never write 0 to queue_size',
  },
  'virtio/PCI-COMMON-D3': {
    strength: 'MUST NOT',
    where: COMMON,
    text: 'Not packed: never write a non power of two to queue_size',
  },
  'virtio/PCI-COMMON-D4': {
    strength: 'MUST',
    where: COMMON,
    text: 'Set the other queue fields before queue_enable',
    advice: 'Write size, vector and the three addresses first, then queue_enable, and leave them alone.',
  },
  'virtio/PCI-COMMON-D5': {
    strength: 'MUST',
    where: COMMON,
    text: 'After writing status 0 wait for a 0 read before re-init',
    advice: 'Read device_status until it is 0.',
  },
  'virtio/PCI-COMMON-D6': {
    strength: 'MUST NOT',
    where: COMMON,
    text: 'Write nothing but 1 to queue_enable',
    advice: 'To stop one queue use queue_reset, if RING_RESET was negotiated; else reset the device.',
  },
  'virtio/PCI-COMMON-D7': {
    strength: 'MUST NOT',
    where: COMMON,
    text: 'Queue reset not over until queue_reset reads 0',
    advice: 'Read queue_reset until it is 0 before setting the queue up again.',
  },
  'virtio/PCI-CFGACC-D1': {
    strength: 'MUST NOT',
    where: WINDOW,
    text: 'Window offset is a multiple of the window length',
  },
  'virtio/PCI-CFGACC-D2': {
    strength: 'MUST NOT',
    where: WINDOW,
    text: 'Use pci_cfg_data only when bar, offset and length fall inside another virtio structure, length 1, 2 or 4',
  },
  'virtio/PCI-KICK-D2': {
    strength: 'MUST',
    where: KICK,
    text: 'With NOTIFICATION_DATA: 32-bit notify write',
  },
  'virtio/PCI-KICK-D4': {
    strength: 'MUST',
    where: KICK,
    text: 'NOTIFICATION_DATA only: low half is the virtqueue index',
  },
  'virtio/PCI-KICK-D5': {
    strength: 'MUST',
    where: KICK,
    text: 'NOTIF_CONFIG_DATA only: value is queue_notif_config_data',
    advice: 'Read queue_notif_config_data when the queue is set up, and write that.',
  },
  'virtio/PCI-KICK-D6': {
    strength: 'MUST',
    where: KICK,
    text: 'Both features: low half is queue_notif_config_data',
  },
} as const satisfies Record<string, Clause>;
