import { describe, expect, test } from 'vitest';
import { pattern } from '../../src/core/bytes-rig.ts';
import { virtioNet, virtioRng, virtioScsi } from '../../src/guest/index.ts';
import { cut } from '../../src/guest/net/tcp-frame.ts';
import { flowOf, receiveBurst } from '../../src/guest/parts/net.ts';
import { gceN1 } from '../../src/index.ts';
import { MIB, POLICIES, WAYS } from './completion-ways.ts';

const SECOND = 1_000_000_000;
const FLOW = {
  destination: Uint8Array.of(0x42, 1, 10, 128, 0, 2),
  source: Uint8Array.of(0x42, 1, 10, 128, 0, 1),
  sourceIp: 0x0a80_0001,
  destinationIp: 0x0a80_0002,
  sourcePort: 80,
  destinationPort: 40_000,
  id: 1,
  seq: 1,
  push: false,
  fin: false,
};

describe.each(WAYS)('%s', (_way, options) => {
  describe.each(POLICIES)('completions %s', (_policy, completion) => {
    const machineFor = () =>
      gceN1({
        ...options,
        completion,
        rng: true,
        nics: [{ mergeable: true, ringSize: 64 }],
        scsi: { ringSize: 64 },
        disks: [{ bytes: MIB }],
      });

    test('lose no frame and mix none up', () => {
      const machine = machineFor();
      const nic = machine.attach(virtioNet());
      // The long one fills several of the receive buffers that are merged.
      const frames = [pattern(1514, 3), pattern(60, 5), pattern(700, 7), pattern(60, 11)];

      for (const frame of frames) nic.post(frame);
      nic.flush();
      machine.nics[0]!.receive(...frames);
      const came = frames.map(() => nic.receiveWithin(SECOND));

      expect(machine.nics[0]!.sent).toEqual(frames);
      expect([...came].sort(bytewise)).toEqual([...frames].sort(bytewise));
      expect(machine.findings).toEqual([]);
    });

    test('keep a packet of many buffers together', () => {
      const machine = machineFor();
      const nic = machine.attach(virtioNet());
      const segment = { ...FLOW, payload: pattern(20_000, 13) };

      // Segments of one flow that come together are one packet to a driver that takes GUEST_TSO4: of 14 buffers.
      machine.nics[0]!.receive(...cut(segment, 1448));
      const flow = flowOf(receiveBurst(nic));

      expect([flow.joined, flow.wrongChecksums]).toEqual([1, 0]);
      expect(Buffer.compare(flow.payload, segment.payload)).toBe(0);
    });

    test('bring a disk’s blocks back where they belong', () => {
      const machine = machineFor();
      const host = machine.attach(virtioScsi());
      const data = pattern(96 * 1024, 7);

      host.write(1, 3, data);
      host.flush(1);
      const read = host.read(1, 3, data.length / 512);

      expect(Buffer.compare(read, data)).toBe(0);
      expect(machine.findings).toEqual([]);
    });

    test('return random bytes, also to a restarted driver', () => {
      const machine = machineFor();
      machine.attach(virtioRng()).close();

      const bytes = machine.attach(virtioRng({ interrupts: 'polled' })).read(600);

      expect(new Set(bytes).size).toBeGreaterThan(150);
      expect(machine.findings).toEqual([]);
    });
  });
});

function bytewise(a: Uint8Array | null, b: Uint8Array | null): number {
  return Buffer.compare(a ?? new Uint8Array(0), b ?? new Uint8Array(0));
}
