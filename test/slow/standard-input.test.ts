import { execFileSync, spawnSync } from 'node:child_process';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { configOf } from '../../src/audit/rig.ts';
import { guestrig, inFolderOf } from '../../src/cli/rig.ts';
import { writePcapng } from '../../src/trace/index.ts';

const ROOT = new URL('../../', import.meta.url);
const FRAME = { at: 0, data: Uint8Array.from({ length: 60 }, (_, i) => i) };
const CAPTURE = writePcapng([FRAME], 'eth0');

inFolderOf({
  'one.pcapng.gz': gzipSync(CAPTURE),
  'cut.pcapng.gz': gzipSync(CAPTURE).subarray(0, 30),
  'one.pcapng.xz': Uint8Array.of(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0),
  'disk.img': new Uint8Array(8192),
});

describe("'-' is standard input", () => {
  const main = ['--import', 'tsx', 'src/cli/main.ts'];

  test('of a program that pipes', () => {
    const { status, stdout } = spawnSync('node', [...main, 'audit', '--config', '-'], {
      cwd: ROOT,
      input: configOf(),
      encoding: 'utf8',
    });

    expect([status, stdout.split('\n', 1)[0]]).toEqual([
      0,
      expect.stringMatching(/^guestrig audit {2}-, Linux /),
    ]);
  });

  test('of a shell, and an empty one is reported', () => {
    const script = 'node --import tsx src/cli/main.ts lspci --options - </dev/null 2>&1; echo $?';

    expect(execFileSync('bash', ['-c', script], { cwd: ROOT, encoding: 'utf8' })).toBe(
      'options -: is empty\n2\n',
    );
  });
});

describe('a capture', () => {
  const probe = (pcap: string) => guestrig('probe', '--disk', 'disk.img', '--pcap', pcap);

  test("that is gzip'd is read", async () => {
    const { status, out } = await probe('one.pcapng.gz');

    expect([status, /gce\/NET-TRAFFIC +1 frames? out/.test(out)]).toEqual([0, true]);
  });

  test.each([
    ['cut.pcapng.gz', /^pcap cut\.pcapng\.gz: capture at byte 0 must be whole/],
    ['one.pcapng.xz', /^pcap one\.pcapng\.xz: is compressed with xz, and only gzip is read\n$/],
  ])('%s is refused in one line', async (file, said) => {
    expect(await probe(file)).toEqual({ status: 2, out: '', err: expect.stringMatching(said) });
  });
});
