import { MisuseError } from '../../core/misuse.ts';
import type { MachineOptions } from '../../machine/options.ts';
import type { ProfileName } from '../../machine/profile.ts';

/** What `assets/capture.py` read at one place. */
export interface CapturedItem {
  readonly source: string;
  readonly status: string;
  readonly encoding: 'hex' | 'base64' | 'text';
  /** Left out if it could not be read. */
  readonly data?: string;
  /** Linux's number of the error, if that was why. */
  readonly errno?: number;
  /** It was another when it was read again. */
  readonly volatile?: boolean;
  /** Where names were masked. */
  readonly masked?: readonly (readonly [offset: number, length: number])[];
  readonly cdb?: string;
  readonly length?: number;
  readonly scsi?: number;
  readonly sense?: string;
  readonly opcode?: number;
  readonly nsid?: number;
  readonly cdw10?: number;
  readonly nvme?: number;
  readonly result?: number;
}

/** A capture of a virtual machine, item by item, by its name: `pci/0000:00:03.0/config`. */
export interface Capture {
  readonly items: ReadonlyMap<string, CapturedItem>;
}

const FORMAT = 'vm-capture';
const VERSION = 1;
const HEX = /^(?:[\da-f]{2})*$/;
const ITEMS_MOST = 100_000;

/** @throws MisuseError for another file. */
export function readCapture(value: unknown): Capture {
  const { format, version, items } = fields('capture', value);
  if (format !== FORMAT) throw new MisuseError('capture.format', format, FORMAT);
  if (version !== VERSION) throw new MisuseError('capture.version', version, String(VERSION));
  const entries = Object.entries(fields('capture.items', items));
  if (entries.length > ITEMS_MOST)
    throw new MisuseError('capture.items', entries.length, `at most ${ITEMS_MOST} items`);
  return { items: new Map(entries.map(([name, item]) => [name, readItem(`capture.items[${name}]`, item)])) };
}

function fields(path: string, value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new MisuseError(path, value, 'an object');
  return value as Record<string, unknown>;
}

const NUMBERS = ['errno', 'length', 'scsi', 'opcode', 'nsid', 'cdw10', 'nvme', 'result'] as const;

function readItem(path: string, value: unknown): CapturedItem {
  const item = fields(path, value);
  const { status, encoding, data, cdb, sense, masked } = item;
  if (typeof status !== 'string') throw new MisuseError(`${path}.status`, status, 'a text');
  if (encoding !== 'hex' && encoding !== 'base64' && encoding !== 'text')
    throw new MisuseError(`${path}.encoding`, encoding, 'hex, base64 or text');
  if (data !== undefined && (typeof data !== 'string' || (encoding === 'hex' && !HEX.test(data))))
    throw new MisuseError(`${path}.data`, data, encoding);
  for (const [name, one] of Object.entries({ cdb, sense }))
    if (one !== undefined && (typeof one !== 'string' || !HEX.test(one)))
      throw new MisuseError(`${path}.${name}`, one, 'hex');
  for (const name of NUMBERS)
    if (item[name] !== undefined && !Number.isSafeInteger(item[name]))
      throw new MisuseError(`${path}.${name}`, item[name], 'a number');
  if (masked !== undefined && !(Array.isArray(masked) && masked.every(Array.isArray)))
    throw new MisuseError(`${path}.masked`, masked, 'a list of places');
  return item as unknown as CapturedItem;
}

/** Null for an item that could not be read. */
export function bytesOf({ data, encoding }: CapturedItem): Buffer | null {
  if (data === undefined) return null;
  return Buffer.from(data, encoding === 'text' ? 'utf8' : encoding);
}

export const PCI_ITEM = /^pci\/0000:([\da-f]{2}):([\da-f]{2})\.([0-7])\/(.+)$/;

/** Without an Intel bridge it is of Arm; with the switch it is a C4; with NVMe, and no SCSI adapter of virtio, a C3. */
export function machineOf({ items }: Capture): ProfileName {
  const configs = configsOf(items);
  if (configs.length > 0 && !configs.some((bytes) => bytes.readUInt16LE(0) === 0x8086)) return 'gce-t2a';
  if (configs.some((bytes) => bytes.readUInt32LE(0) === 0x0f48_1ae0)) return 'gce-c4';
  const hasAdapter = configs.some((bytes) => bytes.readUInt32LE(0) === 0x1004_1af4);
  return hasAdapter || !configs.some(isNvme) ? 'gce-n1' : 'gce-c3';
}

function isNvme(bytes: Buffer): boolean {
  return bytes.readUIntLE(9, 3) === 0x01_0802;
}

function configsOf(items: Capture['items']): Buffer[] {
  return [...items].flatMap(([name, item]) => {
    const bytes = bytesOf(item);
    return PCI_ITEM.exec(name)?.[4] === 'config' && bytes !== null && bytes.length >= 64 ? [bytes] : [];
  });
}

/** The options of a machine that shows what was captured, as far as there are options for it. Each follows from an item. */
export function optionsOf({ items }: Capture): MachineOptions {
  const configs = configsOf(items);
  const has = (vendor: number, device: number) =>
    configs.some((bytes) => bytes.readUInt16LE(0) === vendor && bytes.readUInt16LE(2) === device);
  const cards = configs.filter((bytes) => bytes.readUInt16LE(10) === 0x0200);
  const targets = [...items.keys()].flatMap((name) => /^scsi\/\d+:0:(\d+):0\//.exec(name)?.[1] ?? []);
  const disks = new Set(targets.map(Number).filter((target) => target <= TARGET_LAST));
  const controllers = configs.filter(isNvme).length;
  return {
    ...vcpusOf(items),
    ...firmwareOf(items),
    ...(cards.length === 0
      ? {}
      : { nics: cards.map((bytes) => (bytes.readUInt16LE(0) === 0x1ae0 ? { type: 'gvnic' as const } : {})) }),
    ...(disks.size === 0 ? {} : { disks: [...disks].map((target) => ({ bytes: 64 << 20, target })) }),
    ...(controllers === 0 ? {} : { nvme: [{}] }),
    ...(has(0x1af4, 0x1005) ? { rng: true } : {}),
    ...(has(0x1af4, 0x1002) ? { balloon: true } : {}),
    ...(has(0x1ae0, 0xa002) ? { display: true } : {}),
  };
}

const TARGET_LAST = 255;
const MADT_ENTRIES = 44;
const CPUS_MOST = 64;

/** Enabled processors of the MADT, their local APICs. */
function vcpusOf(items: Capture['items']): MachineOptions {
  const item = items.get('acpi/APIC');
  const madt = item === undefined ? null : bytesOf(item);
  if (madt === null) return {};
  let count = 0;
  for (let at = MADT_ENTRIES; at + 8 <= madt.length && madt[at + 1]! >= 2; at += madt[at + 1]!)
    if (madt[at] === 0 && (madt[at + 4]! & 1) === 1) count++;
  return count > 0 && count <= CPUS_MOST ? { vcpus: count } : {};
}

/** A UEFI names itself in the kernel's log; the BIOS of 2024 has a MADT of revision 5. */
function firmwareOf(items: Capture['items']): MachineOptions {
  const madt = items.get('acpi/APIC');
  if (items.get('text/kernel-log')?.data?.includes('efi: EFI v') === true) return { firmware: 'uefi' };
  return madt !== undefined && bytesOf(madt)?.[8] === 5 ? { firmware: { build: 2024 } } : {};
}
