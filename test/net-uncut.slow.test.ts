import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { virtioNet } from '../src/guest/index.ts';
import { gceN1 } from '../src/index.ts';
import {
  anyLargeFrame,
  fragmentsOf,
  frameOf,
  type LargeFrame,
  largeFrame,
  segmentsOf,
} from '../src/net/offload/large-frame-rig.ts';

const LARGE = largeFrame({ flags: 0x99 });
const TCP_SUM = 16;
const UDP_SUM = 6;

/** The frames on the wire of a modern card that cuts all that it can. */
function sendUncut(how: 'sendTso' | 'sendUso' | 'sendUfo', large: LargeFrame, mss: number) {
  const machine = gceN1({ virtio: 'modern', nics: [{ offer: ['HOST_ECN', 'HOST_USO', 'HOST_UFO'] }] });
  const nic = machine.attach(virtioNet({ interrupts: 'polled' }));
  const frame = frameOf(large, 'partial');
  const header = large.protocol === 'tcp' ? 20 + large.tcpOptions.length : 8;
  const headerLength = frame.length - large.payload.length;
  const csumOffset = large.protocol === 'tcp' ? TCP_SUM : UDP_SUM;
  nic[how](frame, { mss, headerLength, csumStart: headerLength - header, csumOffset });
  return { sent: machine.nics[0]!.sent, findings: machine.findings };
}

describe('a driver leaves uncut', () => {
  test.each([
    ['TCP over IPv6', { version: 6 }],
    ['TCP over IPv6 behind a VLAN tag', { version: 6, tags: [0x8100] }],
    ['TCP over IPv4 behind two tags', { tags: [0x88a8, 0x8100] }],
    ['TCP over IPv4 with options', { options: [[148, 4, 0, 0]] }],
  ] as const)('%s: segments are right, to the byte', (_, more) => {
    const large = { ...LARGE, ...more };
    expect(sendUncut('sendTso', large, 1400)).toEqual({ sent: segmentsOf(large, 1400), findings: [] });
  });

  test.each([4, 6] as const)('UDP over IPv%i: datagrams are right, to the byte', (version) => {
    const large = { ...LARGE, version, protocol: 'udp' as const };
    expect(sendUncut('sendUso', large, 1400)).toEqual({ sent: segmentsOf(large, 1400), findings: [] });
  });

  test.each([4, 6] as const)('one datagram over IPv%i: fragments are right, to the byte', (version) => {
    const large = { ...LARGE, version, protocol: 'udp' as const };
    expect(sendUncut('sendUfo', large, 1440)).toEqual({ sent: fragmentsOf(large, 1440, 1), findings: [] });
  });

  test('anything allowed: segments are right, to the byte', () => {
    fc.assert(
      fc.property(anyLargeFrame(300), fc.integer({ min: 8, max: 310 }), (large, mss) => {
        const how = large.protocol === 'tcp' ? 'sendTso' : 'sendUso';
        expect(sendUncut(how, large, mss).sent).toEqual(segmentsOf(large, mss));
      }),
      { numRuns: 20 },
    );
  });
});
