import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { audit, verdictText } from '../../src/audit/index.ts';

/** Each line's verdict, by the name of the line without `CONFIG_`. */
async function verdicts(name: string): Promise<Record<string, string>> {
  const bytes = readFileSync(join(import.meta.dirname, 'configs', name));
  const { lines } = await audit({ config: { path: name, bytes } });
  return Object.fromEntries(
    lines.map((line) => [line.name.replace('CONFIG_', ''), verdictText(line.verdict)]),
  );
}

const YES = 'satisfied';
const MODULE = 'module, not in initramfs';
const CONTRADICTS = 'contradicts';
const ON_X86_64 = 'not applicable (the line is for i386, this is x86_64)';
const HEIR = (name: string, since: string) => `satisfied by successor ${name} since ${since}`;
const TOO_OLD = (since: string, version: string) =>
  `not applicable (in Linux since ${since}, this is ${version})`;

/** The document's lines on a kernel from 5.13 on that is configured as Debian does. */
const MODERN = {
  KVM_GUEST: YES,
  KVM_CLOCK: HEIR('KVM_GUEST', '3.7'),
  VIRTIO_PCI: YES,
  SCSI_VIRTIO: MODULE,
  VIRTIO_NET: MODULE,
  PCI_MSI: YES,
  STRICT_DEVMEM: YES,
  DEVKMEM: YES,
  DEFAULT_MMAP_MIN_ADDR: YES,
  DEBUG_RODATA: HEIR('STRICT_KERNEL_RWX', '4.11'),
  DEBUG_SET_MODULE_RONX: HEIR('STRICT_MODULE_RWX', '4.11'),
  CC_STACKPROTECTOR: HEIR('STACKPROTECTOR', '4.18'),
  COMPAT_VDSO: YES,
  COMPAT_BRK: YES,
  X86_PAE: ON_X86_64,
  SYN_COOKIES: YES,
  SECURITY_YAMA: YES,
  SECURITY_YAMA_STACKED: HEIR('SECURITY_YAMA', '4.3'),
};

const OURS = {
  VIRTIO_PCI_LEGACY: YES,
  BLK_DEV_SD: MODULE,
  ACPI: YES,
  SERIAL_8250: YES,
  SERIAL_8250_CONSOLE: YES,
  SERIAL_8250_NR_UARTS: YES,
  SERIAL_8250_RUNTIME_UARTS: YES,
  GVE: MODULE,
  BLK_DEV_NVME: YES,
  'root file system': YES,
  'modules on the way to the disk': MODULE,
  initramfs: 'not applicable (no initramfs was given)',
};

describe('kernels of their eras', () => {
  test('2.6.32 of RHEL 6: virtio-scsi was brought in, Yama was not, and pages from 4096 on can be mapped', async () => {
    expect(await verdicts('2.6.32-rhel6.config')).toEqual({
      ...MODERN,
      KVM_CLOCK: YES,
      VIRTIO_PCI: MODULE,
      DEFAULT_MMAP_MIN_ADDR: CONTRADICTS,
      DEBUG_RODATA: YES,
      DEBUG_SET_MODULE_RONX: TOO_OLD('2.6.38', '2.6.32'),
      CC_STACKPROTECTOR: YES,
      SECURITY_YAMA: TOO_OLD('3.4', '2.6.32'),
      SECURITY_YAMA_STACKED: TOO_OLD('3.7', '2.6.32'),
      ...OURS,
      VIRTIO_PCI_LEGACY: TOO_OLD('4.0', '2.6.32'),
      GVE: TOO_OLD('5.3', '2.6.32'),
      BLK_DEV_NVME: MODULE,
      'root file system': MODULE,
    });
  });

  test('3.10 on i386, synthetic: what is set otherwise contradicts, what has no line is missing', async () => {
    expect(await verdicts('3.10-synthetic-i386.config')).toEqual({
      ...MODERN,
      PCI_MSI: CONTRADICTS,
      STRICT_DEVMEM: CONTRADICTS,
      DEVKMEM: CONTRADICTS,
      DEFAULT_MMAP_MIN_ADDR: CONTRADICTS,
      DEBUG_RODATA: YES,
      DEBUG_SET_MODULE_RONX: 'missing',
      CC_STACKPROTECTOR: CONTRADICTS,
      COMPAT_VDSO: CONTRADICTS,
      X86_PAE: CONTRADICTS,
      SECURITY_YAMA_STACKED: CONTRADICTS,
      ...OURS,
      VIRTIO_PCI_LEGACY: TOO_OLD('4.0', '3.10.108'),
      BLK_DEV_SD: YES,
      SERIAL_8250_RUNTIME_UARTS: CONTRADICTS,
      GVE: TOO_OLD('5.3', '3.10.108'),
      BLK_DEV_NVME: 'missing',
    });
  });

  test('4.9 of LinuxKit: everything is built in, the names are still the old ones', async () => {
    expect(await verdicts('4.9-linuxkit.config')).toEqual({
      ...MODERN,
      SCSI_VIRTIO: YES,
      VIRTIO_NET: YES,
      DEBUG_RODATA: YES,
      DEBUG_SET_MODULE_RONX: YES,
      CC_STACKPROTECTOR: YES,
      ...OURS,
      BLK_DEV_SD: YES,
      GVE: TOO_OLD('5.3', '4.9.206'),
      'modules on the way to the disk': 'not applicable (no part of the way to the disk is a module)',
    });
  });

  test.each(['5.10-debian11-cloud.config', '6.1-debian12-cloud.config'])(
    '%s: virtio itself is a module, too',
    async (name) => {
      expect(await verdicts(name)).toEqual({ ...MODERN, VIRTIO_PCI: MODULE, ...OURS });
    },
  );

  test('6.12 of Debian 13 for clouds: all holds but for modules that an initramfs must have', async () => {
    expect(await verdicts('6.12-debian13-cloud.config')).toEqual({ ...MODERN, ...OURS });
  });

  test('7.2 of Debian sid for any machine: the root file system and NVMe are modules', async () => {
    const modules = { BLK_DEV_NVME: MODULE, 'root file system': MODULE };
    expect(await verdicts('7.2-debian-sid.config')).toEqual({ ...MODERN, ...OURS, ...modules });
  });
});
