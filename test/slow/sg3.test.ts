import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { type ScsiHost, virtioScsiDriver } from '../../src/guest/index.ts';
import { inquiry, readCapacity16 } from '../../src/guest/scsi/commands.ts';
import { gceN1 } from '../../src/machine/gce-n1.ts';
import { FaultyMedium } from '../../src/media/faulty.ts';
import { MemoryMedium } from '../../src/media/memory.ts';
import { Command } from '../../src/scsi/command.ts';
import { ask } from '../../src/scsi/initiator-rig.ts';
import { LogicalUnit } from '../../src/scsi/logical-unit.ts';
import { workFolder } from './work-folder.ts';

const folder = workFolder();
/** 10 GiB: more blocks than 16 bits hold. */
const BLOCKS = 20_971_520;
const TEST_UNIT_READY = [0x00];
let host: ScsiHost;

beforeAll(() => {
  host = gceN1({ disks: [{ bytes: BLOCKS * 512, name: 'data-1' }] }).attach(virtioScsiDriver);
  host.testUnitReady(1);
});

function fileWith(bytes: Uint8Array | string, name: string): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

function sg(program: string, ...argv: string[]): string {
  return execFileSync(program, argv, { encoding: 'utf8' });
}

function vpd(page: number): string {
  return sg('sg_vpd', '--raw', '--inhex', fileWith(host.vpd(1, page), `page-${page}`));
}

describe('sg3_utils, given our answers,', () => {
  test('read the disk of Compute Engine out of INQUIRY', () => {
    const { data } = host.execute(1, 0, inquiry(96));

    const said = sg('sg_inq', '--raw', '--inhex', fileWith(data, 'inquiry'));

    expect(data).toHaveLength(96);
    expect(said).toMatch(/PQual=0 +PDT=0 +RMB=0 .*version=0x06 +\[SPC-4\]/);
    expect(said).toMatch(/Resp_data_format=2/);
    expect(said).toMatch(/CmdQue=1/);
    expect(said).toMatch(/Vendor identification: Google {2}$/m);
    expect(said).toMatch(/Product identification: PersistentDisk {2}$/m);
    expect(said).toMatch(/Product revision level: 1 {3}$/m);
  });

  test('find the six pages of vital product data', () => {
    expect(vpd(0x00).match(/\[(\w+)\]/g)).toEqual(['[sv]', '[sn]', '[di]', '[bl]', '[bdc]', '[lbpv]']);
  });

  test('read the device name out of page 83', () => {
    expect(vpd(0x83)).toMatch(/Vendor specific \[0x0\], +code set: ASCII\s+vendor specific: data-1$/m);
  });

  test('read the limits out of page B0', () => {
    const said = vpd(0xb0);

    expect(said).toMatch(/Maximum transfer length: 0x200$/m);
    expect(said).toMatch(/Optimal transfer length granularity: 0 blocks \[not reported\]$/m);
    expect(said).toMatch(/Optimal transfer length: 0 blocks \[not reported\]$/m);
    expect(said).toMatch(/Optimal unmap granularity: 0x8$/m);
  });

  test('read characteristics and provisioning out of pages B1 and B2', () => {
    expect(vpd(0xb1)).toMatch(/Medium rotation rate is not reported/);
    expect(vpd(0xb2)).toMatch(/LBPU=1\n.*LBPRZ=0x1\n.*Provisioning type: thin provisioned/s);
  });

  test('read size and physical exponent out of READ CAPACITY(16)', () => {
    const { data } = host.execute(1, 0, readCapacity16());
    const hex = Array.from(data, (byte) => byte.toString(16).padStart(2, '0')).join(' ');

    const said = sg('sg_readcap', '--16', `--inhex=${fileWith(hex, 'capacity')}`);

    expect(said).toContain(`Number of logical blocks=${BLOCKS}`);
    expect(said).toContain('Logical block length=512 bytes');
    expect(said).toContain('exponent=3 [so physical block length=4096 bytes]');
    expect(said).toContain('lbpme=1, lbprz=1');
  });

  test('read power-on out of the sense data of the first command', () => {
    expect(why(freshDisk(), TEST_UNIT_READY)).toMatch(
      /Sense key: Unit Attention\s+Additional sense: Power on, reset, or bus device reset occurred/,
    );
  });

  test.each([
    ['an unknown operation code', [0xff], 'Illegal Request', 'Invalid command operation code'],
    ['a write to a read-only disk', [0x2a, 0, 0, 0, 0, 0, 0, 0, 1], 'Data Protect', 'Write protected'],
    [
      'a read past the end',
      [0x28, 0, 0, 0, 1, 0, 0, 0, 1],
      'Illegal Request',
      'Logical block address out of range',
    ],
  ])('read the reason out of the sense data of %s', (_what, cdb, key, reason) => {
    const disk = freshDisk();
    ask((command) => disk.execute(command), new Command(), TEST_UNIT_READY);

    const said = why(disk, cdb);

    expect(said).toContain(`Sense key: ${key}`);
    expect(said).toContain(`Additional sense: ${reason}`);
  });
});

describe('sg3_utils, given the answers of a disk with all commands,', () => {
  const all = gceN1({ disks: [{ bytes: 1 << 30, commands: 'all' }] }).attach(virtioScsiDriver);
  const toHex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex').match(/../g)!.join(' ');
  const answerTo = (cdb: readonly number[], room: number) =>
    all.execute(1, 0, { name: 'any', cdb: Uint8Array.from(cdb), dataIn: room }).data;
  const page = (code: number) =>
    sg('sg_vpd', '--raw', '--inhex', fileWith(all.vpd(1, code), `all-page-${code}`));

  test('read what it supports out of pages 86, B0, B1 and B2', () => {
    expect(page(0x86)).toMatch(/HEADSUP=1 ORDSUP=1 SIMPSUP=1.*V_SUP=1/s);
    expect(page(0xb0)).toMatch(
      /Maximum compare and write length: 0xff\n.*Maximum write same length: 0xffff/s,
    );
    expect(page(0xb1)).toMatch(/WABEREQ=1\s+WACEREQ=1/);
    expect(page(0xb2)).toMatch(/LBPWS=1.*LBPWS10=1/s);
  });

  test('find each of its commands', () => {
    const answer = answerTo([0xa3, 0x0c, 0, 0, 0, 0, 0, 0, 16, 0, 0, 0], 4096);

    const said = sg('sg_opcodes', `--inhex=${fileWith(toHex(answer), 'opcodes')}`);

    for (const name of [
      'Compare and write',
      'Write same(16)',
      'Verify(12)',
      'Sanitize, block erase',
      'Get LBA status',
    ])
      expect(said.toLowerCase()).toContain(name.toLowerCase());
  });

  test.each<[what: string, cdb: readonly number[], said: readonly RegExp[]]>([
    [
      'a field at fault',
      [0x2a, 0x20, 0, 0, 0, 0, 0, 0, 1],
      [/Illegal Request/, /Invalid field in cdb/, /Field pointer:\s+Error in Command: byte 1 bit 5/],
    ],
    [
      'a block past 2^32 that cannot be read',
      [0x88, 0, 0, 0, 0, 1, 0, 0, 0, 5, 0, 0, 0, 1],
      [/Medium Error/, /Unrecovered read error/, /Information: 0x0*100000005/],
    ],
  ])('read descriptor format sense data of %s', (_what, cdb, expected) => {
    const bad = new FaultyMedium(new MemoryMedium(4 * 2 ** 40), [{ kind: 'read' }]);
    const disk = new LogicalUnit('disk0', bad, { commands: 'all' });
    const dSense = Uint8Array.of(0, 0, 0, 0, 0x0a, 0x0a, 0x04, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    disk.takeAttention();
    ask((one) => disk.execute(one), new Command(), [0x15, 0x10, 0, 0, dSense.length], 0, dSense);

    const said = why(disk, cdb);

    expect(said).toMatch(/Descriptor format/i);
    for (const words of expected) expect(said).toMatch(words);
  });

  test('read where it has no data', () => {
    const answer = answerTo([0x9e, 0x12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 24, 0, 0], 24);

    const said = sg('sg_get_lba_status', `--inhex=${fileWith(toHex(answer), 'status')}`);

    expect(said).toMatch(/LBA: 0x0 +blocks: +2097152 +deallocated/);
  });
});

/** 256 blocks, read-only. */
function freshDisk(): LogicalUnit {
  return new LogicalUnit('disk0', new MemoryMedium(256 * 512, { readOnly: true }));
}

/** sg3_utils' output for the sense data of a command. */
function why(disk: LogicalUnit, cdb: readonly number[]): string {
  const command = new Command();
  ask((one) => disk.execute(one), command, cdb, 512);
  const sense = fileWith(command.sense.subarray(0, command.senseLength), 'sense');
  return sg('sg_decode_sense', `--binary=${sense}`);
}
