import { describe, expect, test } from 'vitest';
import { MemoryMedium } from '../../media/memory.ts';
import { Command } from '../command.ts';
import type { IdentityOptions } from '../identity.ts';
import { ask } from '../initiator-rig.ts';
import { LogicalUnit } from '../logical-unit.ts';

function inquire(flags: number, page: number, allocation: number, options: IdentityOptions = {}) {
  const unit = new LogicalUnit('disk0', new MemoryMedium(1 << 20), options);
  const cdb = [0x12, flags, page, allocation >> 8, allocation & 0xff];
  const { sense, data } = ask((command) => unit.execute(command), new Command(), cdb, allocation);
  return { sense, data: Buffer.from(data) };
}

describe('standard data', () => {
  test('names a PersistentDisk of SPC-4 in 96 bytes, with tagged queueing', () => {
    const { data } = inquire(0, 0, 255);
    expect(data.length).toBe(96);
    expect(data.subarray(0, 8).toString('hex')).toBe('000006125b000002');
    expect(data.toString('latin1', 8, 36)).toBe('Google  PersistentDisk  1   ');
    expect(data.toString('hex', 58, 66)).toBe('00a0046004c00000');
  });

  test('is cut at the allocation length, and keeps its additional length', () => {
    const { data } = inquire(0, 0, 36);
    expect(data.length).toBe(36);
    expect(data[4]).toBe(91);
  });

  test('an allocation length of 0 moves nothing and is no error', () => {
    const { sense, data } = inquire(0, 0, 0);
    expect([sense, data.length]).toEqual(['', 0]);
  });

  test('a page code without EVPD is an invalid field', () => {
    expect(inquire(0, 0x80, 36).sense).toBe('5/24/00');
  });
});

describe('vital product data', () => {
  test('page 00 lists the pages in ascending order', () => {
    expect(inquire(1, 0x00, 255).data.toString('hex')).toBe('000000060080' + '83b0b1b2');
  });

  test('page 80 is blank, as on GCE, when there is no serial number', () => {
    expect(inquire(1, 0x80, 255).data.toString('latin1', 4)).toBe(' '.repeat(20));
  });

  test('page 83 has one T10 designator if requested: vendor, then device name', () => {
    const { data } = inquire(1, 0x83, 255, { deviceName: 'data', designator: 't10' });
    expect(data.toString('hex', 0, 8)).toBe('00830010' + '0201000c');
    expect(data.toString('latin1', 8)).toBe('Google  data');
  });

  test('page 83 has the device name alone', () => {
    const { data } = inquire(1, 0x83, 255, { deviceName: 'data' });
    expect(data.toString('hex', 4, 8)).toBe('02000004');
    expect(data.toString('latin1', 8)).toBe('data');
  });

  test('page B0 has 60 bytes: no preferred sizes, at most 512 blocks, both UNMAP limits', () => {
    const { data } = inquire(1, 0xb0, 255);
    expect(data.toString('hex', 0, 36)).toBe(
      '00b0003c' +
        '0000' +
        '0000' +
        '00000200' +
        '00000000' +
        '00000000' +
        '00100000' +
        '000000ff' +
        '00000008' +
        '00000000',
    );
    expect(data.length).toBe(64);
  });

  test('page B1 shows whether the disk rotates', () => {
    expect(inquire(1, 0xb1, 255).data.readUInt16BE(4)).toBe(0);
    expect(inquire(1, 0xb1, 255, { rotational: false }).data.readUInt16BE(4)).toBe(1);
  });

  test('page B2: thin, UNMAP, unmapped blocks read zero', () => {
    expect(inquire(1, 0xb2, 255).data.toString('hex')).toBe('00b20004' + '00840200');
  });

  test('a page that is not listed is an invalid field', () => {
    expect(inquire(1, 0x86, 255).sense).toBe('5/24/00');
  });
});

test.each([
  [{ vendor: 'NineChars' }, 'disk.vendor must be up to 8 printable ASCII characters; got "NineChars"'],
  [{ product: 'Plätte' }, 'disk.product must be up to 16 printable ASCII characters; got "Plätte"'],
])('a name that does not fit is misuse', (options, message) => {
  expect(() => new LogicalUnit('disk0', new MemoryMedium(512), options)).toThrow(message);
});
