import { expect, test } from 'vitest';
import { Command } from './command.ts';
import { decodeSense, encodeDescriptor, encodeFixed, SENSE } from './sense.ts';

test('both formats are described in the same words', () => {
  const bytes = new Uint8Array(18);
  const expected = { key: 5, asc: 0x24, ascq: 0, text: 'illegal request: invalid field in CDB' };
  encodeFixed(SENSE.INVALID_FIELD_IN_CDB, bytes);
  expect(decodeSense(bytes)).toEqual(expected);
  encodeDescriptor(SENSE.INVALID_FIELD_IN_CDB, bytes);
  expect(decodeSense(bytes)).toEqual(expected);
});

test('deferred sense with VALID, of an unknown code, is described in numbers', () => {
  const bytes = new Uint8Array(18);
  bytes.set([0xf1, 0, 0x04], 0);
  bytes.set([0x44, 0x01], 12);
  expect(decodeSense(bytes)?.text).toBe('hardware error: additional sense 44h/1h');
});

test.each([
  ['nothing', new Uint8Array()],
  ['zeros', new Uint8Array(18)],
  ['half of the fixed format', Uint8Array.of(0x70, 0, 5)],
  ['half of the descriptor format', Uint8Array.of(0x72, 5)],
])('%s is no sense data', (_what, bytes) => {
  expect(decodeSense(bytes)).toBeNull();
});

test('two commands of one tag: as a host adapter answers itself', () => {
  const command = new Command();
  command.begin();
  command.check(SENSE.OVERLAPPED_COMMANDS);
  const bytes = command.sense.subarray(0, command.senseLength);
  expect(decodeSense(bytes)).toMatchObject({ key: 0xb, asc: 0x4e, ascq: 0 });
});

test.each([
  ['a block that the fixed format has no room for', 2 ** 33, '7203110000000000', '000a80000000000200000000'],
  ['a block', 5, '7203110000000000', '000a80000000000000000005'],
])('%s is in the descriptor format', (_what, lba, head, descriptor) => {
  const command = new Command();
  command.checkBlock(SENSE.READ_ERROR, lba);
  command.describe();

  const bytes = Buffer.from(command.sense.subarray(0, command.senseLength)).toString('hex');
  expect(bytes).toBe(`${head.slice(0, 14)}0c${descriptor}`);
});

test('so is the field at fault, and nothing of sense data before', () => {
  const command = new Command();
  command.checkBlock(SENSE.READ_ERROR, 5);
  command.invalidField(8, 7);
  command.describe();

  const bytes = Buffer.from(command.sense.subarray(0, command.senseLength)).toString('hex');
  expect(bytes).toBe('72052400000000080206000' + '0cf000800');
});

test('a failed block past 2^32 does not fit the fixed format, so VALID stays 0', () => {
  const command = new Command();
  command.checkBlock(SENSE.READ_ERROR, 2 ** 32);
  expect(command.sense[0]).toBe(0x70);
});
