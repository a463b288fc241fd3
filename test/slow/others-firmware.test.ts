import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { beforeAll, expect, test } from 'vitest';
import { run } from '../../src/cli/run.ts';
import { Random } from '../../src/core/random.ts';
import { newerQemu } from './newer-qemu.ts';
import { workFolder } from './work-folder.ts';

const OVMF = '/usr/share/ovmf/OVMF.fd';
const SHELL = '/usr/share/efi-shell-x64/shellx64.efi';
const U_BOOT = '/usr/lib/u-boot/qemu-x86_64/u-boot.rom';
const folder = workFolder();
const served = join(folder, 'served');
/** What is copied on the disk, and what comes by TFTP. */
const BIG = bytes(5_000_000);
const SOME = bytes(300_000);
let qemu: string;

beforeAll(() => {
  qemu = newerQemu();
  mkdirSync(served);
  writeFileSync(join(served, 'some.bin'), SOME);
}, 180_000);

function bytes(length: number): Buffer {
  const random = new Random(length);
  return Buffer.from(Array.from({ length }, () => random.below(256)));
}

function sumOf(data: Buffer): string {
  return crc32(data).toString(16).padStart(8, '0');
}

async function boot(firmware: string, ...argv: readonly string[]) {
  let [out, err] = ['', ''];
  const all = ['boot', '--on', `qemu:${qemu}`, '--firmware', firmware, '--net', 'gce', '--serve', served];
  const status = await run([...all, '--limit', '400s', '--reporter', 'json', ...argv], {
    out: (text) => (out += text),
    err: (text) => (err += text),
    color: false,
  });
  const broken = JSON.parse(out).verdicts.filter(({ outcome }: { outcome: string }) => outcome === 'fail');
  return { status, err, broken: broken.map(({ clause }: { clause: string }) => clause) };
}

function mtool(name: string, image: string, ...argv: readonly string[]): Buffer {
  return execFileSync(name, ['-i', image, ...argv], { maxBuffer: 1 << 24 });
}

/** A disk with one FAT file system, whose shell runs these commands and then turns the machine off. */
function shellDisk(name: string, commands: readonly string[]): string {
  const image = join(folder, name);
  const [script, big] = [join(folder, 'startup.nsh'), join(folder, 'big.bin')];
  writeFileSync(image, '');
  truncateSync(image, 40 << 20);
  writeFileSync(script, `${['fs0:', ...commands, 'reset -s'].join('\r\n')}\r\n`);
  writeFileSync(big, BIG);
  mtool('mformat', image, '-F', '::');
  mtool('mmd', image, '::/EFI', '::/EFI/BOOT');
  mtool('mcopy', image, SHELL, '::/EFI/BOOT/BOOTX64.EFI');
  mtool('mcopy', image, script, big, '::/');
  return image;
}

function bootShell(more: object) {
  const options = join(folder, 'options.json');
  // EDK II has no network without a source of random numbers.
  writeFileSync(options, JSON.stringify({ rng: true, ...more }));
  return boot(OVMF, '--options', options, '--write');
}

/** Faults of EDK II's drivers: it does not wait for a reset, and loads a program by one READ, which it halves when that is refused. */
const EDK = {
  legacy: ['scsi/TRANSFER-LENGTH', 'virtio/RESET-D1'],
  modern: ['scsi/TRANSFER-LENGTH', 'virtio/PCI-COMMON-D5'],
};

test('EDK II starts a program from our disk, copies a file there, and gets another by TFTP', async () => {
  const image = shellDisk('all.img', [
    ...['ifconfig -s eth0 dhcp', 'cp big.bin copy.bin', 'stall 4000000'],
    ...['ifconfig -l eth0', 'tftp 8.8.8.8 some.bin got.bin'],
  ]);

  const { broken, err } = await bootShell({ disks: [{ file: image, commands: 'all' }], virtio: 'modern' });

  expect(broken.sort()).toEqual(EDK.modern);
  expect(err).toContain('10.128.0.2');
  expect(mtool('mtype', image, '::/copy.bin').equals(BIG)).toBe(true);
  expect(mtool('mtype', image, '::/got.bin').equals(SOME)).toBe(true);
}, 480_000);

// Since 2021 it sets FUA in each WRITE that it waits for.
test('EDK II writes nothing to a disk that refuses FUA, as a PersistentDisk says that it does', async () => {
  const image = shellDisk('plain.img', ['cp startup.nsh copy.nsh']);
  const before = readFileSync(image);

  const { broken, err } = await bootShell({ disks: [{ file: image }] });

  expect(broken.sort()).toEqual(['scsi/DPOFUA', ...EDK.legacy]);
  expect(err).toContain('failed to open with create');
  expect(readFileSync(image).equals(before)).toBe(true);
}, 480_000);

// Its base address is above 4 GiB.
test('EDK II starts a program from an NVMe namespace of ours, and copies a file there', async () => {
  const image = shellDisk('nvme.img', ['cp big.bin copy.bin']);

  const { broken, err } = await bootShell({ disks: [], nvme: [{ namespaces: [{ file: image }] }] });

  expect(broken).toEqual(['virtio/RESET-D1']);
  expect(err).toContain('UEFI nvme_card-pd nvme_card-pd 1');
  expect(mtool('mtype', image, '::/copy.bin').equals(BIG)).toBe(true);
}, 480_000);

test.each([
  ['legacy', ['virtio/NET-FRAME-LEG-D1']],
  ['modern', []],
])(
  'U-Boot gets a lease, and a file by TFTP, through a %s function',
  async (virtio, more) => {
    const options = join(folder, 'u-boot.json');
    writeFileSync(options, JSON.stringify({ virtio }));
    const script = join(folder, 'u-boot.txt');
    const lines = [
      ...['expect "Hit any key"', 'send " "', 'expect "=> "'],
      ...[
        'send "virtio scan; setenv autoload no; dhcp\\n"',
        'expect "bound to address 10.128.0.2"',
        'expect "=> "',
      ],
      ...[
        'send "tftpboot 0x2000000 8.8.8.8:some.bin\\n"',
        'expect "Bytes transferred = 300000"',
        'expect "=> "',
      ],
      ...['send "crc32 0x2000000 493e0\\n"', `expect "==> ${sumOf(SOME)}"`, 'end'],
    ];
    writeFileSync(script, `${lines.join('\n')}\n`);

    const { broken, err } = await boot(U_BOOT, '--script', script, '--options', options);

    expect(err).not.toContain('did not come');
    // It sizes what is decoded, acknowledges a device before it resets it and not behind, and has the header in the frame's buffer.
    expect(broken).toEqual(['pci/BAR-DECODE', 'virtio/INIT-D1', 'virtio/INIT-D2', ...more]);
  },
  240_000,
);

test('U-Boot reads an NVMe namespace of ours', async () => {
  const [script, options, file] = ['nvme.txt', 'nvme.json', 'data.img'].map((name) => join(folder, name));
  const lines = [
    ...['expect "Hit any key"', 'send " "', 'expect "=> "'],
    ...['send "nvme scan; nvme read 0x2000000 0 0x800\\n"', 'expect "2048 blocks read: OK"', 'expect "=> "'],
    ...['send "crc32 0x2000000 0x100000\\n"', `expect "==> ${sumOf(BIG.subarray(0, 1 << 20))}"`, 'end'],
  ];
  writeFileSync(script!, `${lines.join('\n')}\n`);
  writeFileSync(file!, BIG.subarray(0, 2 << 20));
  writeFileSync(options!, JSON.stringify({ disks: [], nvme: [{ namespaces: [{ file }] }] }));

  const { broken, err } = await boot(U_BOOT, '--script', script!, '--options', options!);

  expect(err).not.toContain('did not come');
  // It leaves what was there in the parts of an entry that it does not use.
  expect(broken).toEqual(['pci/BAR-DECODE', 'nvme/SQE-RESERVED']);
}, 480_000);
