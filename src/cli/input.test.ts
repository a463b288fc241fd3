import { execFileSync, spawn } from 'node:child_process';
import * as fs from 'node:fs';
import { describe, expect, test, vi } from 'vitest';
import { readInput, readText } from './input.ts';
import { inFolderOf } from './rig.ts';

vi.mock('node:fs', async (original) => {
  const real = await original<typeof fs>();
  return { ...real, readSync: vi.fn(real.readSync) };
});

inFolderOf({
  five: 'hello',
  written: 'hello',
  wide: Buffer.from('\ufeffhello', 'utf16le'),
  marked: '\ufeffhello',
  'most.json': Buffer.alloc(16 << 20, 0x20),
});

/** Has another program change the file after its first bytes were read. */
function meanwhile(change: () => void): void {
  const { readSync } = fs;
  vi.mocked(readSync).mockImplementationOnce((...values: unknown[]) => {
    vi.mocked(readSync).mockImplementationOnce((...again: unknown[]) => {
      change();
      return (readSync as (...values: unknown[]) => number)(...again);
    });
    return (readSync as (...values: unknown[]) => number)(...values);
  });
}

describe('a file is read', () => {
  test('to its end', () => {
    expect(readInput('config', 'five').toString()).toBe('hello');
  });

  test.each(['five', 'wide', 'marked'])('as a text, in UTF-16 too: %s', (file) => {
    expect(readText('capture', file)).toBe('hello');
  });

  test('of the largest size', () => {
    expect(readInput('options', 'most.json').length).toBe(16 << 20);
  });

  test('of /proc, which reports a size of 0', () => {
    expect(readInput('config', '/proc/self/cmdline').toString()).toContain('node');
  });

  test('from a pipe, as long as it has a writer', () => {
    execFileSync('mkfifo', ['pipe']);
    const writer = spawn('bash', ['-c', 'exec > pipe; head -c 200000 /dev/zero; echo end']);
    // Opened for writing, it can be read.
    const fd = fs.openSync('pipe', 'r');

    const bytes = readInput('config', 'pipe');

    fs.closeSync(fd);
    writer.kill();
    expect([bytes.length, bytes.toString('latin1', 200_000)]).toEqual([200_004, 'end\n']);
  });
});

describe('refused in one line', () => {
  test('a pipe that is silent for too long', () => {
    execFileSync('mkfifo', ['silent']);
    const fd = fs.openSync('silent', fs.constants.O_RDWR);

    expect(() => readInput('config', 'silent', 0)).toThrow(
      'config silent: gives nothing, and we have waited long enough',
    );
    fs.closeSync(fd);
  });

  test.each([
    ['grows', () => fs.appendFileSync('written', ' there')],
    ['shrinks', () => fs.truncateSync('written', 2)],
    ['becomes another', () => fs.utimesSync('written', 0, 0)],
  ])('a file that %s while it is read', (_how, change) => {
    fs.writeFileSync('written', 'hello');
    meanwhile(change);

    expect(() => readInput('config', 'written')).toThrow('config written: was changed while it was read');
  });

  test('a file that grows without end while it is read', () => {
    vi.mocked(fs.readSync).mockImplementation((_fd, into) => into.byteLength >> 1);

    expect(() => readInput('options', 'five')).toThrow(
      'options five: is larger than the 16 MiB that are read',
    );
    vi.mocked(fs.readSync).mockReset();
  });

  test('a name with a zero byte', () => {
    expect(() => readInput('config', 'a\0b')).toThrow('is no name of a file');
  });
});
