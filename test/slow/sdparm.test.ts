import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { virtioScsiDriver } from '../../src/guest/index.ts';
import { gceN1 } from '../../src/machine/gce-n1.ts';
import { workFolder } from './work-folder.ts';

const [INQUIRY, REPORT_LUNS, LOG_SENSE, MODE_SENSE_10] = [0x12, 0xa0, 0x4d, 0x5a];
const ROOM = 4096;
const folder = workFolder();
const device = join(folder, 'device');
const disk = gceN1({ disks: [{ bytes: 1 << 30, commands: 'all' }] }).attach(virtioScsiDriver);
const plain = gceN1({ disks: [{ bytes: 1 << 30 }] }).attach(virtioScsiDriver);

beforeAll(() => {
  const source = new URL('sg-device/device.c', import.meta.url).pathname;
  execFileSync('gcc', ['-shared', '-fPIC', '-O1', '-o', `${device}.so`, source]);
  writeFileSync(device, '');
});

/** What `host` answers to this CDB is the device's answer to the operation, whatever else is asked. */
function answers(host: typeof disk, cdb: readonly number[]): void {
  const { data, status } = host.execute(1, 0, { name: 'any', cdb: Uint8Array.from(cdb), dataIn: ROOM });
  writeFileSync(join(folder, `answer-${cdb[0]!.toString(16)}`), Buffer.concat([Uint8Array.of(status), data]));
}

function said(program: string, ...argv: string[]): string {
  const env = { ...process.env, LD_PRELOAD: `${device}.so`, SG_DEVICE: folder };
  const { stdout, stderr, status } = spawnSync(program, [...argv, device], { encoding: 'utf8', env });
  return status === 0 ? stdout : `status ${status}: ${stdout}${stderr}`;
}

function modes(host: typeof disk, page: number): void {
  answers(host, [INQUIRY, 0, 0, 0, 96, 0]);
  answers(host, [MODE_SENSE_10, 0, page, 0, 0, 0, 0, ROOM >> 8, ROOM & 0xff, 0]);
}

describe('sdparm', () => {
  test('reads the write cache out of the one page of a PersistentDisk', () => {
    modes(plain, 0x08);

    const told = said('sdparm', '--page=ca', '--long');

    expect(told).toContain('Google    PersistentDisk    1');
    expect(told).toMatch(/Caching.* mode page:/);
    expect(told).toMatch(/^ +WCE +1 /m);
    expect(told).toMatch(/^ +RCD +0 /m);
  });

  test('reads the control page of a disk with all commands', () => {
    modes(disk, 0x0a);

    const told = said('sdparm', '--page=co');

    expect(told).toMatch(/^ +D_SENSE +0/m);
    expect(told).toMatch(/^ +SWP +0/m);
    expect(told).toMatch(/^ +QERR +0/m);
  });

  test('reads what can be changed: the write cache, and protection from writes', () => {
    answers(disk, [MODE_SENSE_10, 0, 0x48, 0, 0, 0, 0, ROOM >> 8, ROOM & 0xff, 0]);
    const cache = said('sdparm', '--get=WCE');
    answers(disk, [MODE_SENSE_10, 0, 0x4a, 0, 0, 0, 0, ROOM >> 8, ROOM & 0xff, 0]);

    expect([cache, said('sdparm', '--get=SWP'), said('sdparm', '--get=D_SENSE')]).toEqual([
      expect.stringMatching(/^WCE +1 /m),
      expect.stringMatching(/^SWP +1 /m),
      expect.stringMatching(/^D_SENSE +1 /m),
    ]);
  });
});

describe('sg3_utils', () => {
  test('read four mode pages and that DPO and FUA are taken', () => {
    modes(disk, 0x3f);

    const told = said('sg_modes', '--all', '--page=0x3f');

    expect(told).toMatch(/WP=0, .*DpoFua=1/);
    expect(told.match(/^>> .*page/gm)).toEqual([
      expect.stringMatching(/Read-Write error recovery/),
      expect.stringMatching(/Caching/),
      expect.stringMatching(/Control/),
      expect.stringMatching(/Informational exceptions/),
    ]);
  });

  test('read one LUN', () => {
    answers(disk, [REPORT_LUNS, 0, 0, 0, 0, 0, 0, 0, ROOM >> 8, ROOM & 0xff, 0, 0]);

    expect(said('sg_luns', '--decode')).toMatch(
      /Lun list length = 8 .*1 lun entry[\s\S]*Peripheral device addressing: lun=0/,
    );
  });

  test('read the logs: a self-test that passed, and no exception', () => {
    disk.execute(1, 0, { name: 'SEND DIAGNOSTIC', cdb: Uint8Array.of(0x1d, 0x20, 0, 0, 0, 0) });
    const logs = [0x00, 0x10, 0x2f].map((page) => {
      answers(disk, [LOG_SENSE, 0, 0x40 | page, 0, 0, 0, 0, ROOM >> 8, ROOM & 0xff, 0]);
      return said('sg_logs', `--page=0x${page.toString(16)}`);
    });

    expect(logs[0]).toMatch(/0x00 +Supported log pages[\s\S]*0x10 +Self[\s\S]*0x2f +Informational/);
    expect(logs[1]).toMatch(
      /Parameter code = 1[\s\S]*self-test code: background short \[1\][\s\S]*result: completed without error/i,
    );
    expect(logs[2]).toMatch(/IE asc = 0x0, ascq = 0x0/);
  });
});
