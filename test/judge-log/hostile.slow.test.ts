import fs, { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { guestrig } from '../../src/cli/rig.ts';
import { LogLines } from '../../src/hosts/log/log-lines.ts';
import { recordMachine } from '../../src/hosts/log/record/record.ts';
import { replayRecording } from '../../src/hosts/log/replay-recording.ts';
import { FileMedium, gceN1, type Machine, type MachineOptions, MemoryMedium } from '../../src/index.ts';
import { JsonLines } from '../../src/trace/index.ts';
import { replayed } from './recorded.ts';

const HEADER = { at: 0, kind: 'machine', format: 2, profile: 'gce-n1', accessTime: 1000, sight: 'accesses' };
const LINE = {
  profile: 'qemu-pc',
  memory: 128 << 20,
  vcpus: 1,
  date: null,
  devices: [],
  drives: [],
  netdevs: [],
};
let folder: string;
let file: string;
let log: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'guestrig-'));
  [file, log] = [join(folder, 'disk.img'), join(folder, 'run.jsonl')];
  writeFileSync(file, new Uint8Array(4096));
  listen();
});
afterAll(() => {
  stopListening();
  rmSync(folder, { recursive: true });
});

/** `FILE` stands for an existing file. */
const named = (text: string) => text.replaceAll('FILE', file);
const headed = (options: string, more = '') =>
  named(`${JSON.stringify(HEADER).slice(0, -1)},"options":${options}${more}}`);
const withLine = (line: object) => headed('{}', `,"qemu":${JSON.stringify({ ...LINE, ...line })}`);
const outside = (of: string, does: string, ...given: unknown[]) =>
  named(JSON.stringify({ at: 5, kind: 'outside', of, does, with: given }));

/** Files opened during the test, by any module. */
const heard = { paths: [] as string[], sockets: 0 };
const { openSync } = fs;
const { Socket } = net;

function listen(): void {
  fs.openSync = (path, ...rest) => {
    heard.paths.push(String(path));
    return openSync(path, ...rest);
  };
  net.Socket = new Proxy(Socket, {
    construct(target, given) {
      heard.sockets++;
      return new target(...given);
    },
  });
  syncBuiltinESMExports();
}

function stopListening(): void {
  Object.assign(fs, { openSync });
  Object.assign(net, { Socket });
  syncBuiltinESMExports();
}

const opened = () => heard.paths.filter((path) => path.startsWith(folder));

/** The result of a log of these lines, and of the file. */
async function judged(...lines: readonly string[]) {
  writeFileSync(log, `${lines.join('\n')}\n`);
  Object.assign(heard, { paths: [], sockets: 0 });
  const said = await guestrig('judge-log', log);
  const paths = opened();
  const isWhole = readFileSync(file).every((byte) => byte === 0);
  return { ...said, isWhole, opened: paths, sockets: heard.sockets };
}

const REFUSED = (line: number) => ({
  status: 2,
  out: '',
  err: expect.stringMatching(new RegExp(`^log ${log}: line ${line}: [^\n]+\n$`)),
  isWhole: true,
  opened: [log],
  sockets: 0,
});

const DISKS = [
  '{"disks":[{"file":"FILE"}]}',
  '{"disks":[{"file":"FILE","readOnly":true}]}',
  '{"disks":[{"bytes":4096,"file":"FILE"}]}',
  '{"disks":[{"bytes":4096,"overlay":"FILE"}]}',
  '{"disks":[{"medium":{"blocks":8,"readOnly":false}}]}',
  '{"disks":["FILE"]}',
];
const OTHERS = [
  '{"nics":[{"backend":{"socket":"FILE"}}]}',
  '{"nics":[{"backend":"tap"}]}',
  '{"nics":[{"tap":"tap0"}]}',
  '{"serial":{"file":"FILE"}}',
  '{"serial":{"pty":true}}',
  '{"firmware":{"file":"FILE"}}',
  '{"firmware":"FILE"}',
  '{"fwCfg":{"files":{"x":{"file":"FILE"}}}}',
  '{"program":"FILE"}',
  '{"kernel":"FILE"}',
  '{"qemu":"FILE"}',
  '{"clock":{}}',
  '{"memory":{"buffer":{}}}',
  '{"memory":{"staging":4096}}',
];
const POLLUTING = [
  '{"__proto__":{"disks":[{"file":"FILE"}]}}',
  '{"constructor":{"prototype":{"file":"FILE"}}}',
  '{"disks":[{"bytes":4096,"__proto__":{"file":"FILE"}}]}',
  '{"memory":{"toString":"FILE"}}',
];
const LARGE = [
  '{"memory":{"above4G":1099511627776}}',
  '{"memory":{"below4G":3221225472,"above4G":1073745920}}',
  '{"memory":{"below4G":1e300}}',
  '{"disks":[{"bytes":1152921504606846976}]}',
  `{"disks":[${'{"bytes":512},'.repeat(99_999)}{"bytes":512}]}`,
  `{"nics":[${'{},'.repeat(999_999)}{}]}`,
  '{"nics":[{"keep":1e9}]}',
  '{"serial":{"keep":1e12}}',
  '{"vcpus":1000000}',
];

describe('the machine of a log', () => {
  test.each([...DISKS, ...OTHERS])('names nothing of the host: %s', async (options) => {
    expect(await judged(headed(options))).toEqual(REFUSED(1));
  });

  test.each(POLLUTING)('has no field that every object has: %s', async (options) => {
    expect(await judged(headed(options))).toEqual(REFUSED(1));
    expect('disks' in {}).toBe(false);
  });

  test.each(LARGE.map((options) => [options.slice(0, 60), options]))(
    'takes no more of the host than any has: %s',
    async (_name, options) => {
      expect(await judged(headed(options))).toEqual(REFUSED(1));
    },
  );

  test.each([
    { drives: [['d', { driver: 'file', filename: 'FILE' }]] },
    { drives: [['d', { file: 'FILE' }]] },
    { drives: [['d', { driver: 'null-co', file: 'FILE' }]] },
    { netdevs: [['n', { type: 'socket', fd: '0' }]] },
    { netdevs: [['n', { type: 'tap', script: 'FILE' }]] },
    { devices: [{ driver: 'virtio-net-pci', romfile: 'FILE' }] },
    { firmware: 'FILE' },
    { chardevs: [['c', { backend: 'socket', path: 'FILE' }]] },
    { qmp: [{ path: 'FILE' }] },
    { memory: 2 ** 40 },
  ])("of QEMU's command line neither: %j", async (line) => {
    expect(await judged(withLine(line))).toEqual(REFUSED(1));
  });

  test.each([
    ['machine', 'addDisk', { file: 'FILE' }],
    ['machine', 'addDisk', { bytes: 512, file: 'FILE' }],
    ['machine', 'addNic', { backend: { socket: 'FILE' } }],
    ['nvme nvme0', 'addNamespace', { bytes: 512, file: 'FILE' }],
    ['serial ttyS0', 'type', { file: 'FILE' }],
    ['nic net0', 'receive', { bytes: '00', file: 'FILE' }],
    ['qtest', 'plug', { driver: 'virtio-net-pci', romfile: 'FILE' }],
    ['drives', 'add', 'd', { driver: 'file', filename: 'FILE' }],
    ['netdevs', 'add', 'n', { type: 'socket', fd: '0' }],
  ] as const)('gets no host resource later: %s %s %j', async (of, does, ...given) => {
    const lines = [withLine({ devices: [{ driver: 'virtio-scsi-pci' }] }), outside(of, does, ...given)];

    expect(await judged(...lines)).toEqual(REFUSED(2));
  });

  test('is refused with the field that is wrong', async () => {
    const { err } = await judged(headed('{"disks":[{"file":"FILE"}]}'));

    expect(err).toBe(`log ${log}: line 1: disks[0]: "file" is not what a log may name\n`);
  });

  test('may be of any kind of machine', async () => {
    const options = {
      disks: [{ bytes: 2 ** 50, readOnly: true }],
      nics: [{ keep: 1 << 20, backend: 'loopback' }],
      serial: { keep: 1 << 28 },
      memory: { above4G: 3 * 2 ** 30 },
    };

    const { status, err } = await judged(headed(JSON.stringify(options)));

    expect([status, err]).toEqual([0, '']);
  });
});

/** Any options with the name of a host resource somewhere. */
const NAMES = [
  'file',
  'socket',
  'path',
  'program',
  'tap',
  'pty',
  'fd',
  'overlay',
  'medium',
  'buffer',
  'clock',
  'qemu',
  'romfile',
];
const hostile = fc
  .tuple(
    fc.record(
      {
        seed: fc.nat(),
        nics: fc.array(fc.record({ queues: fc.integer({ min: 1, max: 8 }) }), { maxLength: 3 }),
        disks: fc.array(fc.constant({ bytes: 4096 }), { minLength: 1, maxLength: 3 }),
        memory: fc.constant({ below4G: 16 << 20 }),
        completion: fc.constant({ batch: { chains: 4, within: 5 } }),
        scsi: fc.constant({ ringSize: 256 }),
      },
      { requiredKeys: ['disks'] },
    ),
    fc.constantFrom(...NAMES),
    fc.oneof(fc.constant('FILE'), fc.constant({ file: 'FILE' }), fc.nat(), fc.jsonValue()),
    fc.nat(),
  )
  .map(([options, name, value, place]) => {
    const copy = structuredClone(options);
    const objects = objectsIn(copy);
    Object.assign(objects[place % objects.length]!, { [name]: value });
    return headed(JSON.stringify(copy));
  });

function objectsIn(value: unknown): object[] {
  if (typeof value !== 'object' || value === null) return [];
  const inner = Object.values(value).flatMap(objectsIn);
  return Array.isArray(value) ? inner : [value, ...inner];
}

test('a log with the name of a host resource anywhere is refused, and no file is opened', () => {
  heard.paths = [];
  fc.assert(
    fc.property(hostile, (line) => {
      const replay = () => replayRecording(new LogLines([line]), (_, options) => gceN1(options));
      expect(replay).toThrow(/^line 1: /);
    }),
  );
  expect(opened()).toEqual([]);
});

describe('a recording', () => {
  const lent = new ArrayBuffer(32 << 20);
  const backend = { send: () => {}, attach: () => {} };
  const KINDS: Readonly<Record<string, () => MachineOptions>> = {
    'a file': () => ({ disks: [{ file }] }),
    'a medium': () => ({ disks: [{ medium: FileMedium.open(file) }, { medium: new MemoryMedium(8192) }] }),
    'namespaces in a file and on a medium': () => ({
      nvme: [{ namespaces: [{ file }, { medium: new MemoryMedium(8192) }] }],
    }),
    'a backend': () => ({ nics: [{ backend }] }),
    'a lent buffer': () => ({ memory: { below4G: 16 << 20, buffer: lent, staging: 4096 } }),
    'a buffer in an object': () => ({ memory: { below4G: 16 << 20, buffer: { buffer: lent } } }),
    'bytes for fw_cfg': () => ({ fwCfg: { files: { a: 5, b: 'text', c: new Uint8Array(4) } } }),
  };

  test.each(Object.entries(KINDS))(
    'of a machine with %s names it not, and can be judged',
    (_name, options) => {
      const machine = gceN1(options());
      const lines: string[] = [];
      const writer = new JsonLines((line) => lines.push(line));
      recordMachine(machine, (record) => writer.add(record));
      machine.addDisk({ file, name: 'late' });
      machine.addNic({ backend });
      machine.nvme[0]?.addNamespace({ file });
      machine.port.out(0x3f8, 0x41, 1);
      machine.close();

      const again = replayed(lines);

      expect(lines.filter((line) => /disk\.img|"(file|medium|buffer|staging|clock)"/.test(line))).toEqual([]);
      expect([again.departure, again.log.damaged]).toEqual([null, []]);
      expect(again.machine.disks.map(({ medium }) => medium.blocks)).toEqual(
        machine.disks.map(({ medium }) => medium.blocks),
      );
      const namespaces = (of: Machine) =>
        of.nvme.flatMap((one) => one.namespaces.map(({ medium }) => medium.blocks));
      expect(namespaces(again.machine)).toEqual(namespaces(machine));
      expect(again.machine.nics.length).toBe(machine.nics.length);
    },
  );
});
