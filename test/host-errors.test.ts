import * as fs from 'node:fs';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { type ScsiAnswer, virtioScsiDriver } from '../src/guest/index.ts';
import { gceN1 } from '../src/index.ts';

vi.mock('node:fs', async (original) => {
  const real = await original<typeof fs>();
  return {
    ...real,
    readSync: vi.fn(real.readSync),
    writeSync: vi.fn(real.writeSync),
    fsyncSync: vi.fn(real.fsyncSync),
  };
});
vi.mock('../src/media/file-holes.ts', () => ({ punchHole: vi.fn(() => false) }));

const folder = mkdtempSync(join(tmpdir(), 'guestrig-host-errors-'));
afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(() => void vi.clearAllMocks());

const reads = vi.mocked(fs.readSync);
const writes = vi.mocked(fs.writeSync);
const syncs = vi.mocked(fs.fsyncSync);

const BLOCK = 512;
const READ = { name: 'READ', cdb: Uint8Array.of(0x28, 0, 0, 0, 0, 5, 0, 0, 1, 0), dataIn: BLOCK };
const WRITE = {
  name: 'WRITE',
  cdb: Uint8Array.of(0x2a, 0, 0, 0, 0, 5, 0, 0, 1, 0),
  dataOut: new Uint8Array(BLOCK).fill(7),
};
const WRITE_FUA = { ...WRITE, cdb: Uint8Array.of(0x2a, 0x08, 0, 0, 0, 5, 0, 0, 1, 0) };
const FLUSH = { name: 'SYNCHRONIZE CACHE', cdb: Uint8Array.of(0x35, 0, 0, 0, 0, 0, 0, 0, 0, 0) };
const list = Uint8Array.of(0, 22, 0, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 1, 0, 0, 0, 0);
const UNMAP = { name: 'UNMAP', cdb: Uint8Array.of(0x42, 0, 0, 0, 0, 0, 0, 0, 24, 0), dataOut: list };

/** A guest on a disk of 64 blocks, each of which holds ones. */
function guest() {
  const file = join(folder, 'disk.img');
  writeFileSync(file, new Uint8Array(64 * BLOCK).fill(1));
  const machine = gceN1({ disks: [{ file, commands: 'all' }] });
  return { file, machine, host: machine.attach(virtioScsiDriver) };
}

function fails(code: string) {
  return () => {
    throw Object.assign(new Error(code), { code });
  };
}

/** Status, and sense as key, code and qualifier. */
function told({ status, sense }: ScsiAnswer): string {
  if (sense === null) return String(status);
  return [sense.key, sense.asc, sense.ascq].map((byte) => byte.toString(16)).join('/');
}

describe('what the host refuses is sense data, and the guest goes on', () => {
  test.each([
    ['a read that the host cannot do', reads, 'EIO', READ, '3/11/0'],
    ['a write that the host cannot do', writes, 'EIO', WRITE, '3/c/0'],
    ['a write to a full file system', writes, 'ENOSPC', WRITE, '7/27/7'],
    ['a write above the share of a user', writes, 'EDQUOT', WRITE, '7/27/7'],
    ['an UNMAP in a full file system', writes, 'ENOSPC', UNMAP, '7/27/7'],
  ] as const)('%s', (_what, calls, code, command, answer) => {
    const { host, machine } = guest();
    calls.mockImplementation(fails(code));

    const first = told(host.execute(1, 0, command));
    calls.mockReset();
    const then = told(host.execute(1, 0, command));

    machine.close();
    expect([first, then]).toEqual([answer, '0']);
  });

  test('a file that another program cut short', () => {
    const { file, host, machine } = guest();
    truncateSync(file, 3 * BLOCK);

    expect(told(host.execute(1, 0, READ))).toBe('3/11/0');
    machine.close();
  });

  test.each([
    ['SYNCHRONIZE CACHE', FLUSH],
    ['a write with FUA', WRITE_FUA],
  ])('%s, if what was written may be lost', (_what, command) => {
    const { host, machine } = guest();
    host.execute(1, 0, WRITE);
    syncs.mockImplementationOnce(fails('ENOSPC'));

    const answers = [told(host.execute(1, 0, command)), told(host.execute(1, 0, command))];

    expect(answers).toEqual(['7/27/7', '7/27/7']);
    expect(() => machine.close()).toThrow('what was written may be lost: no space left');
  });
});

test.each([
  ['SYNCHRONIZE CACHE', FLUSH, 1],
  ['a write with FUA', WRITE_FUA, 1],
  ['a write without', WRITE, 0],
])('%s ends after so many fsyncs', (_what, command, count) => {
  const { host, machine } = guest();

  const answer = told(host.execute(1, 0, command));
  const times = syncs.mock.calls.length;

  machine.close();
  expect([answer, times]).toEqual(['0', count]);
});
