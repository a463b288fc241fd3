import { describe, expect, test } from 'vitest';
import { ANY_LAYOUT, GUEST_CSUM, NetRig, plain, RX } from './net-rig.ts';
import type { OddField } from './odd-headers.ts';

/** The headers of three received frames, in hexadecimal. */
function headers(oddHeaders: readonly OddField[], ...features: readonly number[]): string[] {
  const rig = new NetRig({ oddHeaders }).start(ANY_LAYOUT, ...features);
  const heads = rig.stock(RX, 1600, 1600, 1600, 1600);
  for (let i = 0; i < 4; i++) rig.device.receive(plain(60));
  return heads.map((head) => Buffer.from(rig.guests[RX]!.buffer(head, 0).subarray(0, 10)).toString('hex'));
}

const NOTHING = '00'.repeat(10);

describe('every second received frame', () => {
  test('has only the requested oddities in its header', () => {
    expect(headers([])).toEqual([NOTHING, NOTHING, NOTHING, NOTHING]);
  });

  test('has an unknown flag, if flags may be set', () => {
    const flagged = `80${'00'.repeat(9)}`;
    expect(headers(['flags'], GUEST_CSUM)).toEqual([NOTHING, flagged, NOTHING, flagged]);
    expect(headers(['flags'])).toEqual([NOTHING, NOTHING, NOTHING, NOTHING]);
  });

  test('has checksum fields without a partial checksum', () => {
    const [first, second] = ['000000000000' + '02000010', '000000000000' + '0010feff'];
    expect(headers(['checksum'])).toEqual([NOTHING, first, NOTHING, second]);
  });

  test('has a header length only if it is large', () => {
    expect(headers(['hdr_len'])).toEqual([NOTHING, NOTHING, NOTHING, NOTHING]);
  });
});
