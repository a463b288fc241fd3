import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { gceN1 } from '../../machine/gce-n1.ts';
import { qemuPc } from '../../machine/qemu-pc.ts';
import { virtioNet } from '../drivers/virtio-net.ts';
import { cut, TCP_PAYLOAD_MAX, type TcpSegment } from '../net/tcp-frame.ts';
import { flowOf, receiveBurst, sendLarge, sendUnsummed } from './net.ts';
import { probe } from './probe.ts';

/** 10.128.0.2 to 10.128.0.3. The sequence number wraps within the payload. */
const SEGMENT: TcpSegment = {
  destination: Uint8Array.of(0x42, 0x01, 0x0a, 0x80, 0x00, 0x01),
  source: Uint8Array.of(0x42, 0x01, 0x0a, 0x80, 0x00, 0x02),
  sourceIp: 0x0a80_0002,
  destinationIp: 0x0a80_0003,
  sourcePort: 40_000,
  destinationPort: 80,
  id: 0xfff0,
  seq: 0xffff_f000,
  push: true,
  fin: false,
  payload: Uint8Array.from({ length: TCP_PAYLOAD_MAX }, (_, i) => i * 7 + (i >> 8)),
};
/** GCE's MTU of 1460 minus IP and TCP headers. */
const MSS = 1420;

const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

describe('the probe of a GCE machine', () => {
  test('finds and uses every part', () => {
    const frame = Uint8Array.from({ length: 60 }, (_, i) => i);
    const bytes = 1 << 20;
    const machine = gceN1({ rng: true, balloon: true, disks: [{ bytes }], nics: [{ backend: 'loopback' }] });
    machine.balloon!.target = 2;

    const facts = probe(machine.port, { text: 'hello', frames: [frame] });

    expect(facts.functions).toHaveLength(7);
    expect(facts.serial).toEqual(
      [
        [0x3f8, 4],
        [0x2f8, 3],
        [0x3e8, 6],
        [0x2e8, 7],
      ].map(([port, irq]) => ({ port, irq, type: '16550A', loopback: true, sent: 'hello' })),
    );
    expect(machine.serial.map(({ text }) => text)).toEqual(['hello', 'hello', 'hello', 'hello']);
    expect(facts.adapters.flatMap(({ disks }) => disks)).toEqual([
      {
        target: 1,
        lun: 0,
        vendor: 'Google',
        product: 'PersistentDisk',
        revision: '1',
        version: 6,
        standards: [0x00a0, 0x0460, 0x04c0],
        blocks: bytes / 512,
        logicalBlock: 512,
        physicalBlock: 4096,
        modeHeader: [0x1f, 0x00, 0x00, 0x08],
        sha256: createHash('sha256').update(new Uint8Array(bytes)).digest('hex'),
      },
    ]);
    expect(facts.nics).toMatchObject([{ mac: '42:01:0a:80:00:02', linkUp: true, received: [frame] }]);
    expect(facts.random).toHaveLength(1);
    expect(facts.balloons).toEqual([{ asked: 2, given: 2 }]);
    expect(machine.findings).toEqual([]);
  });
});

describe.each([gceN1, qemuPc])('the offloads of %o', (make) => {
  test('split 64 KiB of TCP into segments that fit the MTU', () => {
    const machine = make();
    const nic = machine.attach(virtioNet());

    const expected = sendLarge(nic, SEGMENT, MSS);

    // 65495 bytes of payload: 46 full segments and a remainder.
    expect(expected).toHaveLength(47);
    expect(machine.nics[0]!.sent.map(hexOf)).toEqual(expected.map(hexOf));
    expect(machine.findings).toEqual([]);
  });

  test('complete a checksum', () => {
    const machine = make();
    const nic = machine.attach(virtioNet());
    // An odd length: the last byte is summed as the high half of a word.
    const small = { ...SEGMENT, payload: SEGMENT.payload.subarray(0, 777) };

    const expected = sendUnsummed(nic, small);

    expect(machine.nics[0]!.sent).toEqual([expected]);
    expect(machine.findings).toEqual([]);
  });

  test('are not needed to assemble a flow, across the wrap of its sequence numbers', () => {
    const machine = make();
    const segments = cut(SEGMENT, MSS);
    const nic = machine.attach(virtioNet({ features: ['MAC'] }));
    machine.nics[0]!.receive(...segments);

    const flow = flowOf(receiveBurst(nic));

    expect(flow).toMatchObject({ frames: 47, joined: 0, wrongChecksums: 0 });
    expect(hexOf(flow.payload)).toBe(hexOf(SEGMENT.payload));
  });

  test('join the segments of a flow that arrive together', () => {
    const machine = make();
    const nic = machine.attach(virtioNet());
    const segments = sendLarge(nic, SEGMENT, MSS);
    machine.nics[0]!.receive(...segments);

    const flow = flowOf(receiveBurst(nic));

    expect(flow).toMatchObject({ frames: 1, joined: 1, wrongChecksums: 0 });
    expect(hexOf(flow.payload)).toBe(hexOf(SEGMENT.payload));
  });
});
