import { hex } from '../../core/bits.ts';
import type { Journal } from '../../core/journal.ts';
import { Watch } from '../../core/watch.ts';
import type { GceFacts, SeenNic, SeenOffload } from './facts.ts';
import { bridge, type GceKnows, on, onDisks, type Requirement, virtio } from './requirement.ts';

const WHERE = 'Compute Engine: Requirements to build custom images, hardware';
const words = (text: string, advice: string) => ({ where: WHERE, text, advice });

/** SBC-3 in its versions, as SPC numbers them. */
const SBC3: readonly number[] = [0x04c0, 0x04c3, 0x04c5, 0x04c8];
/** IRQs of COM1 to COM4, by the document. */
const SERIAL_IRQS = '4, 3, 6, 7';
const SERIAL_TYPE = '16550A';

// The first part of a kind stands for the kind.
const nic = ({ seen }: GceKnows) => seen.nics[0];
const offload = (k: GceKnows) => nic(k)?.offload;
const offload6 = (k: GceKnows) => nic(k)?.offload6;
const cutWell = (find: (k: GceKnows) => SeenOffload | null | undefined) =>
  on(
    find,
    ({ cutRight }) => cutRight,
    ({ payload, cut }) => `${payload} bytes were cut into ${cut} frames`,
  );
const joinedWell = (find: (k: GceKnows) => SeenOffload | null | undefined) =>
  on(
    find,
    ({ receivedRight, received }) => receivedRight && received.joined > 0,
    ({ cut, received: { frames, joined } }) => `${cut} frames came as ${frames}, ${joined} of them joined`,
  );
const withDisk = (k: GceKnows) => (k.seen.disks.length > 0 ? k : null);

/** What the Compute Engine document says a guest finds. A guest that found and used a part keeps its rule. */
export const GCE = {
  'gce/HOST-BRIDGE': {
    ...words(
      'A guest MUST find the host bridge: i440FX, revision 02.',
      'Read vendor, device and revision in the configuration space of 00:00.0.',
    ),
    ...bridge(0x1237, 2),
  },
  'gce/PIIX4-ISA': {
    ...words(
      'A guest MUST find the ISA bridge: PIIX4, revision 03.',
      'Look at every function of the bus: the ISA bridge is function 0 of a multi-function device.',
    ),
    ...bridge(0x7110, 3),
  },
  'gce/PIIX4-ACPI': {
    ...words(
      'A guest MUST find the ACPI bridge: PIIX4, revision 03.',
      'Look at functions 1 to 7 of a multi-function device as well: the ACPI bridge is one of them.',
    ),
    ...bridge(0x7113, 3),
  },
  'gce/NET': {
    ...words(
      'A guest MUST find the network card: virtio-net, 1af4:1000, type 1.',
      'Tell a network device by the subsystem ID, which has the virtio device type.',
    ),
    ...virtio(0x1000, 1),
  },
  'gce/NET-TRAFFIC': {
    ...words(
      'A guest MUST send and receive frames byte for byte.',
      'Send frames as they are, and post enough receive buffers for what comes back.',
    ),
    ...on(nic, ({ facts, framesEqual }) => framesEqual && facts.framesSent > 0, trafficText),
  },
  'gce/NET-CSUM': {
    ...words(
      'A guest SHOULD negotiate and use checksum offload.',
      'Accept CSUM, and leave the checksum of a frame to the device with NEEDS_CSUM.',
    ),
    ...on(
      offload,
      ({ summed }) => summed,
      ({ summed }) => `a sum left open was ${summed ? 'completed' : 'not completed'}`,
    ),
  },
  'gce/NET-TSO4': {
    ...words(
      'A guest SHOULD negotiate and use segmentation offload for TCP over IPv4.',
      'Accept HOST_TSO4, and hand over large TCP segments with gso_size set.',
    ),
    ...cutWell(offload),
  },
  'gce/NET-GRO4': {
    ...words(
      'A guest SHOULD negotiate and use receive offload for TCP over IPv4.',
      'Accept GUEST_CSUM and GUEST_TSO4, and take large segments as they arrive.',
    ),
    ...joinedWell(offload),
  },
  'gce/NET-TSO6': {
    ...words(
      'A guest SHOULD negotiate and use segmentation offload for TCP over IPv6.',
      'Accept HOST_TSO6 if it is offered, and hand over large TCP segments over IPv6.',
    ),
    ...cutWell(offload6),
  },
  'gce/NET-GRO6': {
    ...words(
      'A guest SHOULD negotiate and use receive offload for TCP over IPv6.',
      'Accept GUEST_TSO6 if it is offered, and take large segments over IPv6.',
    ),
    ...joinedWell(offload6),
  },
  'gce/SCSI': {
    ...words(
      'A guest MUST find the storage adapter: virtio-scsi, 1af4:1004, type 8.',
      'Tell a SCSI host adapter by the subsystem ID, which has the virtio device type.',
    ),
    ...virtio(0x1004, 8),
  },
  'gce/SCSI-QUEUES': {
    ...words(
      'A guest MUST use the request queue, and the control and event queues.',
      'Set up the control, event and request queues, and read from num_queues how many request queues there are.',
    ),
    ...on(
      withDisk,
      ({ machine }) => machine.scsiQueues === 3,
      ({ machine }) => `control, event and ${machine.scsiQueues - 2} request queue`,
    ),
  },
  'gce/SCSI-SPC4': {
    ...words(
      'A guest MUST read from INQUIRY that disks conform to SPC-4.',
      'Read byte 2 of INQUIRY for the version, and take 6 for SPC-4.',
    ),
    ...onDisks(
      ({ version }) => version === 6,
      ({ vendor, product, version }) => `${vendor} ${product}, version ${version}`,
    ),
  },
  'gce/SCSI-SBC3': {
    ...words(
      'A guest MUST find SBC-3 among the standards that INQUIRY lists.',
      'Read the version descriptors of INQUIRY, from byte 58.',
    ),
    ...onDisks(
      ({ standards }) => standards.some((standard) => SBC3.includes(standard)),
      ({ standards }) => `version descriptors ${standards.map((standard) => hex(standard, 4)).join(' ')}`,
    ),
  },
  'gce/SCSI-BLOCK-ONLY': {
    ...words(
      'A guest MUST see every logical unit as a direct-access block device.',
      'Take the type of a unit from the low five bits of byte 0 of INQUIRY.',
    ),
    ...on(
      withDisk,
      ({ seen }) => seen.otherUnits === 0,
      ({ seen: { disks, otherUnits } }) => `${disks.length} of ${disks.length + otherUnits} units are disks`,
    ),
  },
  'gce/SCSI-BLOCKS': {
    ...words(
      'A guest MUST find logical blocks of 512 bytes and physical ones of 4096 with READ CAPACITY.',
      'Use READ CAPACITY (16): the shorter one does not return the physical block size.',
    ),
    ...onDisks(
      ({ logicalBlock, physicalBlock }) => logicalBlock === 512 && physicalBlock === 4096,
      ({ logicalBlock, physicalBlock }) => `${logicalBlock}/${physicalBlock} bytes`,
    ),
  },
  'gce/SCSI-READ': {
    ...words(
      'A guest MUST read the whole disk unchanged.',
      'Read every block once, in order, and hash exactly what was read.',
    ),
    ...onDisks(
      ({ target, lun, sha256 }, { machine }) =>
        machine.disks.some((disk) => disk.target === target && disk.lun === lun && disk.sha256 === sha256),
      ({ blocks }, held) => `${blocks} blocks, SHA-256 ${held ? 'equal' : 'differs'}`,
    ),
    when: ({ seen }) => seen.disks.some(({ sha256 }) => sha256 !== null),
    untried: 'no disk was read whole',
  },
  'gce/SCSI-HOTPLUG': {
    ...words(
      'A guest SHOULD negotiate the hotplug feature.',
      'Accept HOTPLUG (1), and keep buffers in the event queue.',
    ),
    ...on(
      withDisk,
      ({ seen }) => seen.hotplug,
      ({ seen }) => `HOTPLUG was ${seen.hotplug ? '' : 'not '}negotiated`,
    ),
  },
  'gce/SERIAL': {
    ...words(
      'A guest MUST find four 16550A serial ports, on IRQ 4, 3, 6 and 7.',
      'Look for all four ports, and find the IRQ of each by raising its interrupt.',
    ),
    on: 'probed',
    when: (k) => k.machine.serial.length > 0 && !movedPorts(k),
    untried: 'the machine has none',
    kept: (k) => foundPorts(k) === k.machine.serial.length,
    said: (k) =>
      movedPorts(k)
        ? `IRQ ${irqsOf(k)}, as this ${k.machine.profile} has them`
        : `${foundPorts(k)} of ${k.machine.serial.length} are 16550A on their IRQ`,
    excused: movedPorts,
  },
} as const satisfies Readonly<Record<string, Requirement>>;

function trafficText({ facts: { framesSent, received }, framesEqual }: SeenNic): string {
  const frames = `${framesSent.toLocaleString('en')} frame${framesSent === 1 ? '' : 's'}`;
  return `${frames} out, ${received.length.toLocaleString('en')} back${framesEqual ? ', equal' : ''}`;
}

/** Ports that the guest identified correctly and whose other end has what the guest sent. */
function foundPorts({ seen, machine }: GceKnows): number {
  const right = machine.serial.filter(({ port, irq, text }) => {
    const found = seen.serial.find((candidate) => candidate.port === port);
    return found?.type === SERIAL_TYPE && found.irq === irq && found.loopback && text.endsWith(found.sent);
  });
  return right.length;
}

/** The guest found every port, at IRQs that differ from the document's. */
function movedPorts(k: GceKnows): boolean {
  const { serial } = k.machine;
  return serial.length > 0 && foundPorts(k) === serial.length && irqsOf(k) !== SERIAL_IRQS;
}

function irqsOf({ machine }: GceKnows): string {
  return machine.serial.map(({ irq }) => irq).join(', ');
}

/**
 * Compares what a guest found with the Compute Engine document.
 *
 * @example
 * new GceWatch(journal).probed({ seen: gather(machine, task), machine: trueMachine });
 */
export class GceWatch {
  private readonly on;

  constructor(journal: Journal) {
    this.on = new Watch(journal, GCE).on;
  }

  /** A guest used every part. */
  probed(facts: GceFacts): void {
    this.on.probed.tell({ ...facts, subject: facts.machine.profile });
  }
}
