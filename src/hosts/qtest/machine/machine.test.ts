import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { QtestRig } from '../rig.ts';

const UNIT = 0x1_0000;
let folder: string;
let firmware: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'guestrig-rom-'));
  firmware = join(folder, 'fw.bin');
  writeFileSync(firmware, new Uint8Array(UNIT).fill(0x11).fill(0x22, UNIT - 2));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('a firmware', () => {
  test('ends at 4 GiB and at 1 MiB, and is read-only', () => {
    const rig = new QtestRig(`-bios ${firmware}`);

    expect(
      rig.ask(
        'writeb 0xffff0000 0',
        'read 0xfffffffd 3',
        'read 0xffffd 3',
        'readb 0xffff0000',
        'readb 0xeffff',
      ),
    ).toEqual(['OK', 'OK 0x112222', 'OK 0x112222', 'OK 0x0000000000000011', 'OK 0x00000000000000ff']);
  });

  test('of a wrong size is refused in one line', () => {
    writeFileSync(join(folder, 'odd.bin'), new Uint8Array(100));

    expect(() => new QtestRig(`-bios ${folder}/odd.bin`)).toThrow(
      '-bios must be a multiple of 64 KiB, up to 16 MiB; got 100',
    );
    expect(() => new QtestRig('-bios /nowhere/at.all')).toThrow(/^-bios: no such file$/);
  });
});

test('RAM is what fw_cfg says', () => {
  const rig = new QtestRig('-m 256');
  rig.ask('outw 0x510 3');

  expect(rig.ask(...Array(8).fill('inb 0x511'))).toEqual([
    ...Array(3).fill('OK 0x0000'),
    'OK 0x0010',
    ...Array(4).fill('OK 0x0000'),
  ]);
});

test('RAM goes on at 4 GiB where there is much of it', () => {
  const rig = new QtestRig('-m 3584');
  rig.ask('writel 0x11ffffffc 7');

  expect(rig.ask('readl 0x11ffffffc', 'readl 0x120000000', 'readl 0xbffffffc')).toEqual([
    'OK 0x0000000000000007',
    'OK 0x00000000ffffffff',
    'OK 0x0000000000000000',
  ]);
});

test('time advances by the clock commands only', () => {
  const rig = new QtestRig();
  rig.ask('inb 0x70', 'inb 0x70');

  expect(rig.ask('clock_step 10')).toEqual(['OK 10']);
});

test('but a byte leaves a serial port at once', () => {
  const rig = new QtestRig();

  expect(
    rig.ask('outb 0x3fb 0x83', 'outb 0x3f8 1', 'outb 0x3fb 3', 'outb 0x3f8 0x41', 'inb 0x3fd').at(-1),
  ).toBe('OK 0x0060');
  expect(rig.server.machine.serial[0]!.text).toBe('A');
});

describe('virtio devices show', () => {
  const revisionOf = (rig: QtestRig) => rig.server.machine.virtio.map((one) => one.interfaces);

  test.each([
    ['-device virtio-rng-pci', [['legacy', 'modern']]],
    ['-device virtio-rng-pci,disable-modern=on', [['legacy']]],
    ['-device virtio-rng-pci,disable-legacy=on', [['modern']]],
    ['-device virtio-rng-pci-non-transitional', [['modern']]],
    ['-M gce-n1 -device virtio-rng-pci', [['legacy']]],
    ['-M gce-n1 -device virtio-rng-pci-transitional', [['legacy', 'modern']]],
  ])('the interface of %s', (text, interfaces) => {
    expect(revisionOf(new QtestRig(text))).toEqual(interfaces);
  });

  test('the same interface, all of them', () => {
    expect(() => new QtestRig('-device virtio-rng-pci,disable-modern=on -device virtio-net-pci')).toThrow(
      'all virtio devices of a machine show the same',
    );
  });
});

test('what is not modelled is refused in one line', () => {
  expect(() => new QtestRig('-device e1000')).toThrow(
    'device must be one of virtio-scsi-pci, virtio-net-pci, virtio-balloon-pci, virtio-rng-pci, scsi-hd, scsi-disk, scsi-cd, isa-serial; got "e1000"',
  );
});

test('a disk without an adapter is refused in one line', () => {
  expect(() => new QtestRig('-drive id=d,file=null-co:// -device scsi-hd,drive=d')).toThrow(
    'scsi-hd must be a device behind a -device virtio-scsi-pci, and there is none; got "no adapter"',
  );
});

test('options of the machine override the command line', () => {
  const rig = new QtestRig('-device virtio-net-pci', { accessTime: 1000, seed: 7, nics: [{}] });
  rig.ask('inb 0x70');

  expect([rig.server.machine.now, rig.server.machine.seed, rig.server.machine.nics.length]).toEqual([
    1000, 7, 2,
  ]);
});

test('the judge sees what a client does wrong', () => {
  const rig = new QtestRig('', { serial: { pace: 'baud' } });
  // Eight bits at 115200, and two bytes for a transmitter without a FIFO.
  rig.ask('outb 0x3fb 0x83', 'outb 0x3f8 1', 'outb 0x3fb 3', 'outb 0x3f8 0x41', 'outb 0x3f8 0x42');

  expect(rig.server.machine.findings.map(({ clause }) => clause)).toEqual(['uart/THR-FULL']);
});
