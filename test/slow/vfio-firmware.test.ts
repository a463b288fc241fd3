import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { run } from '../../src/cli/run.ts';
import { newerQemu } from './newer-qemu.ts';
import { workFolder } from './work-folder.ts';

const folder = workFolder();
let qemu: string;
beforeAll(() => {
  qemu = newerQemu();
}, 180_000);

/** 16-bit code: `mov dx, port`, then EAX or AX. */
const dx = (port: number) => [0xba, port & 0xff, port >> 8];
const outl = (port: number, value: number) => [
  ...dx(port),
  ...[0x66, 0xb8, ...new Uint8Array(new Uint32Array([value]).buffer), 0x66, 0xef],
];
const address = (bdf: number, register: number) => outl(0xcf8, (0x8000_0000 | (bdf << 8) | register) >>> 0);
/** QEMU's power button: SLP_EN with SLP_TYP 0. */
const OFF = [...dx(0x604), 0xb8, 0x00, 0x20, 0xef, 0xf4];
/** `mov ax, 0201h; mov cx, 1; mov dx, 80h; mov bx, 8000h; int 13h`: reads the first sector again. */
const READ = [0xb8, 0x01, 0x02, 0xb9, 0x01, 0x00, 0xba, 0x80, 0x00, 0xbb, 0x00, 0x80, 0xcd, 0x13];
const SCSI = 0x18;
const NIC = 0x20;
/** Sizes base address 0 while its decoding is on, and puts back what was there: mov ebx, eax; …; mov eax, ebx. */
const SIZES = [
  ...[...address(SCSI, 0x10), ...dx(0xcfc), 0x66, 0xed, 0x66, 0x89, 0xc3],
  ...[...outl(0xcfc, 0xffff_ffff), 0x66, 0x89, 0xd8, 0x66, 0xef],
];
/** Prints AL as two digits between `0` and `?`: Command of the NIC, low byte. */
const PRINTS_COMMAND = [
  ...[...address(NIC, 4), ...dx(0xcfc), 0xed, 0x88, 0xc1],
  ...[...dx(0x3f8), 0xc0, 0xe8, 0x04, 0x04, 0x30, 0xee, 0x88, 0xc8, 0x24, 0x0f, 0x04, 0x30, 0xee],
];

function disk(name: string, code: readonly number[]): string {
  const image = Buffer.alloc(1 << 20);
  // Segments are 0: xor ax, ax; mov ds, ax; mov es, ax.
  image.set([0x31, 0xc0, 0x8e, 0xd8, 0x8e, 0xc0, ...code]);
  image.set([0x55, 0xaa], 510);
  const file = join(folder, name);
  writeFileSync(file, image);
  return file;
}

async function guestrig(argv: readonly string[], heard: (line: string) => void = () => {}) {
  let [out, err] = ['', ''];
  const status = await run([...argv, '--reporter', 'json'], {
    out: (text) => (out += text),
    err: (text) => {
      err += text;
      heard(text);
    },
    color: false,
  });
  const report = JSON.parse(out);
  const broken = report.verdicts.filter(({ outcome }: { outcome: string }) => outcome === 'fail');
  return {
    status,
    err,
    broken: broken.map(({ clause }: { clause: string }) => clause),
    firmware: new Set(report.firmware.map(({ clause }: { clause: string }) => clause)),
  };
}

const boot = (image: string) =>
  guestrig(['boot', '--on', `qemu:${qemu}`, '--disk', image, '--limit', '120s']);

/** Serves a QEMU that this test starts. */
async function served(image: string, ringSize: number) {
  const [socket, options] = [join(folder, `socket${ringSize}`), join(folder, 'options.json')];
  writeFileSync(options, JSON.stringify({ scsi: { ringSize } }));
  const device = { driver: 'vfio-user-pci', addr: '03', socket: { type: 'unix', path: socket } };
  let child: ReturnType<typeof spawn> | null = null;
  const report = await guestrig(
    ['serve', 'vfio-user', '--device', 'scsi', '--disk', image, '--socket', socket, '--options', options],
    () => {
      child ??= spawn(
        qemu,
        [
          ...[
            '-nodefaults',
            '-display',
            'none',
            '-machine',
            'pc,memory-backend=ram,graphics=off',
            '-m',
            '256M',
          ],
          ...['-object', 'memory-backend-memfd,id=ram,size=256M,share=on', '-boot', 'reboot-timeout=0'],
          ...['-no-reboot', '-device', JSON.stringify(device)],
        ],
        { stdio: 'ignore' },
      );
    },
  );
  if (child !== null && (child as ReturnType<typeof spawn>).exitCode === null) await once(child, 'exit');
  return report;
}

/** The faults of SeaBIOS's driver, behind the legacy interface. */
const SEABIOS = new Set(['virtio/RESET-D1', 'virtio/INIT-D4']);

test('a boot sector that asks SeaBIOS for blocks breaks nothing, and finds bus mastering on for the NIC', async () => {
  const { status, broken, firmware, err } = await boot(disk('good', [...READ, ...PRINTS_COMMAND, ...OFF]));

  expect([status, broken, firmware]).toEqual([0, [], SEABIOS]);
  expect(err).toMatch(/Hard Disk\.*\s*07/);
}, 150_000);

test('its accesses to configuration space are its own, before any reset of the adapter', async () => {
  const { status, broken, firmware } = await boot(disk('bad', [...READ, ...SIZES, ...READ, ...OFF]));

  expect([status, broken, firmware]).toEqual([1, ['pci/BAR-DECODE'], SEABIOS]);
}, 150_000);

test('so are they if only the adapter is served', async () => {
  const good = await served(disk('good', [...READ, ...OFF]), 256);
  const bad = await served(disk('bad', [...READ, ...SIZES, ...READ, ...OFF]), 128);

  expect([good.status, good.broken, good.firmware]).toEqual([0, [], SEABIOS]);
  expect([bad.status, bad.broken, bad.firmware]).toEqual([1, ['pci/BAR-DECODE'], SEABIOS]);
}, 150_000);

test('a ring that is too large for SeaBIOS is reported, and giving the adapter up is no breach', async () => {
  const { status, broken, err } = await served(disk('large', OFF), 512);

  expect([status, broken]).toEqual([0, []]);
  expect(err).toContain('SeaBIOS takes queues of up to 256 entries, and scsi.ringSize is 512');
}, 150_000);
