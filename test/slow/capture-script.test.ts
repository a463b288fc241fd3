import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { guestrig } from '../../src/cli/rig.ts';
import { inScript, MAC, SCRIPT, scsiCommands, treeAt } from './capture-tree.ts';
import { workFolder } from './work-folder.ts';

const work = workFolder();
const treeOf = (name: string, changes?: (root: string) => void) => treeAt(join(work, name), changes);
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
    const items = scsiCommands();
    const sent = [...new Set(items.map(([, cdb]) => cdb.slice(0, 2)))].sort();

    // TEST UNIT READY, INQUIRY, MODE SENSE, READ CAPACITY, LOG SENSE, SERVICE ACTION IN, REPORT LUNS, MAINTENANCE IN; C0 is no command.
    expect(sent).toEqual(['00', '12', '1a', '25', '4d', '5a', '9e', 'a0', 'a3', 'c0']);
  });

  test('asks for no NVMe feature that returns data, as it sends no buffer', () => {
    const commands =
      inScript<[name: string, opcode: number, ns: number, cdw10: number, bytes: number][]>(
        'said = module.NVME',
      );
    const features = commands.filter(([, opcode, , , bytes]) => opcode === 10 && bytes === 0);
    const asked = new Set(features.map(([, , , cdw10]) => cdw10 & 0xff));

    expect([0x03, 0x0c, 0x0d, 0x0e, 0x16].filter((fid) => asked.has(fid))).toEqual([]);
    expect(asked.size).toBe(14);
  });

  test.each([
    ['aarch64', []],
    ['x86_64', ['port/04d0', 'port/04d1']],
  ])('reads on a machine of %s the ports %j', (architecture, ports) => {
    const read = inScript(`
module.platform.machine = lambda: '${architecture}'
capture, said = module.Capture('/'), []
capture.item = lambda name, *rest: said.append(name)
capture.ports()`);

    expect(read).toEqual(ports);
  });

  test('does not take its own names of items for a name of the machine', () => {
    const root = treeOf('port', (at) => {
      writeFileSync(join(at, 'etc/hostname'), 'port\n');
      writeFileSync(join(at, 'sys/class/dmi/id/board_asset_tag'), '0000\n');
    });

    expect(captured(root)).toMatchObject({ status: 0, stderr: '' });
  });

  test('writes nothing if a name of the machine would be left', () => {
    const root = treeOf('leaking', (at) => writeFileSync(join(at, 'sys/class/net/ens4/mtu'), '1460\n'));
    writeFileSync(join(root, 'etc/hostname'), 'ens4\n');

    const { status, stderr, out } = captured(root);

    expect([status, stderr]).toEqual([
      1,
      expect.stringMatching(
        /^not written: a name of this machine is left in text\/sys\/class\/net\/ens4\/mtu\n$/,
      ),
    ]);
    expect(existsSync(out)).toBe(false);
  });

  test('opens its file before it reads anything', () => {
    const root = treeOf('existing', (at) => {
      writeFileSync(join(at, 'sys/class/net/ens4/mtu'), '1460\n');
      writeFileSync(join(at, 'etc/hostname'), 'ens4\n');
      writeFileSync(join(at, 'capture.json'), 'mine');
    });

    const { stderr, out } = captured(root);

    expect(stderr).toContain('FileExistsError');
    expect(readFileSync(out, 'utf8')).toBe('mine');
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
