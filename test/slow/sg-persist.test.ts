import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Member, members } from '../../src/scsi/reservations/reserve-rig.ts';
import { workFolder } from './work-folder.ts';

const IN = 0x5e;
const OUT = 0x5f;
const CDB_SIZE = 10;
/** A reservation conflict, as sg3-utils exit with it. */
const CONFLICT = 24;
const folder = workFolder();
const device = join(folder, 'device');

beforeAll(() => {
  const source = new URL('sg-device/device.c', import.meta.url).pathname;
  execFileSync('gcc', ['-shared', '-fPIC', '-O1', '-o', `${device}.so`, source]);
  writeFileSync(device, '');
});

function sgPersist(...argv: string[]) {
  const env = { ...process.env, LD_PRELOAD: `${device}.so`, SG_DEVICE: folder };
  const { stdout, status } = spawnSync('sg_persist', ['--no-inquiry', ...argv, device], {
    encoding: 'utf8',
    env,
  });
  return { stdout, status };
}

const name = (what: 'sent' | 'answer', operation: number) =>
  join(folder, `${what}-${operation.toString(16)}`);

function answer(operation: number, status: number, data: Uint8Array = new Uint8Array()) {
  writeFileSync(name('answer', operation), Buffer.concat([Uint8Array.of(status), data]));
}

/** sg_persist's output for our answer to one service action of PERSISTENT RESERVE IN. */
function told(member: Member, action: number, option: string): string {
  const { status, data } = member.send([IN, action, 0, 0, 0, 0, 0, 0x20, 0], 0x2000);
  answer(IN, status, data);
  return sgPersist('--in', option).stdout;
}

/** Runs sg_persist's commands for `argv` on our disk; returns its status. */
function done(member: Member, ...argv: string[]): number {
  answer(OUT, 0);
  sgPersist('--out', ...argv);
  const sent = readFileSync(name('sent', OUT));
  return member.send([...sent.subarray(0, CDB_SIZE)], 0, sent.subarray(CDB_SIZE)).status;
}

describe('sg_persist', () => {
  test('reads keys and generation', () => {
    const [a] = members(2);

    const said = told(a!, 0, '--read-keys');

    expect(said).toContain('PR generation=0x2, 2 registered reservation keys follow:\n    0x1\n    0x2');
  });

  test('reads that nothing is reserved, and what is', () => {
    const [a] = members(1);
    const before = told(a!, 1, '--read-reservation');
    a!.out(0x01, { key: 1n, scopeType: 5 });

    const after = told(a!, 1, '--read-reservation');

    expect(before).toContain('there is NO reservation held');
    expect(after).toMatch(
      /Reservation follows:\s+Key=0x1\s+scope: LU_SCOPE, +type: Write Exclusive, registrants only/,
    );
  });

  test('reads capabilities', () => {
    const [a] = members(1);

    const said = told(a!, 2, '--report-capabilities');

    expect(said).toMatch(/\(SIP_C\): 0\n.*\(ATP_C\): 0\n.*\(PTPL_C\): 1\n.*\(TMV\): 1/);
    expect(said.match(/^ {4}.*(Write Exclusive|Exclusive Access).*: 1$/gm)).toHaveLength(6);
  });

  test('reads full status: registered initiators and the holder', () => {
    const [a] = members(2);
    a!.out(0x01, { key: 1n, scopeType: 3 });

    const said = told(a!, 3, '--read-full-status');

    expect(said.match(/Key=0x\d|Reservation holder|not reservation holder|SAS address: 0x\w+/gi)).toEqual([
      'Key=0x1',
      'Reservation holder',
      'SAS address: 0x3000000000000001',
      'Key=0x2',
      'not reservation holder',
      'SAS address: 0x3000000000000002',
    ]);
  });

  test('registers, reserves, preempts, releases and clears', () => {
    const [a, b] = members(2);

    const statuses = [
      done(a!, '--register', '--param-rk=1', '--param-sark=a1'),
      done(b!, '--register-ignore', '--param-sark=b1'),
      done(a!, '--reserve', '--param-rk=a1', '--prout-type=1'),
      done(b!, '--preempt', '--param-rk=b1', '--param-sark=a1', '--prout-type=5'),
      done(b!, '--release', '--param-rk=b1', '--prout-type=5'),
      done(b!, '--clear', '--param-rk=b1'),
    ];

    expect([statuses, told(b!, 0, '--read-keys')]).toEqual([
      [0, 0, 0, 0, 0, 0],
      expect.stringContaining('there are NO registered reservation keys'),
    ]);
  });

  test('reads that a disk with all commands takes names and ports', () => {
    const [a] = members(1, 'all');

    const said = told(a!, 2, '--report-capabilities');

    expect(said).toMatch(/\(SIP_C\): 1\n.*\(ATP_C\): 1\n.*\(PTPL_C\): 1/);
  });

  test('registers others by name, for all ports, moves, and preempts with abort', () => {
    const [a, b, c] = members(3, 'all');
    const [second, third] = ['--transport-id=sas,3000000000000002', '--transport-id=sas,3000000000000003'];
    a!.out(0x03, { key: 1n });
    for (const one of [b!, c!]) one.unit.takeAttention();

    const statuses = [
      done(a!, '--register', '--param-sark=a1', '--param-alltgpt', second!),
      done(a!, '--reserve', '--param-rk=a1', '--prout-type=1'),
      done(
        a!,
        '--register-move',
        '--param-rk=a1',
        '--param-sark=c1',
        '--relative-target-port=1',
        '--unreg',
        third!,
      ),
    ];
    const moved = told(b!, 3, '--read-full-status');
    statuses.push(done(b!, '--preempt-abort', '--param-rk=a1', '--param-sark=c1', '--prout-type=1'));

    expect(statuses).toEqual([0, 0, 0, 0]);
    expect(moved.match(/Key=0x\w+|All target ports bit set|<< Reservation holder >>/gi)).toEqual([
      'Key=0xa1',
      'All target ports bit set',
      'Key=0xc1',
      '<< Reservation holder >>',
    ]);
    expect([told(b!, 0, '--read-keys'), c!.ended]).toEqual([
      expect.stringMatching(/1 registered .*:\n {4}0xa1/),
      [false],
    ]);
  });

  test('meets a conflict', () => {
    const [a] = members(1);
    answer(OUT, done(a!, '--reserve', '--param-rk=9', '--prout-type=1'));

    expect(sgPersist('--out', '--reserve', '--param-rk=9', '--prout-type=1').status).toBe(CONFLICT);
  });
});
