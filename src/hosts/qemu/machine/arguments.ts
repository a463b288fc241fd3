import { join } from 'node:path';
import { COM_PORTS } from '../../../core/places.ts';

/** Of COM1 to COM4, as on Compute Engine. */
export const SERIAL_IRQS = [4, 3, 6, 7] as const;
export const NIC_SLOT = 4;
const SCSI_SLOT = 3;
export const MAC = '42:01:0a:80:00:02';

/** Files that QEMU writes. */
export interface MachineFiles {
  serial(index: number): string;
  /** The frames that the NIC sent. */
  readonly sent: string;
  /** A socket that leads back to itself. */
  readonly cable: string;
  /** The accesses. */
  readonly trace: string;
}

export function filesIn(folder: string): MachineFiles {
  return {
    serial: (index) => join(folder, `serial${index}`),
    sent: join(folder, 'sent.pcap'),
    cable: join(folder, 'cable'),
    trace: join(folder, 'trace'),
  };
}

const BOARD = [
  'pc',
  'x-south-bridge=piix4-isa',
  ...['usb', 'sata', 'vmport', 'graphics', 'hpet', 'smbus'].map((name) => `${name}=off`),
].join();

/** QEMU's options for the interface of its virtio functions. */
const INTERFACE = {
  legacy: 'disable-modern=on',
  transitional: 'disable-legacy=off,disable-modern=off',
  modern: 'disable-legacy=on,disable-modern=off',
} as const;
const TRACED = ['memory_region_ops_*', 'pci_cfg_*', 'virtio_set_status'];

/** Further options of a board. */
export interface GceLikeOptions {
  /** Default: disks are read-only. */
  readonly writable?: boolean;
  /** Default legacy, as on Compute Engine. */
  readonly virtio?: keyof typeof INTERFACE;
  /** Trace accesses. */
  readonly traced?: boolean;
}

/**
 * The machine of QEMU's that is nearest to Compute Engine's, with its cable looped back.
 *
 * @param disks files, read-only unless `writable`.
 */
export function gceLike(
  files: MachineFiles,
  disks: readonly string[],
  { writable = false, virtio = 'legacy', traced = false }: GceLikeOptions = {},
): string[] {
  // A kick that wakes a thread of QEMU is missing in traces.
  const shows = [INTERFACE[virtio], ...(traced ? ['ioeventfd=off'] : [])].join();
  const cable = escaped(files.cable);
  return [
    ...['-machine', BOARD],
    ...['-device', `virtio-scsi-pci,id=scsi0,addr=0${SCSI_SLOT}.0,num_queues=1,vectors=4,${shows}`],
    ...disks.flatMap((file, i) => diskArguments(file, i, writable)),
    ...['-netdev', `dgram,id=n0,local.type=unix,local.path=${cable},remote.type=unix,remote.path=${cable}`],
    ...['-object', `filter-dump,id=f0,netdev=n0,queue=rx,file=${escaped(files.sent)}`],
    ...['-device', `virtio-net-pci,netdev=n0,addr=0${NIC_SLOT}.0,mac=${MAC},vectors=3,romfile=,${shows}`],
    ...COM_PORTS.flatMap((port, i) => serialArguments(files.serial(i), port, i)),
    ...(traced ? [...TRACED.flatMap((events) => ['-trace', events]), '-D', files.trace] : []),
  ];
}

function diskArguments(file: string, index: number, writable: boolean): string[] {
  const drive = `if=none,id=d${index},format=raw,file=${escaped(file)},read-only=${writable ? 'off' : 'on'}`;
  const shown = 'vendor=Google,product=PersistentDisk,ver=1,logical_block_size=512,physical_block_size=4096';
  const place = `bus=scsi0.0,scsi-id=${index + 1},lun=0,drive=d${index}`;
  return ['-drive', drive, '-device', `scsi-hd,${place},${shown}`];
}

function serialArguments(file: string, port: number, index: number): string[] {
  return [
    ...['-chardev', `file,id=s${index},path=${escaped(file)}`],
    ...['-device', `isa-serial,chardev=s${index},index=${index},iobase=${port},irq=${SERIAL_IRQS[index]}`],
  ];
}

/** A comma in a value of QEMU's is written twice. */
function escaped(text: string): string {
  return text.replaceAll(',', ',,');
}
