import { execFileSync } from 'node:child_process';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { audit } from '../../src/audit/index.ts';
import { readInitramfs } from '../../src/audit/initramfs.ts';
import { BARE, bzImage, VMLINUX } from '../../src/audit/kernel-rig.ts';
import { configOf, cpioOf } from '../../src/audit/rig.ts';
import { Settings } from '../../src/audit/sysctl.ts';
import { LZ4, PLAIN } from '../../src/audit/unpack/samples-rig.ts';
import { MisuseError } from '../../src/core/misuse.ts';
import { COMPRESSED } from '../../src/media/magics.ts';

/** An error other than a one-line MisuseError passes through, and fails the property. */
async function outcome(run: () => unknown): Promise<'read' | 'refused'> {
  try {
    await run();
    return 'read';
  } catch (error) {
    if (error instanceof MisuseError && !error.message.trim().includes('\n')) return 'refused';
    throw error;
  }
}

const ANYTHING = fc.uint8Array({ maxLength: 3000 });
/** Bytes that begin as a known format does. */
const BEGUN = fc
  .tuple(fc.constantFrom(...COMPRESSED.map(({ bytes }) => bytes)), ANYTHING)
  .map(([magic, rest]) => Buffer.concat([Buffer.from(magic, 'latin1'), rest]));

/** A good file of which a few bytes were changed, and which may have been cut. */
function spoilt(...files: readonly Buffer[]): fc.Arbitrary<Buffer> {
  const change = fc.tuple(fc.nat({ max: 4000 }), fc.nat({ max: 255 }));
  return fc
    .tuple(fc.constantFrom(...files), fc.array(change, { maxLength: 8 }), fc.nat({ max: 5000 }))
    .map(([file, changes, length]) => {
      const bytes = Buffer.from(file.subarray(0, length));
      for (const [at, value] of changes) if (length > 0) bytes[at % bytes.length] = value;
      return bytes;
    });
}

const TEXT = Buffer.from(configOf());
const ARCHIVE = cpioOf({ name: 'kernel/x.bin', content: 'y'.repeat(99) }, { name: 'lib/virtio_scsi.ko' });
const CONFIGS = spoilt(TEXT, gzipSync(TEXT), bzImage(gzipSync(BARE)), VMLINUX.subarray(0, 9000));
const ARCHIVES = spoilt(ARCHIVE, gzipSync(ARCHIVE), Buffer.concat([ARCHIVE, gzipSync(ARCHIVE)]));
const PACKED = spoilt(
  LZ4,
  execFileSync('xz', ['-c', '--check=crc32', '--x86', '--lzma2=dict=4KiB'], { input: PLAIN }),
  execFileSync('zstd', ['-cq'], { input: PLAIN }),
);
const LINES = fc.stringMatching(
  /^(CONFIG_[A-Z]{1,3}=[ym]|# CONFIG_A is not set|net\.\*\.a = 1|-a|[ -~]{0,20})$/,
);
const TEXTS = fc.array(LINES, { maxLength: 40 }).map((lines) => Buffer.from(lines.join('\n')));

describe('any bytes', () => {
  test('as a configuration give a verdict or one clear error', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(ANYTHING, BEGUN, CONFIGS, TEXTS, PACKED), async (bytes) => {
        expect(await outcome(() => audit({ config: { path: 'c', bytes } }))).toMatch(/^(read|refused)$/);
      }),
      { numRuns: 1000 },
    );
  });

  test('as an initramfs give its modules or one clear error', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(ANYTHING, BEGUN, ARCHIVES, PACKED), async (bytes) => {
        expect(await outcome(() => readInitramfs('i', bytes, 1 << 20))).toMatch(/^(read|refused)$/);
      }),
      { numRuns: 1000 },
    );
  });

  test('as settings give a value or one clear error', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string(), TEXTS.map(String)), async (text) => {
        const read = () => new Settings([{ path: 's', text }]).get('net.ipv4.ip_forward');
        expect(await outcome(read)).toMatch(/^(read|refused)$/);
      }),
      { numRuns: 1000 },
    );
  });

  test('as the names of an archive are only names', async () => {
    const name = fc.stringMatching(/^[^\0]{1,60}$/).filter((text) => !text.includes('TRAILER'));
    await fc.assert(
      fc.asyncProperty(fc.array(name, { maxLength: 20 }), async (names) => {
        const paths = names.map((path) => path.replaceAll(/[^\x20-\x7e]/g, '_'));
        const files = paths.map((path) => ({ name: `../${path}.ko`, content: path }));
        const { modules } = await readInitramfs('i', cpioOf(...files));
        const kept = files.map((file) => file.name).filter((path) => !path.endsWith('/.ko'));
        expect(new Set(modules.values()).size).toBeLessThanOrEqual(kept.length);
        expect([...modules.values()].filter((path) => !kept.includes(path))).toEqual([]);
      }),
    );
  });

  test('cost time in proportion to their number, and so do patterns', async () => {
    // A pattern of many stars is what makes a careless matcher hang.
    const stars = `net.${'*'.repeat(200)}a${'*e'.repeat(40)} = 1\n`;
    const long = Buffer.from(`${configOf()}${'# CONFIG_A is not set\n'.repeat(200_000)}`);

    const result = await audit({
      config: { path: 'c', bytes: long },
      sysctl: [{ path: 's', text: stars.repeat(50) }],
    });

    expect(result.lines.length).toBe(52);
  });
});
