import { type Difference, differingBytes, number, saying } from './difference.ts';

/** Bits of Command that one of the two keeps: Special Cycles, which QEMU has not; memory, SERR# and Interrupt Disable. */
const COMMAND_BITS: Readonly<Record<number, number>> = { 4: 0x0a, 5: 0x05 };
/** A BAR of 32 ports has this bit, and one of 64 has not. */
const PORTS_32 = 0x20;

/** Of `qemu-pc`, a model of QEMU's machine. */
export const QEMU_PC: readonly Difference[] = [
  {
    id: 'qemu-pc/ide',
    of: 'qemu-pc',
    where: '00:01.1',
    at: /^pci function 00:01\.3$/,
    right: 'qemu',
    source: '82371AB (290562): function 1',
    said: "QEMU's PIIX4 has an IDE function that cannot be left out; nothing of it is modelled, and ours is without",
    follows: true,
  },
  {
    id: 'qemu-pc/command',
    of: 'qemu-pc',
    where: '00:01.0 and 00:01.3 PCICMD',
    at: /^pci 00:01\.[03] 0[45]\/\d written$/,
    when: (answers) =>
      differingBytes(answers).every(
        ({ at, ours, qemu }) => ((number(ours) ^ number(qemu)) & ~(COMMAND_BITS[at] ?? 0)) === 0,
      ),
    right: 'ours',
    source: '82371AB (290562): PCICMD of functions 0 and 3',
    said: 'QEMU keeps SERR# enable and Interrupt Disable, which the sheet has not, and not Special Cycles',
  },
  {
    id: 'qemu-pc/nic-ports',
    of: 'qemu-pc',
    where: '00:04.0 BAR0',
    at: /^pci 00:04\.0 10\/\d written$/,
    when: (answers) =>
      differingBytes(answers).every(
        ({ at, ours, qemu }) => at === 0x10 && number(qemu) === (number(ours) | PORTS_32),
      ),
    right: 'both',
    source: 'virtio 1.4, 5.1.4 Device configuration layout: max_virtqueue_pairs is there only with MQ',
    said: "Ours has the field, and 64 ports; QEMU's configuration ends before it where no feature has it, and needs 32",
  },
  {
    id: 'qemu-pc/nic-offers',
    of: 'qemu-pc',
    where: 'DeviceFeatures, device_feature of the NIC',
    at: /^virtio-\w+ net (DeviceFeatures|device_feature)$/,
    when: saying('790399a7/79bf8064', '300399a7/30bf8024'),
    right: 'both',
    source: 'virtio 1.4, 5.1.3 Feature bits',
    said: 'QEMU offers no offloads before a backend that has none, and filters; ours offloads, and filters where an option asks for them',
  },
  {
    id: 'qemu-pc/ring-reset',
    of: 'qemu-pc',
    where: 'device_feature, bits 32 and on',
    at: /^virtio-modern \w+ device_feature$/,
    when: saying('00000001/00000101'),
    right: 'both',
    source: 'virtio 1.4, 6 Reserved Feature Bits: RING_RESET',
    said: 'QEMU offers RING_RESET, ours where an option asks for it',
  },
  {
    id: 'qemu-pc/selected',
    of: 'qemu-pc',
    where: 'device_feature, of what is selected after a reset',
    at: /^virtio-modern \w+ device_feature$/,
    when: ({ about }) => /device_status=00/.test(about),
    right: 'both',
    source: 'virtio 1.4, 2.1 Device Status Field: a reset; 4.1.4.3 says nothing of what is selected',
    said: 'A reset of ours selects the first, QEMU keeps what was selected',
  },
  {
    id: 'qemu-pc/ring-size',
    of: 'qemu-pc',
    where: 'QueueSize, queue_size',
    at: /^virtio-\w+ \w+ (QueueSize|queue_size)$/,
    when: saying('0400/0100', '0400/0040'),
    right: 'both',
    source: "virtio 1.4, 4.1.4.3 Common configuration structure layout: queue_size is the device's choice",
    said: "Ours has QEMU 10's rings, with 1024 entries; QEMU 11's have 256, and 64 for control",
  },
  {
    id: 'qemu-pc/queue-size',
    of: 'qemu-pc',
    where: 'queue_size, after a write',
    at: /^virtio-modern \w+ queue_size$/,
    when: ({ about }) => /queue_size=/.test(about),
    right: 'both',
    source:
      'virtio 1.4, 4.1.4.3.2 Driver Requirements: a driver writes a power of 2 up to the size that was there',
    said: 'Ours takes no other value, and none of a queue that is enabled; QEMU shows whatever was written',
  },
];
