import { spawnSync } from 'node:child_process';
import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, expect, test } from 'vitest';
import { cpioOf } from '../../src/audit/rig.ts';
import { packed } from './package/project.ts';
import { workFolder } from './work-folder.ts';

const MIB = 1 << 20;
const folder = workFolder();
const { clone } = await packed();
const at = (name: string) => join(folder, name);
/** Makes the program record its peak memory, in KiB. */
const LEAVES_RSS = `data:text/javascript,import { writeFileSync } from 'node:fs';
process.on('exit', () => writeFileSync('${at('rss')}', String(process.resourceUsage().maxRSS)));`;
/** Of Node itself, and of the largest file that is read. */
const MOST_MIB = 1024;

beforeAll(() => {
  writeFileSync(at('bomb.gz'), gzipSync(Buffer.alloc(300 * MIB)));
  // Of one file of 1,500 MiB, in names of which nothing is kept.
  const archive = cpioOf({ name: 'x', content: 'x'.repeat(MIB) });
  writeFileSync(at('bombs.gz'), Buffer.concat(Array.from({ length: 1500 }, () => gzipSync(archive))));
  for (const [name, size] of [
    ['hole', 512 * MIB],
    ['larger', 512 * MIB + 1],
  ] as const) {
    writeFileSync(at(name), '');
    truncateSync(at(name), size);
  }
  spawnSync('mkfifo', [at('pipe')]);
  writeFileSync(at('config'), '# Linux/x86 6.12.0 Kernel Configuration\nCONFIG_X86_64=y\n');
});

test.each([
  ['audit --config bomb.gz', 'unpacks to more than 256 MiB'],
  ['audit --config hole', 'is neither text nor a kernel'],
  ['audit --config larger', 'is larger than the 512 MiB that are read'],
  ['audit --config pipe', 'is a pipe without a writer'],
  ['audit --config config --initrd bombs.gz', 'unpacks to more than 1024 MiB'],
  ['audit --config config --initrd hole', 'holds no archive'],
  ['boot --kernel hole', 'is no kernel for x86 (a vmlinux, a bzImage or a Multiboot kernel)'],
  ['probe --pcap hole', 'capture at byte 0 must be a pcap or pcapng file; got "this"'],
  ['probe --log pipe', 'is a socket, or a pipe without a process at its other end'],
])('guestrig %s ends with one line, and within memory', (line, said) => {
  const argv = line.split(' ').map((word, i) => (i % 2 === 0 && i > 0 ? at(word) : word));
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', LEAVES_RSS, join(clone, 'dist/cli/main.js'), ...argv],
    { encoding: 'utf8', timeout: 60_000 },
  );

  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toMatch(/^[^\n]+\n$/);
  expect(stderr).toContain(said);
  expect(Number(readFileSync(at('rss'), 'utf8')) / 1024).toBeLessThan(MOST_MIB);
});
