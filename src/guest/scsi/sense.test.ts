import { expect, test } from 'vitest';
import { gceN1 } from '../../machine/gce-n1.ts';
import { virtioScsi } from '../drivers/virtio-scsi.ts';
import { parseSense } from './sense.ts';

const sense = (hex: string) => parseSense(Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex')));
const NOTHING = {
  deferred: false,
  information: null,
  commandSpecific: null,
  keySpecific: null,
  field: null,
  fru: null,
};

// SPC-4, 4.5.3: VALID and response code, obsolete, key, information, additional length, command specific, code and
// qualifier, field replaceable unit, sense-key specific.
test('fixed format: a medium error at a block, with a count of retries', () => {
  expect(sense('f0 00 03 00001234 0a 00000007 11 00 02 80 0003')).toEqual({
    key: 3,
    asc: 0x11,
    ascq: 0,
    deferred: false,
    information: 0x1234,
    commandSpecific: 7,
    keySpecific: Uint8Array.of(0x80, 0, 3),
    field: null,
    fru: 2,
  });
});

// SKSV, C/D, BPV and bit 4 are 80h + 40h + 08h + 4.
test('fixed format: an illegal request points at a field', () => {
  expect(sense('70 00 05 00000000 0a 00000000 24 00 00 cc 0002')?.field).toEqual({
    inCdb: true,
    byte: 2,
    bit: 4,
  });
  expect(sense('70 00 05 00000000 0a 00000000 26 00 00 80 0102')?.field).toEqual({
    inCdb: false,
    byte: 0x102,
    bit: null,
  });
});

test('fixed format: bytes beyond the additional length are ignored, and 71h is a deferred error', () => {
  expect(sense('71 00 0b 00000000 06 00000000 4e 00 ff ff ffff')).toEqual({
    ...NOTHING,
    key: 0xb,
    asc: 0x4e,
    ascq: 0,
    deferred: true,
    commandSpecific: 0,
  });
});

// SPC-4, 4.5.2: response code, key, code, qualifier, three reserved bytes, additional length; then descriptors.
test('descriptor format: in any order, with numbers of 64 bits', () => {
  expect(
    sense(
      '72 05 24 01 000000 22 01 0a 0000 0000000000000009 02 06 0000 c0 0001 00 00 0a 80 00 0000000100000002',
    ),
  ).toEqual({
    ...NOTHING,
    key: 5,
    asc: 0x24,
    ascq: 1,
    information: 0x1_0000_0002,
    commandSpecific: 9,
    keySpecific: Uint8Array.of(0xc0, 0, 1),
    field: { inCdb: true, byte: 1, bit: null },
  });
});

test('descriptor format: an invalid information field, and a truncated descriptor, are ignored', () => {
  expect(sense('73 03 11 00 000000 12 00 0a 00 00 0000000100000002 03 02 00')).toEqual({
    ...NOTHING,
    key: 3,
    asc: 0x11,
    ascq: 0,
    deferred: true,
  });
});

test.each(['', '70 00 05', '72 05 24', '7f 00 00 00 00 00 00 00 00 00 00 00 00 00'])(
  'invalid sense data: "%s"',
  (hex) => {
    expect(sense(hex)).toBeNull();
  },
);

test('an answer keeps all of the unit’s sense', () => {
  const host = gceN1().attach(virtioScsi());
  // INQUIRY of page 5 without EVPD, an error at bit 7 of byte 2.
  const cdb = Uint8Array.of(0x12, 0, 5, 0, 36, 0);

  const answer = host.execute(1, 0, { name: 'INQUIRY', cdb, dataIn: 36 });

  expect(answer.sense).toMatchObject({ key: 5, asc: 0x24, field: { inCdb: true, byte: 2, bit: 7 } });
});
