import { expect, test } from 'vitest';
import { qemuArguments } from './command-line.ts';

const GUEST = {
  kernel: 'bzImage',
  initrd: 'initrd',
  append: undefined,
  firmware: undefined,
  smp: undefined,
  more: [],
  ram: 256 << 20,
  devices: [{ bdf: 0x18, socket: '/tmp/a,b/scsi0' }],
  debug: '/tmp/a,b/firmware',
  rom: '/tmp/a,b/rom',
  endsWithParent: true,
};
/** The values of each option of that name. */
const valuesOf = (argv: readonly string[], name: string) =>
  argv.flatMap((value, at) => (argv[at - 1] === name ? [value] : []));

test('our device has the same address as in our machine, and its socket', () => {
  const [, device] = valuesOf(qemuArguments(GUEST), '-device');

  expect(JSON.parse(device!)).toEqual({
    driver: 'vfio-user-pci',
    addr: '03',
    socket: { type: 'unix', path: '/tmp/a,b/scsi0' },
  });
});

test('RAM is a file that QEMU can share', () => {
  const argv = qemuArguments(GUEST);

  expect(valuesOf(argv, '-object')).toEqual(['memory-backend-memfd,id=ram,size=268435456B,share=on']);
  expect([valuesOf(argv, '-machine'), valuesOf(argv, '-m')]).toEqual([
    ['pc,memory-backend=ram'],
    ['268435456B'],
  ]);
});

test('a kernel prints on the serial port unless its command line says otherwise', () => {
  expect(valuesOf(qemuArguments(GUEST), '-append')).toEqual(['console=ttyS0,115200']);
  expect(valuesOf(qemuArguments({ ...GUEST, append: 'quiet' }), '-append')).toEqual(['quiet']);
  expect(valuesOf(qemuArguments({ ...GUEST, kernel: undefined }), '-append')).toEqual([]);
});

test("a BIOS that boots a disk shows its screen on the serial port, and none before a kernel's output", () => {
  expect(valuesOf(qemuArguments({ ...GUEST, kernel: undefined }), '-machine')).toEqual([
    'pc,memory-backend=ram,graphics=off',
  ]);
  expect(valuesOf(qemuArguments(GUEST), '-machine')).toEqual(['pc,memory-backend=ram']);
});

test('has the requested number of CPUs', () => {
  expect(valuesOf(qemuArguments({ ...GUEST, smp: 4 }), '-smp')).toEqual(['4']);
  expect(qemuArguments(GUEST)).not.toContain('-smp');
});

test("the user's arguments come last, and an accelerator of theirs is the only one", () => {
  const argv = qemuArguments({ ...GUEST, more: ['-cpu', 'Haswell', '-accel', 'kvm'] });

  expect(argv.slice(-4)).toEqual(['-cpu', 'Haswell', '-accel', 'kvm']);
  expect([valuesOf(argv, '-accel'), valuesOf(qemuArguments(GUEST), '-accel')]).toEqual([['kvm'], ['tcg']]);
});

test('a comma in a path ends no option', () => {
  const argv = qemuArguments(GUEST);

  expect(valuesOf(argv, '-chardev')).toContain('file,id=firmware,path=/tmp/a,,b/firmware');
  expect(valuesOf(argv, '-option-rom')).toEqual(['/tmp/a,,b/rom']);
});

test('a QEMU that can ends with its parent; one that cannot is not asked to', () => {
  expect(valuesOf(qemuArguments(GUEST), '-run-with')).toEqual(['exit-with-parent=on']);
  expect(valuesOf(qemuArguments({ ...GUEST, endsWithParent: false }), '-run-with')).toEqual([]);
});
