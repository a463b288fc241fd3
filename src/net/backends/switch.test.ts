import { describe, expect, test } from 'vitest';
import { Clock } from '../../core/clock.ts';
import { KeepingNic } from './rig.ts';
import { Switch } from './switch.ts';

const A = [0x42, 1, 0, 0, 0, 0xa];
const B = [0x42, 1, 0, 0, 0, 0xb];
const EVERYONE = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff];

const frame = (to: number[], from: number[]) => [...to, ...from, 0x88, 0xb5, 1, 2, 3];

/** Three NICs on one switch. */
function lan() {
  const clock = new Clock();
  const device = new Switch();
  const nics = [new KeepingNic(clock), new KeepingNic(clock), new KeepingNic(clock)] as const;
  const ports = nics.map((nic, i) => {
    const port = device.port(`p${i}`);
    port.attach(nic);
    return port;
  });
  const send = (from: number, bytes: number[]) => ports[from]!.send(Uint8Array.from(bytes));
  return { device, clock, nics, ports, send, got: () => nics.map((nic) => nic.got.length) };
}

describe('a switch', () => {
  test('sends a frame for an unknown address to all ports but the sender’s', () => {
    const { send, nics } = lan();
    send(0, frame(B, A));
    expect(nics.map((nic) => nic.got)).toEqual([[], [frame(B, A)], [frame(B, A)]]);
  });

  test('sends it to one port once a frame from its destination was seen there', () => {
    const { send, got } = lan();
    send(1, frame(A, B));
    send(0, frame(B, A));
    expect(got()).toEqual([1, 1, 1]);
  });

  test('sends a frame for a group to all ports, whatever was learned', () => {
    const { send, got } = lan();
    send(1, frame(A, B));
    send(0, frame(EVERYONE, A));
    expect(got()).toEqual([1, 1, 2]);
  });

  test('never sends a frame back where it came from', () => {
    const { send, got } = lan();
    send(0, frame(A, B));
    send(0, frame(B, A));
    expect(got()).toEqual([0, 1, 1]);
  });

  test('follows an address that moves to another port', () => {
    const { send, nics, device } = lan();
    send(1, frame(A, B));
    send(2, frame(A, B));
    send(0, frame(B, A));
    expect(device.portOf('42:01:00:00:00:0B')).toBe('p2');
    expect(nics[2].got.at(-1)).toEqual(frame(B, A));
  });

  test.each([
    [300e9, [1, 1, 1]],
    [300e9 + 1, [1, 1, 2]],
  ])('after %d ns of silence has sent so much', (silence, expected) => {
    const { send, clock, got } = lan();
    send(1, frame(A, B));
    clock.advance(silence);
    send(0, frame(B, A));
    expect(got()).toEqual(expected);
  });

  test('learns no group as a source', () => {
    const { send, device } = lan();
    send(0, frame(B, EVERYONE));
    expect(device.portOf('ff:ff:ff:ff:ff:ff')).toBeUndefined();
  });

  test('drops frames to bridge addresses, and forwards those to adjacent addresses', () => {
    const { send, got } = lan();
    send(0, frame([0x01, 0x80, 0xc2, 0, 0, 0x0f], A));
    expect(got()).toEqual([0, 0, 0]);
    send(0, frame([0x01, 0x80, 0xc2, 0, 0, 0x10], A));
    expect(got()).toEqual([0, 1, 1]);
  });

  test('drops a frame too short for two addresses', () => {
    const { send, got } = lan();
    send(0, [...A, 1]);
    expect(got()).toEqual([0, 0, 0]);
  });

  test('drops frames for a port whose NIC is gone', () => {
    const { send, ports, got } = lan();
    send(1, frame(A, B));
    ports[1]!.attach(null);
    send(0, frame(B, A));
    expect(got()).toEqual([1, 0, 1]);
  });

  test('refuses a second port of one name', () => {
    expect(() => lan().device.port('p0')).toThrow(
      'switch.port must be a name that no other port of this switch has; got "p0"',
    );
  });
});
