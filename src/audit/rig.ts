import { type Audit, type AuditInput, type AuditLine, audit } from './audit.ts';

/** A configuration that holds in every line, for x86_64 and Linux 6.12, everything built in. */
const GOOD: Readonly<Record<string, string>> = {
  X86_64: 'y',
  MODULES: 'y',
  KVM_GUEST: 'y',
  VIRTIO: 'y',
  VIRTIO_PCI: 'y',
  VIRTIO_PCI_LEGACY: 'y',
  SCSI_VIRTIO: 'y',
  VIRTIO_NET: 'y',
  PCI_MSI: 'y',
  STRICT_DEVMEM: 'y',
  DEFAULT_MMAP_MIN_ADDR: '65536',
  STRICT_KERNEL_RWX: 'y',
  STRICT_MODULE_RWX: 'y',
  STACKPROTECTOR: 'y',
  COMPAT_VDSO: 'n',
  COMPAT_BRK: 'n',
  SYN_COOKIES: 'y',
  SECURITY_YAMA: 'y',
  LSM: '"landlock,yama,apparmor"',
  BLK_DEV_SD: 'y',
  ACPI: 'y',
  SERIAL_8250: 'y',
  SERIAL_8250_CONSOLE: 'y',
  SERIAL_8250_NR_UARTS: '4',
  SERIAL_8250_RUNTIME_UARTS: '4',
  GVE: 'y',
  BLK_DEV_NVME: 'y',
  EXT4_FS: 'y',
  BLK_DEV_INITRD: 'y',
  RD_GZIP: 'y',
};

/** The text of a configuration that differs from a good one in `changes`; null leaves an option out. */
export function configOf(changes: Readonly<Record<string, string | null>> = {}, version = '6.12.1'): string {
  const lines = Object.entries({ ...GOOD, ...changes }).flatMap(([option, value]) => {
    if (value === null) return [];
    return value === 'n' ? [`# CONFIG_${option} is not set`] : [`CONFIG_${option}=${value}`];
  });
  return [`# Linux/x86 ${version} Kernel Configuration`, ...lines, ''].join('\n');
}

export function auditOf(text: string, more: Omit<AuditInput, 'config'> = {}): Promise<Audit> {
  return audit({ config: { path: 'config', bytes: Buffer.from(text) }, ...more });
}

/** The line of that name, `CONFIG_` left out. */
export function lineOf({ lines }: Audit, name: string): AuditLine {
  return lines.find((line) => line.name.replace('CONFIG_', '') === name)!;
}

/** An entry of a cpio archive, by default a regular file. */
interface Entry {
  readonly name: string;
  readonly content?: string;
  readonly mode?: number;
}

/** A cpio archive in the form "newc", with its trailer. */
export function cpioOf(...entries: readonly Entry[]): Buffer {
  return Buffer.concat([...entries, { name: 'TRAILER!!!', mode: 0 }].map(entryOf));
}

function entryOf({ name, content = '', mode = 0o100644 }: Entry): Buffer {
  const hex = (value: number) => value.toString(16).padStart(8, '0');
  const numbers = [1, mode, 0, 0, 1, 0, content.length, 0, 0, 0, 0, name.length + 1, 0].map(hex).join('');
  const head = Buffer.from(`070701${numbers}${name}\0`);
  const pad = (bytes: Buffer) => Buffer.concat([bytes, Buffer.alloc(-bytes.length & 3)]);
  return Buffer.concat([pad(head), pad(Buffer.from(content))]);
}
