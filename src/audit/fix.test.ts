import { describe, expect, test } from 'vitest';
import { fixOf } from './fix.ts';
import { auditOf, configOf, cpioOf } from './rig.ts';

describe('a fix', () => {
  test('of lines that hold is empty', async () => {
    expect(fixOf(await auditOf(configOf()))).toEqual({ config: '', sysctl: '' });
  });

  test.each([
    ['6.12.1', {}],
    [
      '6.12.1',
      { KVM_GUEST: null, PCI_MSI: 'n', DEVMEM: 'y', STRICT_DEVMEM: 'n', COMPAT_BRK: 'y', COMPAT_VDSO: 'y' },
    ],
    [
      '6.12.1',
      {
        STRICT_KERNEL_RWX: 'n',
        STRICT_MODULE_RWX: null,
        STACKPROTECTOR: null,
        DEFAULT_MMAP_MIN_ADDR: '4096',
      },
    ],
    ['6.12.1', { LSM: '"lockdown"', SERIAL_8250_RUNTIME_UARTS: '1', EXT4_FS: null, RD_GZIP: null }],
    ['6.12.1', { SECURITY_YAMA: null, SCSI: 'm', SCSI_VIRTIO: 'm', BLK_DEV_SD: 'm' }],
    ['5.12.1', { DEVKMEM: 'y' }],
    ['4.17.1', { STACKPROTECTOR: null }],
    ['4.9.1', { STRICT_KERNEL_RWX: null, STRICT_MODULE_RWX: null, STACKPROTECTOR: null }],
    ['3.10.1', { X86_64: null, X86_32: 'y', X86_PAE: 'n' }],
    ['3.6.1', {}],
  ])('of Linux %s with %j leaves nothing to fix', async (version, changes) => {
    const text = configOf(changes, version);
    const initramfs = { path: 'initrd', bytes: cpioOf({ name: 'init' }) };
    const fix = fixOf(await auditOf(text, { sysctl: [], initramfs }));

    const after = await auditOf(`${text}${fix.config}`, {
      sysctl: [{ path: 's', text: fix.sysctl }],
      initramfs,
    });

    expect(fixOf(after)).toEqual({ config: '', sysctl: '' });
    expect(after.failed).toBe(false);
  });

  test.each([
    ['6.12.1', 'STRICT_KERNEL_RWX', 'STRICT_KERNEL_RWX'],
    ['6.12.1', 'STACKPROTECTOR', 'STACKPROTECTOR'],
    ['4.17.1', 'STACKPROTECTOR', 'CC_STACKPROTECTOR_REGULAR'],
    ['3.13.1', 'STACKPROTECTOR', 'CC_STACKPROTECTOR'],
    ['4.9.1', 'STRICT_KERNEL_RWX', 'DEBUG_RODATA'],
  ])('uses the name of its version: in %s for %s %s', async (version, lacking, name) => {
    const { config } = fixOf(await auditOf(configOf({ [lacking]: null }, version)));

    expect(config).toContain(`\nCONFIG_${name}=y\n`);
  });

  test('says that a kernel is too old', async () => {
    const { config } = fixOf(await auditOf(configOf({ SCSI_VIRTIO: null }, '2.6.32')));

    expect(config).toContain('\n# CONFIG_SCSI_VIRTIO needs Linux 3.4\n');
  });

  test('leaves other security modules where they are', async () => {
    const { config } = fixOf(await auditOf(configOf({ LSM: '"lockdown,apparmor"' })));

    expect(config).toContain('\nCONFIG_LSM="lockdown,apparmor,yama"\n');
  });
});
