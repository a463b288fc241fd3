import { execFileSync, spawnSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { guestrig } from '../../src/cli/rig.ts';
import { virtioScsiDriver } from '../../src/guest/index.ts';
import { gceN1, type Machine } from '../../src/index.ts';
import { workFolder } from './work-folder.ts';

const work = workFolder();
const SCRIPT = join(import.meta.dirname, '../../assets/capture.py');
const MACHINE_ID = '0123456789abcdef0123456789abcdef';
const MAC = '42:01:0a:80:00:02';
const LOG = `[    0.000000] SMBIOS 2.4 present.
[    0.000000] Hostname set to <my-instance>, ip=10.128.0.2, ${MAC}
[    0.010000] ACPI: PM-Timer IO Port: 0xb008
[    0.500000] scsi 0:0:1:0: Direct-Access     Google   PersistentDisk   1    PQ: 0 ANSI: 6
`;
let library = '';

beforeAll(() => {
  library = join(work, 'device.so');
  execFileSync('gcc', [
    '-shared',
    '-fPIC',
    '-O1',
    '-o',
    library,
    join(import.meta.dirname, 'sg-device/device.c'),
  ]);
});

/** A tree of files as Linux would show this machine, with the answers of its disk to each command of the script. */
function treeOf(name: string, changes: (root: string) => void = () => {}): string {
  const root = join(work, name);
  const machine = gceN1({ vcpus: 2, rng: true });
  const put = (path: string, content: string | Uint8Array) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  };
  for (const fn of machine.functions) {
    const { bdf, bars } = fn;
    const folder = `sys/bus/pci/devices/0000:00:${(bdf >> 3).toString(16).padStart(2, '0')}.${bdf & 7}`;
    put(
      `${folder}/config`,
      Uint8Array.from({ length: 256 }, (_, at) => fn.readConfig(at, 1)),
    );
    const rows = Array.from({ length: 6 }, (_, index) => {
      const bar = bars.find((one) => one.index === index);
      const begin = bar?.mapped ?? 0;
      return `0x${begin.toString(16)} 0x${(bar === undefined ? 0 : begin + bar.region.size - 1).toString(16)} 0x0`;
    });
    put(`${folder}/resource`, `${rows.join('\n')}\n`);
    const [io] = bars.filter(({ kind }) => kind === 'io');
    if (io !== undefined) put(`${folder}/resource0`, legacyRegisters(machine, io.mapped!, io.region.size));
  }
  for (const { name: table, bytes } of machine.chassis.tables)
    if (/^(FACP|DSDT|SSDT|APIC|WAET|SRAT|FACS)$/.test(table)) put(`sys/firmware/acpi/tables/${table}`, bytes);
  put('sys/firmware/dmi/tables/DMI', machine.chassis.tables.find((one) => one.name === 'DMI')!.bytes);
  put(
    'sys/firmware/dmi/tables/smbios_entry_point',
    machine.chassis.tables.find((one) => one.name === '_SM_')!.bytes,
  );
  put('sys/class/dmi/id/product_serial', 'GoogleCloud-8EBFB6FCE14327F972567743E80E23DE\n');
  put('sys/class/net/ens4/address', `${MAC}\n`);
  put('sys/bus/scsi/devices/0:0:1:0/block/sda/size', '0');
  put('etc/hostname', 'my-instance\n');
  put('etc/machine-id', `${MACHINE_ID}\n`);
  put('proc/cmdline', 'root=UUID=e6fe3fcb-2478-4e7e-8072-4ced46dceac5 console=ttyS0\n');
  put('kernel-log', LOG);
  put('dev/sda', '');
  ports(join(root, 'dev/port'), machine);
  answers(join(root, 'answers'), machine);
  changes(root);
  return root;
}

/** By the widths of the registers, as a driver finds them before MSI-X is on; in the place of the ISR another value. */
function legacyRegisters({ port }: Machine, base: number, size: number): Buffer {
  const bytes = Buffer.alloc(size, 0xee);
  for (const at of [0, 4, 8]) bytes.writeUInt32LE(port.in(base + at, 4) >>> 0, at);
  for (const at of [0x0c, 0x0e]) bytes.writeUInt16LE(port.in(base + at, 2), at);
  for (const at of [0x12, ...Array.from({ length: size - 0x14 }, (_, i) => 0x14 + i)])
    bytes[at] = port.in(base + at, 1);
  return bytes;
}

function ports(path: string, { port }: Machine): void {
  const fd = openSync(path, 'w');
  for (const at of [
    0x4d0,
    0x4d1,
    ...Array.from({ length: 0x40 }, (_, i) => 0xb000 + i),
    ...[0, 1, 2, 3].map((i) => 0xafe0 + i),
  ])
    writeSync(fd, Uint8Array.of(port.in(at, 1)), 0, 1, at);
  closeSync(fd);
}

function answers(folder: string, machine: Machine): void {
  mkdirSync(folder);
  const host = machine.attach(virtioScsiDriver);
  host.testUnitReady(1);
  const { items } = JSON.parse(execFileSync('python3', ['-c', COMMANDS, SCRIPT], { encoding: 'utf8' })) as {
    items: [string, string, number][];
  };
  for (const [name, cdb, length] of items) {
    const sent = { name, cdb: Buffer.from(cdb, 'hex'), ...(length > 0 ? { dataIn: length } : {}) };
    const { status, data, rawSense } = host.execute(1, 0, sent);
    writeFileSync(
      join(folder, `answer-${cdb}`),
      Buffer.concat([Buffer.of(status), status === 0 ? data : rawSense]),
    );
  }
}

/** The script's own table. */
const COMMANDS = `import importlib.util, json, sys
sys.dont_write_bytecode = True
spec = importlib.util.spec_from_file_location('capture', sys.argv[1])
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
print(json.dumps(dict(items=module.SCSI)))`;

function captured(root: string, ...argv: readonly string[]) {
  const out = join(root, 'capture.json');
  const env = { ...process.env, LD_PRELOAD: library, SG_DEVICE: join(root, 'answers') };
  const { status, stderr } = spawnSync('python3', [SCRIPT, '--root', root, '--out', out, ...argv], {
    env,
    encoding: 'utf8',
  });
  return { out, status, stderr };
}

interface Item {
  readonly name: string;
  readonly outcome: string;
  readonly said: string;
}

async function compared(file: string): Promise<{ status: number; of: (outcome: string) => Item[] }> {
  const { status, out, err } = await guestrig('compare', file, '--reporter', 'json');
  expect(err).toBe('');
  const { items } = JSON.parse(out) as { items: Item[] };
  return { status, of: (outcome) => items.filter((item) => item.outcome === outcome) };
}

describe("a capture of our own machine's files", () => {
  let file = '';
  let root = '';
  beforeAll(() => {
    root = treeOf('own');
    file = captured(root).out;
  });

  test('is equal in each item that is compared', async () => {
    const { status, of } = await compared(file);

    expect([...of('new'), ...of('known')]).toEqual([]);
    expect(status).toBe(0);
    expect(of('equal').length + of('masked-equal').length).toBeGreaterThan(90);
  });

  test('compares functions, registers, commands of the disk, tables, ports and the log', async () => {
    const { of } = await compared(file);
    const kinds = new Set(
      [...of('equal'), ...of('masked-equal')].map(({ name }) =>
        name.replace(/\/0000:.*\/|\/.*\//, '/').replace(/[/ ].*/, ''),
      ),
    );

    expect([...kinds].sort()).toEqual(['acpi', 'pci', 'port', 'scsi', 'smbios', 'text']);
  });

  test('makes the profile of a machine whose own capture is equal', async () => {
    const { out } = await guestrig('compare', file, '--profile');

    expect(JSON.parse(out)).toEqual({
      vcpus: 2,
      nics: [{}],
      disks: [{ bytes: 64 << 20, target: 1 }],
      rng: true,
    });
    expect(await guestrig('compare', file, '--options', writtenTo('options.json', out))).toMatchObject({
      status: 0,
    });
  });

  test('has no name of the machine in it, in any form', () => {
    const { items } = JSON.parse(readFileSync(file, 'utf8')) as {
      items: Record<string, { data?: string; encoding: string }>;
    };
    const raw = Buffer.concat(
      Object.values(items).map(({ data = '', encoding }) =>
        Buffer.from(data, encoding === 'text' ? 'utf8' : (encoding as BufferEncoding)),
      ),
    ).toString('latin1');

    expect(raw).not.toMatch(/my-instance|10\.128\.0\.2|42:01:0a:80|e6fe3fcb|8EBFB6FC|0123456789abcdef/i);
    expect(raw).not.toContain(Buffer.from(MAC.replaceAll(':', ''), 'hex').toString('latin1'));
    expect(raw).toContain('Hostname set to <xx-xxxxxxxx>');
  });

  test('is for its owner alone, and is not written over', () => {
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(captured(root)).toMatchObject({ status: 1, stderr: expect.stringContaining('FileExistsError') });
  });

  test('does not read the register that a read clears', () => {
    const { items } = JSON.parse(readFileSync(file, 'utf8')) as { items: Record<string, { width?: number }> };
    const covers = Object.entries(items).filter(([name, { width = 0 }]) => {
      const offset = /\/bar0\/([\da-f]+)$/.exec(name)?.[1];
      return (
        offset !== undefined &&
        Number.parseInt(offset, 16) <= 0x13 &&
        Number.parseInt(offset, 16) + width > 0x13
      );
    });

    expect(covers).toEqual([]);
    expect(Object.keys(items)).toContain('pci/0000:00:03.0/bar0/12');
  });
});

function writtenTo(name: string, content: string): string {
  const path = join(work, name);
  writeFileSync(path, content);
  return path;
}

function changedAt(path: string, at: number, byte: number): void {
  const fd = openSync(path, 'r+');
  writeSync(fd, Uint8Array.of(byte), 0, 1, at);
  closeSync(fd);
}

describe('a capture that differs', () => {
  test.each<[what: string, change: (root: string) => void, name: string, said: string]>([
    [
      'in the place of MSI-X',
      (root) => changedAt(join(root, 'sys/bus/pci/devices/0000:00:03.0/config'), 0x34, 0x98),
      'pci/0000:00:03.0/config',
      'at 34: 98 there, 40 here',
    ],
    [
      'in a feature of the adapter',
      (root) => changedAt(join(root, 'sys/bus/pci/devices/0000:00:03.0/resource0'), 3, 0x10),
      'pci/0000:00:03.0/bar0/00',
      'at 03: 10 there, 00 here',
    ],
    [
      'in the length of a base address',
      (root) => writeFileSync(join(root, 'sys/bus/pci/devices/0000:00:04.0/resource'), '0xc040 0xc05f 0x0\n'),
      'pci/0000:00:04.0/resource',
      'BAR 0: 32 bytes there, 64 here; BAR 1: 0 bytes there, 128 here',
    ],
    [
      "in a disk's page B0",
      (root) => changedAt(join(root, 'answers/answer-1201b000ff00'), 1 + 9, 0xff),
      'scsi/0:0:1:0/vpd-b0',
      'at 09: ff there, 00 here',
    ],
    [
      'in the sense of an unknown command',
      (root) => changedAt(join(root, 'answers/answer-c00000000000'), 1 + 12, 0x24),
      'scsi/0:0:1:0/wrong-opcode',
      'at 0c: 24 there, 20 here',
    ],
    [
      'in the OEM of a table',
      (root) => changedAt(join(root, 'sys/firmware/acpi/tables/WAET'), 10, 0x58),
      'acpi/WAET',
      'at 0a: 58 there, 47 here',
    ],
    [
      'in the port of the PM timer',
      (root) => writeFileSync(join(root, 'kernel-log'), '[    0.010000] ACPI: PM-Timer IO Port: 0x608\n'),
      'text line 1',
      'PM timer 608 there, PM timer b008 here',
    ],
  ])('%s is a new difference, and the only one', async (what, change, name, said) => {
    const { out } = captured(treeOf(what.replaceAll(/\W/g, '-'), change));

    const { status, of } = await compared(out);

    expect(of('new')).toEqual([{ name, outcome: 'new', said, reason: '' }]);
    expect(status).toBe(1);
  });
});

describe('the script', () => {
  test('prints its tables before it does anything', () => {
    const out = execFileSync('python3', [SCRIPT, '--plan'], { encoding: 'utf8' });

    expect(out).toMatch(/^legacy_virtio_bar0:\n {2}0x0 0x4\n/m);
    expect(out).toMatch(/^scsi:\n {2}test-unit-ready 000000000000 0x0\n/m);
  });

  test('sends no command that writes, starts, stops or formats', () => {
    const { items } = JSON.parse(execFileSync('python3', ['-c', COMMANDS, SCRIPT], { encoding: 'utf8' })) as {
      items: [string, string, number][];
    };
    const sent = [...new Set(items.map(([, cdb]) => cdb.slice(0, 2)))].sort();

    // TEST UNIT READY, INQUIRY, MODE SENSE, READ CAPACITY, LOG SENSE, SERVICE ACTION IN, REPORT LUNS, MAINTENANCE IN; C0 is nobody's.
    expect(sent).toEqual(['00', '12', '1a', '25', '4d', '5a', '9e', 'a0', 'a3', 'c0']);
  });

  test('writes nothing if a name of the machine would be left', () => {
    const root = treeOf('leaking', (at) => writeFileSync(join(at, 'etc/hostname'), 'kernel-log\n'));

    const { status, stderr, out } = captured(root);

    expect([status, stderr]).toEqual([
      1,
      expect.stringMatching(/^not written: a name of this machine is left in text\/kernel-log\n$/),
    ]);
    expect(existsSync(out)).toBe(false);
  });

  test('loses one item to a device that does not answer', () => {
    const root = treeOf('hanging', (at) => {
      execFileSync('rm', [join(at, 'proc/cmdline')]);
      execFileSync('mkfifo', [join(at, 'proc/cmdline')]);
    });

    const { out } = captured(root);

    const { items } = JSON.parse(readFileSync(out, 'utf8')) as { items: Record<string, { status: string }> };
    expect(items['text/proc/cmdline']!.status).not.toBe('timeout');
    expect(items['acpi/FACP']!.status).toBe('ok');
  });

  test('is what the command prints', async () => {
    expect((await guestrig('capture')).out).toBe(readFileSync(SCRIPT, 'utf8'));
  });
});
