import { describe, expect, test } from 'vitest';
import { hex } from '../../core/bytes-rig.ts';
import { completeChecksum } from './complete.ts';

describe('completing a checksum', () => {
  test('stores the checksum over a field that holds the pseudo-header’s sum', () => {
    // TCP, 36 bytes, 10.128.0.2 to 10.128.0.1: pseudo-header 152d; tshark calls the final 61b4 good.
    const ip = '42010a80000142010a8000020800 45000038ffff4000400625be0a8000020a800001';
    const tcp = (sum: string) => `c0000050fffffffe0102030480901000${sum}00000101080a111111112222222261626364`;
    const frame = hex(ip + tcp('152d'));
    expect(completeChecksum(frame, 34, 16)).toBe(true);
    expect(frame).toEqual(hex(ip + tcp('61b4')));
  });

  test('starts words at csum_start, also an odd one, and pads an odd end', () => {
    // From byte 1: 0001 + field 0000 + 0200 = 0201.
    const frame = hex('ff 0001 0000 02');
    expect(completeChecksum(frame, 1, 2)).toBe(true);
    expect(frame).toEqual(hex('ff 0001 fdfe 02'));
  });

  test('turns a UDP checksum of 0 into ffff, since 0 means none, and leaves TCP’s', () => {
    const udp = hex('0000 0000 0000 ffff');
    const tcp = hex('00000000 00000000 00000000 00000000 ffff 0000');
    completeChecksum(udp, 0, 6);
    completeChecksum(tcp, 0, 16);
    expect(udp.subarray(6)).toEqual(hex('ffff'));
    expect(tcp.subarray(16)).toEqual(hex('0000 0000'));
  });

  test.each([
    ['the field is cut by the end', 3, 2],
    ['the field lies behind the end', 0, 6],
    ['the start lies behind the end', 200, 0],
    ['both are as large as they can be', 0xffff, 0xffff],
  ])('changes nothing if %s', (_, start, offset) => {
    const frame = hex('0102030405 06');
    expect(completeChecksum(frame, start, offset)).toBe(false);
    expect(frame).toEqual(hex('0102030405 06'));
  });

  test('reaches the last two bytes of the frame', () => {
    expect(completeChecksum(hex('0102030405 06'), 2, 2)).toBe(true);
  });
});
