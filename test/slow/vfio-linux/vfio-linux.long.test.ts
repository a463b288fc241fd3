import { createHash, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { leftOut, WAYS } from '../../../docs/generate/ways.ts';
import { run } from '../../../src/cli/run.ts';
import { partOf } from '../../repeats.ts';
import { workFolder } from '../work-folder.ts';
import { type DebianGuest, debianGuest, diskWith, fromGuest } from './debian-guest.ts';

const folder = workFolder();
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
/** A mebibyte and a bit, so that it ends in the middle of a block. */
const FROM_HOST = randomBytes(0x10_0321);
const MEBIBYTES_64 = 64 << 20;
/** Of a disk, a NIC with one pair of queues and a rng: those for configuration, queues and events. */
const VECTORS = 4 + 3 + 2;

let guest: DebianGuest;
beforeAll(() => {
  guest = debianGuest(folder);
}, 180_000);

/** Boots Debian's kernel as a user does. */
async function boot(virtio: string, words: string, more: readonly string[]) {
  const disk = diskWith(folder, FROM_HOST);
  const options = join(folder, 'options.json');
  writeFileSync(options, JSON.stringify({ virtio, rng: true, nics: [{ backend: 'loopback' }] }));
  const { kernel, initrd, qemu } = guest;
  const append = `console=ttyS0 quiet ${words}`;
  const argv = ['--on', `qemu:${qemu}`, '--kernel', kernel, '--initrd', initrd, '--append', append];
  let [out, err] = ['', ''];
  const status = await run(
    [
      'boot',
      ...[...argv, ...more, '--disk', disk, '--write', '--options', options],
      ...['--limit', '300s', '--reporter', 'json'],
    ],
    { out: (text) => (out += text), err: (text) => (err += text), color: false },
  );
  const reports = new Map(
    [...err.matchAll(/report: (\w+ (?:has|wrote)|\w+) +([\w. ]+)/g)].map(([, what, how]) => [
      what,
      how!.trim(),
    ]),
  );
  const report = JSON.parse(out);
  const broken = report.verdicts.filter(({ outcome }: { outcome: string }) => outcome === 'fail');
  const met = report.verdicts.filter(({ outcome }: { outcome: string }) => outcome !== 'unreached');
  const left = leftOut(
    WAYS.qemu,
    met.map(({ clause }: { clause: string }) => clause),
  );
  return { status, reports, disk, end: report.end, broken, left, printed: err.slice(-2000) };
}

/** The guest's metadata: a word, and a value of many segments. */
const ATTRIBUTES = { greeting: 'hello', script: randomBytes(0x3_0000).toString('hex') };

function onComputeEngine(): string[] {
  const metadata = join(folder, 'metadata.json');
  writeFileSync(metadata, JSON.stringify({ instance: { attributes: ATTRIBUTES } }));
  return ['--net', 'gce', '--metadata', metadata];
}

const severe = (broken: readonly { findings: readonly { severity: string }[] }[]) =>
  broken.flatMap(({ findings }) => findings.filter(({ severity }) => severity !== 'note'));

test.each(partOf(['legacy', 'modern'], 2))(
  "Debian's 64-bit kernel on QEMU has our %s disk, NIC and rng, is leased an address, reads metadata, breaks no MUST, and powers off",
  async (virtio) => {
    const { status, reports, disk, end, broken, left, printed } = await boot(virtio, '', onComputeEngine());

    expect([end.how, end.complaints, status], printed).toEqual(['off', [], 0]);
    const written = fromGuest(folder, disk);
    expect(reports.get('host has')).toBe(sha256(FROM_HOST));
    expect([written.length, reports.get('guest wrote')]).toEqual([MEBIBYTES_64, sha256(written)]);
    expect(reports.get('disk has')).toBe(sha256(written));
    expect([reports.get('entropy'), reports.get('interrupts')]).toEqual(['256', `${VECTORS}`]);
    expect(['lease', 'greeting', 'bare'].map((what) => reports.get(what))).toEqual([
      '10.128.0.2 1460',
      'hello',
      '403',
    ]);
    expect(reports.get('script')).toBe(sha256(Buffer.from(ATTRIBUTES.script)));
    expect([severe(broken), left]).toEqual([[], []]);
  },
  330_000,
);

test('without MSI it does so by INTx, on transitional devices; its frames are looped back, and it answers a script', async () => {
  const script = join(folder, 'script');
  writeFileSync(script, 'expect /word: $/ within 4min\nsend "hello\\n"\nexpect "report: word hello"\n');
  const { status, reports, disk, end, broken, printed } = await boot('transitional', 'pci=nomsi talk', [
    '--script',
    script,
  ]);

  expect([end.how, end.complaints, status], printed).toEqual(['off', [], 0]);
  expect(reports.get('disk has')).toBe(sha256(fromGuest(folder, disk)));
  expect(reports.get('frames')).toMatch(/^([1-9]\d*) \1$/);
  expect([reports.get('entropy'), reports.get('interrupts'), reports.get('word')]).toEqual([
    '256',
    '0',
    'hello',
  ]);
  expect(severe(broken)).toEqual([]);
}, 330_000);

/** A boot sector: prints a line (INT 10h), waits for a key (INT 16h), prints that too, and waits for another. */
function bootSector(): Uint8Array {
  const say = [...Buffer.from('loader: ')].flatMap((sign) => [0xb8, sign, 0x0e, 0xcd, 0x10]); // mov ax, 0e..; int 10h
  const echo = [0x31, 0xc0, 0xcd, 0x16, 0xb4, 0x0e, 0xcd, 0x10, 0xeb, 0xf6]; // xor ax, ax; int 16h; mov ah, 0e; int 10h; jmp
  const disk = Buffer.alloc(1 << 20);
  disk.set([...say, ...echo]);
  disk.set([0x55, 0xaa], 510);
  return disk;
}

test("SeaBIOS boots our disk, shows what its boot loader prints, and passes on a script's input", async () => {
  const [disk, script] = [join(folder, 'boot.img'), join(folder, 'keys')];
  writeFileSync(disk, bootSector());
  writeFileSync(script, 'expect "Booting from Hard Disk"\nexpect "loader:"\nsend "abc"\nexpect "ab"\nend\n');
  let out = '';

  const status = await run(
    ['boot', '--on', `qemu:${guest.qemu}`, '--disk', disk, '--script', script, '--limit', '60s'],
    { out: (text) => (out += text), err: () => {}, color: false },
  );

  expect([status, /The script is over/.test(out)], out).toEqual([0, true]);
}, 90_000);
