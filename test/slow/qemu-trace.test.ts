import { spawnSync } from 'node:child_process';
import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { guestrig } from '../../src/cli/rig.ts';
import { workFolder } from './work-folder.ts';

const present = spawnSync('qemu-system-x86_64', ['--version']).status === 0;
const folder = workFolder();
/** A program that should end by itself hangs after this time. */
const SECONDS = '120';
/** mov dx, 0x501; out dx, al: QEMU's device for tests ends it. */
const BOOT_SECTOR = [0xba, 0x01, 0x05, 0xee];

/** Runs SeaBIOS with virtio functions of one interface, until it has booted a sector. */
function trace(path: string, manner: string): void {
  const [disk, boot] = [join(folder, 'disk.img'), join(folder, 'boot.img')];
  const sector = Buffer.alloc(512);
  sector.set(BOOT_SECTOR);
  sector.set([0x55, 0xaa], 510);
  writeFileSync(boot, sector);
  writeFileSync(disk, '');
  for (const image of [disk, boot]) truncateSync(image, 1 << 20);
  const devices = [
    'isa-debug-exit,iobase=0x501,iosize=1',
    'virtio-scsi-pci,id=s',
    'scsi-hd,bus=s.0,drive=d',
    'virtio-net-pci,romfile=',
    'virtio-rng-pci',
  ];
  const argv = devices.flatMap((device) => [
    '-device',
    device.startsWith('virtio') ? `${device},${manner}` : device,
  ]);
  const events = ['virtio_*', 'virtqueue_*', 'pci_cfg_*', 'memory_region_ops_*'].flatMap((one) => [
    '-trace',
    one,
  ]);
  const machine = ['-nodefaults', '-no-user-config', '-accel', 'tcg', '-display', 'none', '-m', '64'];
  const drives = [`if=none,id=d,file=${disk}`, `if=ide,file=${boot}`].flatMap((one) => [
    '-drive',
    `format=raw,${one}`,
  ]);
  spawnSync('timeout', [
    SECONDS,
    'qemu-system-x86_64',
    ...machine,
    ...drives,
    ...argv,
    ...events,
    '-D',
    path,
  ]);
}

describe.skipIf(!present)("SeaBIOS in a trace of QEMU's", () => {
  const [legacy, modern] = [join(folder, 'legacy.log'), join(folder, 'modern.log')];

  beforeAll(() => {
    trace(legacy, 'disable-modern=on');
    trace(modern, 'disable-legacy=on,disable-modern=off');
  });

  test.each([
    // It does not read the status back after a reset: a SHOULD of the legacy interface, and a MUST of the modern one.
    ['legacy', legacy, ['virtio/RESET-D1']],
    ['modern', modern, ['virtio/RESET-D1', 'virtio/PCI-COMMON-D5']],
  ])('gets exactly its findings by the %s interface', async (_interface, path, clauses) => {
    const { out } = await guestrig('judge-log', path, '--reporter', 'json');
    const { log, verdicts } = JSON.parse(out);
    const broken = verdicts.filter(
      ({ outcome, findings }: { outcome: string; findings: { severity: string }[] }) =>
        outcome === 'fail' && findings.some(({ severity }) => severity !== 'note'),
    );

    expect(broken.map(({ clause }: { clause: string }) => clause)).toEqual(clauses);
    expect([log.form, log.damagedTotal]).toEqual(['qemu', 0]);
    expect(log.accesses).toBeGreaterThan(1000);
  });

  test('reaches the rules of registers', async () => {
    const { out } = await guestrig('judge-log', legacy, '--reporter', 'json');
    const met = JSON.parse(out).verdicts.filter(({ outcome }: { outcome: string }) => outcome === 'pass');

    expect(met.map(({ clause }: { clause: string }) => clause)).toEqual(
      expect.arrayContaining(['virtio/INIT-D1', 'virtio/INIT-D2', 'virtio/PCI-LAYOUT-D1', 'pci/BAR-RESTORE']),
    );
  });

  test('is judged up to its end if it is cut in the middle of a line', async () => {
    const cut = join(folder, 'cut.log');
    const text = readFileSync(legacy, 'latin1');
    writeFileSync(cut, text.slice(0, text.lastIndexOf("name 'virtio-pci'") + 3));

    const { out } = await guestrig('judge-log', cut, '--reporter', 'json');

    expect(JSON.parse(out).log.damagedTotal).toBe(1);
  });
});
