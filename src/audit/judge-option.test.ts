import { describe, expect, test } from 'vitest';
import { auditOf, configOf, lineOf } from './rig.ts';
import { verdictText } from './verdict.ts';

const verdictOf = async (name: string, changes: Record<string, string | null>, version?: string) =>
  lineOf(await auditOf(configOf(changes, version)), name).verdict;
const said = async (...args: Parameters<typeof verdictOf>) => verdictText(await verdictOf(...args));

describe('a line about an option', () => {
  test('is judged with its place', async () => {
    expect(await verdictOf('PCI_MSI', { PCI_MSI: 'n' })).toEqual({
      kind: 'contradicts',
      at: { file: 'config', line: 10, text: '# CONFIG_PCI_MSI is not set', value: 'n' },
      why: 'it is not set',
    });
  });

  test('holds in every line of a good kernel', async () => {
    const { lines, failed } = await auditOf(configOf());
    const kinds = new Set(lines.map(({ verdict }) => verdict.kind));

    expect([failed, [...kinds]]).toEqual([false, ['satisfied', 'successor', 'not applicable']]);
  });

  test.each([
    ['65535', 'contradicts'],
    ['65536', 'satisfied'],
    ['131072', 'satisfied'],
    ['"64K"', 'contradicts'],
  ])('wants a number or more: %s', async (DEFAULT_MMAP_MIN_ADDR, verdict) => {
    expect(await said('DEFAULT_MMAP_MIN_ADDR', { DEFAULT_MMAP_MIN_ADDR })).toBe(verdict);
  });

  test.each([
    ['5.12.0', { DEVKMEM: 'y' }, 'contradicts'],
    ['5.12.0', { DEVKMEM: 'n' }, 'satisfied'],
    ['5.13.0', {}, 'satisfied'],
  ])('requires DEVKMEM to be off, in %s with %j', async (version, changes, verdict) => {
    expect(await said('DEVKMEM', changes, version)).toBe(verdict);
  });

  test('says that an option was removed', async () => {
    expect(await verdictOf('DEVKMEM', {}, '5.13.0')).toMatchObject({ note: 'removed in 5.13' });
  });

  test.each([
    ['3.13.0', { CC_STACKPROTECTOR: 'y' }, 'satisfied'],
    [
      '3.14.0',
      { CC_STACKPROTECTOR_STRONG: 'y' },
      'satisfied by successor CC_STACKPROTECTOR_STRONG since 3.14',
    ],
    ['3.14.0', { CC_STACKPROTECTOR_REGULAR: 'n' }, 'contradicts'],
    ['4.17.0', { CC_STACKPROTECTOR_AUTO: 'y' }, 'satisfied by successor CC_STACKPROTECTOR_AUTO since 4.16'],
    ['4.18.0', { STACKPROTECTOR: 'y' }, 'satisfied by successor STACKPROTECTOR since 4.18'],
    ['4.18.0', { STACKPROTECTOR: 'n' }, 'contradicts'],
    ['4.18.0', {}, 'missing'],
  ])('follows the stack protector through its names: %s with %j', async (version, changes, verdict) => {
    expect(await said('CC_STACKPROTECTOR', { STACKPROTECTOR: null, ...changes }, version)).toBe(verdict);
  });

  test.each([
    ['3.6.9', 'missing'],
    ['3.7.0', 'satisfied by successor KVM_GUEST since 3.7'],
  ])('accepts KVM_GUEST for KVM_CLOCK from 3.7 on: %s', async (version, verdict) => {
    expect(await said('KVM_CLOCK', {}, version)).toBe(verdict);
  });

  test.each([
    ['3.3.0', 'SCSI_VIRTIO', 'missing'],
    ['3.3.0', 'SECURITY_YAMA', 'not applicable (in Linux since 3.4, this is 3.3.0)'],
    ['3.4.0', 'SECURITY_YAMA', 'missing'],
  ])('of Linux %s that is too old for %s', async (version, option, verdict) => {
    expect(await said(option, { [option]: null }, version)).toBe(verdict);
  });

  test('that a distribution backported counts', async () => {
    expect(await said('SCSI_VIRTIO', {}, '2.6.32')).toBe('satisfied');
  });

  test.each([
    ['MODULES', 'DEBUG_SET_MODULE_RONX', 'a kernel without MODULES loads none'],
    ['DEVMEM', 'STRICT_DEVMEM', 'without DEVMEM there is no /dev/mem'],
  ])('without %s has no effect: %s', async (needed, option, why) => {
    expect(await said(option, { [needed]: 'n' })).toBe(`not applicable (${why})`);
  });

  test.each([
    ['KVM_GUEST', 'not applicable (the line is for x86_64 and i386, this is arm64)'],
    ['COMPAT_VDSO', 'not applicable (the line is for x86_64 and i386, this is arm64)'],
    ['X86_PAE', 'not applicable (the line is for i386, this is arm64)'],
    ['VIRTIO_NET', 'satisfied'],
  ])('on arm64: %s', async (option, verdict) => {
    expect(await said(option, { X86_64: null, ARM64: 'y', COMPAT_VDSO: 'y' })).toBe(verdict);
  });
});

describe('Yama', () => {
  test.each([
    ['5.1.0', '"yama"', 'satisfied'],
    ['5.1.0', '"lockdown,yama,selinux"', 'satisfied'],
    ['5.1.0', '"lockdown,yamato"', 'contradicts'],
    ['5.1.0', null, 'missing'],
    ['5.0.0', null, 'satisfied'],
  ])('that is built starts in %s with the list %s: %s', async (version, LSM, verdict) => {
    expect(await said('SECURITY_YAMA', { LSM }, version)).toBe(verdict);
  });

  test('that is built and not listed is reported at the list', async () => {
    const verdict = await verdictOf('SECURITY_YAMA_STACKED', { LSM: '"lockdown"' });

    expect(verdict).toMatchObject({ kind: 'contradicts', at: { text: 'CONFIG_LSM="lockdown"' } });
  });
});
