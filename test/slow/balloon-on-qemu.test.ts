import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  assignBars,
  attachAll,
  type BalloonDriver,
  enumerate,
  virtioBalloon,
} from '../../src/guest/index.ts';
import { QemuPort } from '../../src/hosts/qemu/index.ts';

const SECOND = 1_000_000_000;
const present = spawnSync('qemu-system-x86_64', ['--version']).status === 0;

/** QEMU's monitor over two FIFOs: a command, and its answer up to the next prompt. */
class Monitor {
  readonly options: readonly string[];
  private readonly folder = mkdtempSync(join(tmpdir(), 'guestrig-monitor-'));
  private fds: readonly [to: number, from: number] | null = null;

  constructor() {
    execFileSync('mkfifo', [join(this.folder, 'm.in'), join(this.folder, 'm.out')]);
    this.options = [
      '-chardev',
      `pipe,id=m,path=${join(this.folder, 'm')}`,
      '-mon',
      'chardev=m,mode=readline',
    ];
  }

  ask(command: string): string {
    const [to, from] = (this.fds ??= [
      openSync(join(this.folder, 'm.in'), 'w'),
      openSync(join(this.folder, 'm.out'), 'r'),
    ]);
    writeSync(to, `${command}\n\n`);
    const buffer = Buffer.alloc(4096);
    let said = '';
    // The empty line after the command makes a second prompt, behind the answer.
    while (!/\(qemu\) \r?\n\(qemu\) $/.test(said))
      said += buffer.toString('latin1', 0, readSync(from, buffer));
    return said;
  }

  close(): void {
    for (const fd of this.fds ?? []) closeSync(fd);
    rmSync(this.folder, { recursive: true });
  }
}

/** The reference driver with a balloon by others. QEMU has 128 MiB, and its monitor makes the requests. */
describe.skipIf(!present).each([
  ['legacy', 'disable-modern=on'],
  ['modern', 'disable-legacy=on,disable-modern=off'],
])('the balloon driver on QEMU, %s', (_interface, options) => {
  let monitor: Monitor;
  let port: QemuPort;
  let balloon: BalloonDriver;

  beforeAll(() => {
    monitor = new Monitor();
    port = QemuPort.start({
      arguments: [
        ...['-machine', 'pc,usb=off,sata=off,vmport=off,graphics=off,hpet=off,smbus=off'],
        ...['-device', `virtio-balloon-pci,id=balloon0,addr=04.0,${options}`],
        ...monitor.options,
      ],
    });
    const functions = assignBars(port, enumerate(port), {
      io: { base: 0xc000, end: 0x1_0000 },
      memory: { base: 0xe000_0000, end: 0xf000_0000 },
    });
    const driver = virtioBalloon({ interrupts: 'polled', stats: () => ({ MEMTOT: 0x1_0000_0002n }) });
    [balloon] = attachAll(port, functions, driver) as [BalloonDriver];
  });

  afterAll(() => {
    port.close();
    monitor.close();
  });

  test('gives the requested pages, and takes them back', () => {
    // 126 of 128 MiB: 512 pages, which are two requests.
    monitor.ask('balloon 126');
    port.wait(() => balloon.target > 0, SECOND);
    const inside = balloon.follow();
    const given = monitor.ask('info balloon');
    monitor.ask('balloon 128');
    port.wait(() => balloon.target === 0, SECOND);
    const left = balloon.follow();

    expect([inside, left]).toEqual([512, 0]);
    expect([given, monitor.ask('info balloon')]).toEqual([
      expect.stringContaining('actual=126'),
      expect.stringContaining('actual=128'),
    ]);
  });

  test('sends statistics on request', () => {
    monitor.ask('qom-set /machine/peripheral/balloon0 guest-stats-polling-interval 1');

    const asked = balloon.answer(5 * SECOND);

    expect(asked).toBe(true);
    expect(monitor.ask('qom-get /machine/peripheral/balloon0 guest-stats')).toMatch(
      /"stat-total-memory": 4294967298\b/,
    );
  });
});
