import type { FoundFunction } from '../../core/driver.ts';
import { type Script, scripts } from '../script.proof.ts';
import type { GceFacts, SeenDisk, SeenMachine, SeenNic, SeenOffload, TrueMachine } from './facts.ts';
import { type GCE, GceWatch } from './gce.ts';

const BRIDGE = 0x00;

function fn(bdf: number, vendor: number, device: number, revision: number, subsystem: number): FoundFunction {
  const id = { vendor, device, class: 0, revision, subsystemVendor: 0, subsystem };
  return { bdf, id, bars: [], msixVectors: 0, pin: 0, line: 0 };
}

const host = (revision: number) => fn(BRIDGE, 0x8086, 0x1237, revision, 0);
const isa = (revision: number) => fn(0x08, 0x8086, 0x7110, revision, 0);
const acpi = (revision: number) => fn(0x0b, 0x8086, 0x7113, revision, 0);
const net = (type: number) => fn(0x20, 0x1af4, 0x1000, 0, type);
const scsi = (type: number) => fn(0x18, 0x1af4, 0x1004, 0, type);

const OFFLOAD: SeenOffload = {
  payload: 65_000,
  cut: 45,
  cutRight: true,
  summed: true,
  received: { frames: 1, joined: 1 },
  receivedRight: true,
};
const NIC: SeenNic = {
  facts: { framesSent: 1, received: [1] },
  framesEqual: true,
  offload: OFFLOAD,
  offload6: OFFLOAD,
};
const DISK: SeenDisk = {
  target: 1,
  lun: 0,
  vendor: 'Google',
  product: 'PersistentDisk',
  version: 6,
  standards: [0x04c0],
  blocks: 8,
  logicalBlock: 512,
  physicalBlock: 4096,
  sha256: 'ab',
};
const PORTS = [
  [0x3f8, 4],
  [0x2f8, 3],
  [0x3e8, 6],
  [0x2e8, 7],
] as const;
const PORT = { type: '16550A', loopback: true, sent: 'a' };
const SERIAL = PORTS.map(([port, irq]) => ({ ...PORT, port, irq }));

const SEEN: SeenMachine = {
  functions: [host(2), isa(3), acpi(3), scsi(8), net(1)],
  serial: SERIAL,
  disks: [DISK],
  otherUnits: 0,
  hotplug: true,
  nics: [NIC],
};
const MACHINE: TrueMachine = {
  profile: 'gce-n1',
  functions: SEEN.functions,
  serial: PORTS.map(([port, irq]) => ({ port, irq, text: 'a' })),
  scsiQueues: 3,
  disks: [{ target: 1, lun: 0, sha256: 'ab' }],
};

const probed = (facts: GceFacts) => (watch: GceWatch) => watch.probed(facts);

/** The guest saw this instead. */
const saw = (seen: Partial<SeenMachine>, machine: Partial<TrueMachine> = {}): Script<GceWatch> => ({
  breaks: probed({ seen: { ...SEEN, ...seen }, machine: { ...MACHINE, ...machine } }),
  keeps: probed({ seen: SEEN, machine: MACHINE }),
});
const sawDisk = (disk: Partial<SeenDisk>) => saw({ disks: [{ ...DISK, ...disk }] });
const sawNic = (nic: Partial<SeenNic>) => saw({ nics: [{ ...NIC, ...nic }] });
const sawOffload = (offload: Partial<SeenOffload>) => sawNic({ offload: { ...OFFLOAD, ...offload } });
const sawOffload6 = (offload: Partial<SeenOffload>) => sawNic({ offload6: { ...OFFLOAD, ...offload } });
const found = (...functions: FoundFunction[]) => ({ functions });

export const GCE_PROOFS = scripts<GceWatch, keyof typeof GCE>((journal) => new GceWatch(journal), {
  'gce/HOST-BRIDGE': saw(found(host(0), isa(3), acpi(3), scsi(8), net(1))),
  'gce/PIIX4-ISA': saw(found(host(2), acpi(3), scsi(8), net(1))),
  'gce/PIIX4-ACPI': saw(found(host(2), isa(3), acpi(0), scsi(8), net(1))),
  'gce/NET': saw(found(host(2), isa(3), acpi(3), scsi(8), net(0))),
  'gce/NET-TRAFFIC': sawNic({ framesEqual: false }),
  'gce/NET-CSUM': sawOffload({ summed: false }),
  'gce/NET-TSO4': sawOffload({ cutRight: false }),
  'gce/NET-GRO4': sawOffload({ received: { frames: 45, joined: 0 } }),
  'gce/NET-TSO6': sawOffload6({ cutRight: false }),
  'gce/NET-GRO6': sawOffload6({ received: { frames: 45, joined: 0 } }),
  'gce/SCSI': saw(found(host(2), isa(3), acpi(3), scsi(0), net(1))),
  'gce/SCSI-QUEUES': saw({}, { scsiQueues: 4 }),
  'gce/SCSI-SPC4': sawDisk({ version: 5 }),
  'gce/SCSI-SBC3': sawDisk({ standards: [0x00a0] }),
  'gce/SCSI-BLOCK-ONLY': saw({ otherUnits: 1 }),
  'gce/SCSI-BLOCKS': sawDisk({ physicalBlock: 512 }),
  'gce/SCSI-READ': sawDisk({ sha256: 'cd' }),
  'gce/SCSI-HOTPLUG': saw({ hotplug: false }),
  'gce/SERIAL': saw({ serial: SERIAL.map((port) => ({ ...port, irq: 4 })) }),
});
