import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  assignBars,
  attachAll,
  enumerate,
  type FoundFunction,
  MsixDriver,
  routeLines,
  virtioRng,
} from '../../guest/index.ts';
import { QemuPort } from './port.ts';
import { ourselves, passesForQemu } from './rig.ts';

/** A process that ended and was not waited for has no command line any more. */
const isRunning = (pid: string) =>
  existsSync(`/proc/${pid}`) && readFileSync(`/proc/${pid}/cmdline`).length > 0;

const WINDOWS = {
  io: { base: 0xc000, end: 0x1_0000 },
  memory: { base: 0xe000_0000, end: 0xf000_0000 },
};

describe('drivers on a stand-in for QEMU', () => {
  const binary = ourselves();
  let port: QemuPort;
  let functions: readonly FoundFunction[];

  beforeAll(() => {
    port = QemuPort.start({ binary, arguments: ['-device', 'virtio-rng-pci,addr=06.0'] });
    functions = assignBars(port, enumerate(port), WINDOWS);
    routeLines(port, functions, [10, 10, 11, 11]);
    functions = enumerate(port);
  }, 30_000);
  afterAll(() => port.close());

  test.each(['polled', 'intx', 'msix'] as const)('have their bytes, %s', (interrupts) => {
    const [rng] = attachAll(port, functions, virtioRng({ interrupts }));

    const bytes = rng!.read(64);
    rng!.close();

    expect(new Set(bytes).size).toBeGreaterThan(16);
  });

  test('read back from the MSI-X table what they wrote', () => {
    const { bdf } = functions.find(({ msixVectors }) => msixVectors > 0)!;
    port.out(0xcf8, 0x8000_0000 | (bdf << 8) | 4, 4);
    port.out(0xcfc, 2, 2);
    const table = functions.find((fn) => fn.bdf === bdf)!.bars.find(({ kind }) => kind !== 'io')!.address;

    MsixDriver.of(port, bdf)!.route(0, { address: 0xfee0_1000, data: 0x41 });

    expect([0, 4, 8].map((at) => port.read(table + at, 4))).toEqual([0xfee0_1000, 0, 0x41]);
  });

  test('find CONFADD as they left it, despite the searches meanwhile', () => {
    port.out(0xcf8, 0x8000_3004, 4);
    port.out(0xcfc, 7, 2);
    port.write(0xe800_0000, 1, 4);

    expect(port.in(0xcf8, 4)).toBe(0x8000_3004);
  });

  test('have time that advances by their accesses, and by their waits', () => {
    const begin = port.now();
    port.in(0x80, 1);
    const after = port.now();
    const came = port.wait(() => false, 1_000_000);

    expect([after - begin, came]).toEqual([1000, false]);
    expect(port.now() - after).toBeGreaterThanOrEqual(1_000_000);
    expect(port.now() - after).toBeLessThan(1_100_000);
  });

  test('have separate RAM, zeroed each time', () => {
    const [one, two] = [port.allocate(100, 64), port.allocate(5000, 4096)];
    const pattern = Uint8Array.from({ length: 40_000 }, (_, i) => i * 7);
    const many = port.allocate(pattern.length, 1);
    port.memory.write(many, pattern);
    const copy = new Uint8Array(pattern.length);
    port.memory.read(many, copy);
    port.release(many);

    const again = port.allocate(pattern.length, 1);

    const areApart = one + 100 <= two || two + 5000 <= one;
    expect([two % 4096, areApart, again, port.memory.load(again, 4)]).toEqual([0, true, many, 0]);
    expect(copy).toEqual(pattern);
  });
});

describe('a QEMU', () => {
  test('that does not start is reported in one line, its own', () => {
    const binary = passesForQemu('echo "qemu: no such device" >&2; exit 1');

    expect(() => QemuPort.start({ binary, arguments: [] })).toThrow(
      `qemu: ${binary} does not start: qemu: no such device`,
    );
  });

  test('that ends while in use is reported at the next access', () => {
    const binary = passesForQemu('read a <&4; echo OK >&3; read a <&4; echo OK >&3');
    const port = QemuPort.start({ binary, arguments: [] });

    expect(() => port.in(0x80, 1)).toThrow(/QEMU/);
    port.close();
  });

  test('that refuses a command makes the command fail', () => {
    const binary = passesForQemu(
      'read a <&4; echo OK >&3; read a <&4; echo OK >&3; read a <&4; echo FAIL no >&3; read a <&4',
    );
    const port = QemuPort.start({ binary, arguments: [] });

    expect(() => port.in(0x80, 1)).toThrow('qtest: inb 128 is refused');
    port.close();
  });

  test('ends with its parent, however that ended', async () => {
    const qemu = passesForQemu('echo $$ >"$0.pid"; read a <&4; echo OK >&3; exec sleep 100');
    const code = `import { QemuPort } from '${resolve('src/hosts/qemu/index.ts')}';
      QemuPort.start({ binary: '${qemu}', arguments: [], interrupts: false });
      process.kill(process.pid, 'SIGKILL');`;
    writeFileSync(`${qemu}.mts`, code);

    const { signal } = spawnSync(process.execPath, ['--import', 'tsx', `${qemu}.mts`]);

    const pid = readFileSync(`${qemu}.pid`, 'utf8').trim();
    expect(signal).toBe('SIGKILL');
    await expect.poll(() => isRunning(pid)).toBe(false);
  });

  test('takes no interrupts when started without them', () => {
    const binary = passesForQemu('read a <&4; echo OK >&3; read a <&4');
    const port = QemuPort.start({ binary, arguments: [], interrupts: false });

    expect(() => port.handle(32, () => {})).toThrow('handle: this port takes no interrupts');
    port.close();
  });
});
