import { describe, expect, test } from 'vitest';
import {
  type GvnicDriver,
  gvnic,
  parseTcpFrame,
  SECOND,
  type TcpSegment,
  tcpFrame,
} from '../src/guest/index.ts';
import { cut, partsOfTcp, TCP_CHECKSUM_OFFSET } from '../src/guest/net/tcp-frame.ts';
import type { QueueFormat } from '../src/gvnic/registers/descriptor.ts';
import { gceN1 } from '../src/machine/gce-n1.ts';

const FORMATS: readonly QueueFormat[] = ['GQI_QPL', 'GQI_RDA', 'DQO_RDA', 'DQO_QPL'];
const MODES = FORMATS.flatMap((format) =>
  (['polled', 'msix'] as const).map((mode) => [format, mode] as const),
);

function start(format: QueueFormat, interrupts: 'polled' | 'msix', more: object = {}) {
  const machine = gceN1({ nics: [{ type: 'gvnic', gvnic: { formats: [format] }, ...more }] });
  return { machine, nic: machine.attach(gvnic({ interrupts })) };
}

const frameOf = (length: number) => Uint8Array.from({ length }, (_, i) => (i < 12 ? 0x42 : i * 7));

const MAC = Uint8Array.of(0x42, 1, 0x0a, 0x80, 0, 2);
/** Close to the most that one IP packet holds, in segments of Compute Engine's MTU. */
const [LARGE, MSS] = [65_000, 1420];

function segmentOf(length: number, more: Partial<TcpSegment> = {}): TcpSegment {
  return {
    version: 4,
    destination: Uint8Array.of(0x42, 1, 0x0a, 0x80, 0, 1),
    source: MAC,
    sourceIp: 0x0a80_0002,
    destinationIp: 0x0a80_0001,
    sourcePort: 40_000,
    destinationPort: 80,
    id: 0xfff0,
    seq: 0xffff_f000,
    push: true,
    fin: true,
    payload: Uint8Array.from({ length }, (_, i) => i * 31 + (i >> 8)),
    ...more,
  };
}

/** Sends a segment whose checksum is open; the device cuts it, if `mss` is given. */
function sendOpen(nic: GvnicDriver, segment: TcpSegment, mss?: number): void {
  const { tcpAt, payloadAt } = partsOfTcp(segment);
  nic.sendOffloaded(tcpFrame(segment, 'partial'), {
    csumStart: tcpAt,
    csumOffset: TCP_CHECKSUM_OFFSET,
    ...(mss !== undefined && { cut: { mss, headerLength: payloadAt } }),
  });
}

describe.each(FORMATS)('the offloads of %s rings', (format) => {
  test.each([4, 6] as const)('complete a checksum of TCP over IPv%i', (version) => {
    const { machine, nic } = start(format, 'polled');
    const segment = segmentOf(777, { version });

    sendOpen(nic, segment);

    expect(machine.nics[0]!.sent).toEqual([tcpFrame(segment, 'complete')]);
  });

  test.each([4, 6] as const)('cut 64 KiB of TCP over IPv%i into segments', (version) => {
    const { machine, nic } = start(format, 'polled');
    const segment = segmentOf(LARGE, { version });

    sendOpen(nic, segment, MSS);

    expect(machine.nics[0]!.sent).toEqual(cut(segment, MSS));
  });

  test('send a frame that is to be cut and is shorter than a segment', () => {
    const { machine, nic } = start(format, 'polled');
    const segment = segmentOf(100);

    sendOpen(nic, segment, MSS);

    expect(machine.nics[0]!.sent).toEqual([tcpFrame(segment, 'complete')]);
  });

  test('say which received checksums are right', () => {
    const { machine, nic } = start(format, 'polled');
    const right = tcpFrame(segmentOf(100), 'complete');
    const wrong = right.slice();
    wrong[60]! ^= 1;

    const checked = [right, wrong, frameOf(60)].map((frame) => {
      machine.nics[0]!.receive(frame);
      nic.receiveWithin(SECOND);
      return nic.last!.checked;
    });

    expect(checked).toEqual([true, false, false]);
  });

  test('hash the flows of TCP and UDP', () => {
    const { machine, nic } = start(format, 'polled');
    // The published test vector: 66.9.149.187:2794 to 161.142.100.80:1766.
    const frame = tcpFrame(
      segmentOf(10, {
        sourceIp: 0x4209_95bb,
        destinationIp: 0xa18e_6450,
        sourcePort: 2794,
        destinationPort: 1766,
      }),
      'complete',
    );

    machine.nics[0]!.receive(frame);
    nic.receiveWithin(SECOND);

    expect(nic.last!.hash).toBe(0x51cc_c178);
  });
});

describe.each(['DQO_RDA', 'DQO_QPL'] as const)('%s rings', (format) => {
  test('get segments of a flow that arrive together as one frame', () => {
    const { machine, nic } = start(format, 'polled');
    const segment = segmentOf(10_000, { fin: false });

    machine.nics[0]!.receive(...cut(segment, MSS));
    nic.receiveWithin(SECOND);

    expect([nic.last!.segmentSize, nic.last!.checked]).toEqual([MSS, true]);
    expect(parseTcpFrame(nic.last!.bytes)!.payload).toEqual(segment.payload);
    expect(nic.receive()).toBeNull();
  });
});

describe.each(MODES)('a gVNIC with %s rings, %s', (format, mode) => {
  test('sends frames as they are', () => {
    const { machine, nic } = start(format, mode);
    const frames = [60, 182, 183, 1474].map(frameOf);

    for (const frame of frames) nic.send(frame);

    expect(machine.nics[0]!.sent).toEqual(frames);
    expect([nic.format, nic.mac, nic.mtu, nic.linkUp]).toEqual([format, '42:01:0a:80:00:02', 1460, true]);
  });
});

test.each(FORMATS)('%s rings take frames of any length, through many laps', (format) => {
  const { machine, nic } = start(format, 'polled', { ringSize: 256 });
  // On average more than one buffer each: 256 slots are gone round three times.
  const lengths = Array.from({ length: 400 }, (_, i) => 60 + ((i * 37) % 5000));

  const got = lengths.map((length) => {
    machine.nics[0]!.receive(frameOf(length));
    return nic.receive()?.length;
  });

  expect(got).toEqual(lengths);
});

test.each(FORMATS)('%s rings take jumbo frames both ways, where the card offers them', (format) => {
  const gvnicOptions = { formats: [format], offer: ['JUMBO_FRAMES' as const] };
  const machine = gceN1({ nics: [{ type: 'gvnic', gvnic: gvnicOptions }] });
  const nic = machine.attach(gvnic());
  // The longest: 8896 bytes of IP, and the header.
  const frame = frameOf(8896 + 14);

  nic.send(frame);
  machine.nics[0]!.receive(frame);

  expect(nic.mtu).toBe(8896);
  expect([machine.nics[0]!.sent, nic.receiveWithin(SECOND)]).toEqual([[frame], frame]);
  expect(machine.findings).toEqual([]);
});
