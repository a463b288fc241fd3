import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { elfOf, HALT, outw } from '../hosts/boot/kernel-rig.ts';
import { writePcapng } from '../trace/index.ts';
import { guestrig, inFolderOf } from './rig.ts';
import { run } from './run.ts';

const ROOT = new URL('../../', import.meta.url);
const FRAME = Uint8Array.from({ length: 60 }, (_, i) => i);
const FILES = {
  'disk.img': new Uint8Array(8192).fill(0xa5),
  'odd.img': new Uint8Array(1000),
  'one.pcapng': writePcapng([{ at: 0, data: FRAME }], 'eth0'),
  'none.pcapng': writePcapng([], 'eth0'),
  'short.pcapng': writePcapng([{ at: 0, data: FRAME.subarray(0, 13) }], 'eth0'),
  'mac.json': '{ "nics": [{ "mac": "42:01" }] }',
  'medium.json': '{ "disks": [{ "medium": { "read": 1 } }] }',
  'list.json': '[]',
  'torn.json': '{ "seed":\n 1',
  'deaf.json': '{ "nics": [{ "backend": "none" }], "seed": 7 }',
  // Without firmware the base addresses that the drivers look for are not placed.
  'bare.json': '{ "firmware": false }',
  off: elfOf([...outw(0xb004, 0x2000), ...HALT]),
  wide: elfOf(HALT, { class: 2 }),
  'rich.json': '{ "disks": [{ "file": "disk.img", "target": 9 }], "nics": [{ "queues": 2 }], "rng": true }',
};

inFolderOf(FILES);
beforeAll(() => {
  execFileSync('mkfifo', ['fifo']);
});

/** Little to send and to read, so that a run is quick. */
const QUICK = ['--disk', 'disk.img', '--pcap', 'one.pcapng'];

describe('misuse', () => {
  test.each([
    [[], 'no command given: guestrig --help lists them'],
    [['prob'], "unknown command 'prob' (Did you mean probe?)"],
    [['probe', 'disk.img'], "too many arguments for 'probe'. Expected 0 arguments but got 1."],
    [['probe', '--dsk', 'disk.img'], "unknown option '--dsk' (Did you mean --disk?)"],
    [['lspci', '--json'], "unknown option '--json'"],
    [['probe', '--disk'], "option '--disk <file>' argument missing"],
    [['probe', '--disk', ''], '--disk must be a path (./-x for a file named -x); got ""'],
    [['probe', '--log='], '--log must be a path (./-x for a file named -x); got ""'],
    [['probe', '--log', '--json'], '--log must be a path (./-x for a file named -x); got "--json"'],
    [['probe', '--machine', 'c9'], '--machine must be one of n1, n2, e2, c3, c4, t2a, qemu-pc; got "c9"'],
    [['probe', '--machine', 'c3', '--profile', 'gce-n1'], '--profile: may be given once'],
    [['probe', '--profile', 'gce'], '--profile must be gce-n1 or qemu-pc; got "gce"'],
    [['probe', '--seed', '1', '--seed', '1'], '--seed: may be given once'],
    [
      ['probe', '--seed', '4294967296'],
      '--seed must be a whole number from 0 to 4294967295; got "4294967296"',
    ],
    [['probe', '--seed', '-1'], '--seed must be a whole number from 0 to 4294967295; got "-1"'],
    [['probe', '--disk', 'disk.img', '--disk', 'missing.img'], 'disk missing.img: no such file'],
    [['probe', '--disk', '.'], 'disk .: not a regular file'],
    [['probe', '--disk', 'fifo'], 'disk fifo: not a regular file'],
    [['probe', '--disk', 'odd.img'], 'disk odd.img: 1000 bytes are not a multiple of 512 above 0'],
    [['probe', '--pcap', 'missing.pcap'], 'pcap missing.pcap: no such file'],
    [['probe', '--pcap', '.'], 'pcap .: is a directory'],
    [
      ['probe', '--pcap', 'odd.img'],
      'pcap odd.img: capture at byte 0 must be a pcap or pcapng file; got "this"',
    ],
    [['probe', '--pcap', 'none.pcapng'], 'pcap none.pcapng: holds no frame'],
    [['probe', '--pcap', 'short.pcapng'], 'pcap short.pcapng: frame 1 is shorter than its header'],
    [['lspci', '--options', 'missing.json'], 'options missing.json: no such file'],
    [['lspci', '--options', 'list.json'], 'options list.json must be an object; got []'],
    [
      ['lspci', '--options', 'mac.json'],
      'options mac.json: nics[0].mac must be six hex bytes (example 42:01:0a:80:00:02); got "42:01"',
    ],
    [
      ['probe', '--options', 'medium.json'],
      'options medium.json: disks[0].medium must be a medium (blocks above 0, readOnly, read, write, unmap, flush, close); got {"read":1}',
    ],
    [['boot'], 'boot: needs --kernel or --firmware'],
    [
      ['boot', '--firmware', 'bios', '--append', 'quiet'],
      "option '--firmware <file>' cannot be used with option '--append <text>'",
    ],
    [
      ['boot', '--firmware', 'odd.img'],
      'firmware odd.img: must be 64, 128 or 256 KiB, as a BIOS image is; got 1000',
    ],
    [['boot', '--kernel', 'vmlinux'], 'kernel vmlinux: no such file'],
    [['boot', '--kernel', 'off', '--initrd', 'initrd'], 'initrd initrd: no such file'],
    [['boot', '--kernel', 'off', '--pcap', 'nowhere/pcap'], 'pcap nowhere/pcap: no such directory'],
    [
      ['boot', '--kernel', 'wide'],
      "kernel wide: is an x86-64 ELF file, and v86 has a 32-bit CPU: take a kernel for i386, as Debian's linux-image-686",
    ],
    [
      ['boot', '--kernel', 'disk.img'],
      'kernel disk.img: is no kernel for x86 (a vmlinux, a bzImage or a Multiboot kernel)',
    ],
    [['probe', ...QUICK, '--log', 'nowhere/log'], 'log nowhere/log: no such directory'],
    [['probe', ...QUICK, '--log', '/dev/full'], 'log /dev/full: no space left'],
  ])('%j is refused in one line', async (argv, line) => {
    expect(await guestrig(...argv)).toMatchObject({ status: 2, err: `${line}\n` });
  });

  test('invalid JSON is refused in one line, even if it has several', async () => {
    const { status, err } = await guestrig('probe', '--options', 'torn.json');
    expect(status).toBe(2);
    expect(err).toMatch(/^options torn\.json: not JSON: [^\n]+\n$/);
  });
});

describe('help', () => {
  test.each([
    [['--help'], 'Example: guestrig probe --disk boot.img\n'],
    [['probe', '--help'], 'Example: guestrig probe --disk boot.img --disk data.img --json\n'],
    [['boot', '--help'], 'Example: guestrig boot --kernel vmlinux --initrd initrd --disk root.img\n'],
    [['lspci', '--help'], 'Example: guestrig lspci > dump && lspci -F dump -nnvv\n'],
  ])('%j ends with an example', async (argv, example) => {
    const { status, out, err } = await guestrig(...argv);
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(out.endsWith(`\n${example}`)).toBe(true);
  });

  test("--version prints the package's version", async () => {
    const { version } = JSON.parse(readFileSync(new URL('package.json', ROOT), 'utf8'));
    expect(await guestrig('--version')).toEqual({ status: 0, out: `${version}\n`, err: '' });
  });

  test.each(['boot', 'probe', 'audit', 'clauses', 'lspci'])(
    'of %s keeps to a terminal of 48 columns',
    async (name) => {
      const said = { out: '' };
      const out = (text: string) => void (said.out += text);
      await run([name, '--help'], { out, err: () => {}, color: false, width: 48 });
      const [help] = said.out.split('\nExample: ');

      expect(help!.split('\n').filter((line) => line.length > 48)).toEqual([]);
    },
  );

  test.each(['boot', 'probe', 'audit', 'clauses', 'lspci'])(
    'of %s has 80 columns in a pipe',
    async (name) => {
      const { out } = await guestrig(name, '--help');

      expect(out.split('\n').filter((line) => line.length > 80)).toEqual([]);
    },
  );
});

describe('probe', () => {
  test('passes on the disk and the frames that come with the package', async () => {
    const { status, out, err } = await guestrig('probe');
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(out).toMatch(/^guestrig {2}gce-n1, 128 MiB, seed 1,/);
    expect(out).toContain('1,567 frames out');
    expect(out).toContain('16384 blocks, SHA-256 equal');
  });

  test('builds the named profile, reads each named disk, and reports that as JSON', async () => {
    const { status, out } = await guestrig(
      'probe',
      ...QUICK,
      '--disk',
      'disk.img',
      '--profile',
      'qemu-pc',
      '--json',
    );
    const report = JSON.parse(out);
    expect(status).toBe(0);
    expect(report).toMatchObject({ schema: 1, profile: 'qemu-pc' });
    expect(report.disks.map(({ target, blocks }: never) => [target, blocks])).toEqual([
      [1, 16],
      [2, 16],
    ]);
  });

  test('does not read disks whole if told not to', async () => {
    const { status, out } = await guestrig('probe', ...QUICK, '--no-hash');
    expect(status).toBe(0);
    expect(out).toMatch(/disk +target 1 lun 0 .* not read whole\n/);
    expect(out).toMatch(/unreached +gce\/SCSI-READ +no disk was read whole\n/);
  });

  test('ends its progress line, so that the report begins on a line of its own', async () => {
    const shown: string[] = [];
    const progress = (text: string) => void shown.push(text);
    await run(['probe', ...QUICK], { out: () => {}, err: () => {}, color: false, progress });
    expect(shown.at(-1)).toBe('');
  });

  test('has status 1 when frames do not come back', async () => {
    const { status, out } = await guestrig('probe', ...QUICK, '--options', 'deaf.json');
    expect(status).toBe(1);
    expect(out).toMatch(/FAIL +gce\/NET-TRAFFIC/);
  });

  test('has status 1 and gives the reason in a line when the guest cannot go on', async () => {
    const { status, out, err } = await guestrig('probe', ...QUICK, '--options', 'bare.json');
    expect({ status, out }).toEqual({ status: 1, out: '' });
    expect(err).toMatch(/^the guest gave up: virtio-scsi 00:03\.0: BAR0 holds no I\/O address, at [^\n]+\n$/);
  });

  test("prefers the command line's seed to the file's", async () => {
    const seed = async (...argv: string[]) =>
      (await guestrig('probe', ...QUICK, ...argv)).out.match(/seed \d+/)![0];
    expect(await seed('--options', 'deaf.json')).toBe('seed 7');
    expect(await seed('--options', 'deaf.json', '--seed', '8')).toBe('seed 8');
  });

  test('takes disks and devices from the options, and loops NICs without a backend back', async () => {
    const { status, out } = await guestrig(
      'probe',
      '--pcap',
      'one.pcapng',
      '--options',
      'rich.json',
      '--json',
    );
    const { disks, functions, nics } = JSON.parse(out);
    expect(status).toBe(0);
    expect(nics[0].features).toContain('MQ');
    expect(disks).toMatchObject([{ target: 9, blocks: 16 }]);
    expect(functions.map(({ address }: { address: string }) => address)).toContain('00:05.0');
  });

  test('is coloured where colours are shown, with the same text', async () => {
    const lines = { out: '' };
    const out = (text: string) => (lines.out += text);
    await run(['probe', ...QUICK], { out, err: () => {}, color: true });
    const plain = stripVTControlCharacters(lines.out);
    expect(plain).not.toBe(lines.out);
    expect(plain).toBe((await guestrig('probe', ...QUICK)).out);
  });

  test('leaves the disk as it was', async () => {
    await guestrig('probe', ...QUICK);
    expect(readFileSync('disk.img').equals(FILES['disk.img'])).toBe(true);
  });

  test('logs every access by name, the same for the same seed', async () => {
    await guestrig('probe', ...QUICK, '--log', 'one.log');
    await guestrig('probe', ...QUICK, '--log', 'two.log');
    const log = readFileSync('one.log', 'utf8');
    const withoutTime = new Set(log.split('\n').map((line) => line.slice(13)));
    const expected = [
      'out       0cf8 4 80001800  CONFADD ← 80001800  00:03.0 register 00',
      'in        0cfc 2     1af4  00:03.0 Vendor ID → 1af4  ID=1af4h',
      'out       03fb 1       83  ttyS0 LCR ← 83  WLS=3 DLAB',
      'out       c012 1       07  scsi0 Device Status ← 07  ACKNOWLEDGE DRIVER DRIVER_OK',
      'write febff00c 4 00000001  net0 MSI-X [0] Vector Control ← 00000001',
    ];
    expect(expected.filter((line) => !withoutTime.has(line))).toEqual([]);
    expect(readFileSync('two.log', 'utf8')).toBe(log);
  });
});

describe('lspci', () => {
  test('prints every function as the firmware left it', async () => {
    const { status, out } = await guestrig('lspci');
    expect(status).toBe(0);
    expect(out.match(/^\S+ Device .*$/gm)).toEqual([
      '00:00.0 Device 8086:1237',
      '00:01.0 Device 8086:7110',
      '00:01.3 Device 8086:7113',
      '00:03.0 Device 1af4:1004',
      '00:04.0 Device 1af4:1000',
    ]);
    expect(out).toContain('\n60: 0a 0a 0b 0b ');
  });
});

describe('the program', () => {
  test('ends quietly, with its own status, when its reader is gone', () => {
    const script = 'set -o pipefail; node --import tsx src/cli/main.ts lspci 2>&3 | true; echo $?';
    const out = execFileSync('bash', ['-c', `exec 3>&1; ${script}`], { cwd: ROOT, encoding: 'utf8' });
    expect(out).toBe('0\n');
  });
});
