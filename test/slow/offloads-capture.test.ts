import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { type NicDriver, virtioNet } from '../../src/guest/index.ts';
import { gceN1 } from '../../src/machine/gce-n1.ts';
import { completeChecksum } from '../../src/net/offload/index.ts';
import { anyLargeFrame, frameOf, type LargeFrame } from '../../src/net/offload/large-frame-rig.ts';
import { writePcapng } from '../../src/trace/index.ts';
import { workFolder } from './work-folder.ts';

const file = join(workFolder(), 'offloads.pcapng');
const NEEDS_CSUM = 1;
const DATA_VALID = 2;
/** This many large frames become some 10,000 on the wire. */
const LARGE = 1600;
const SENT_MOST = 64;
/** Dissects only the frames' own protocols, not the ones that their ports suggest. */
const PROTOCOLS =
  'frame,eth,ethertype,vlan,ieee8021ad,ip,ipv6,ipv6.hopopts,ipv6.dstopts,ipv6.routing,ipv6.fraghdr,tcp,udp,data';
const WRONG =
  '_ws.malformed || ip.checksum.status == "Bad" || tcp.checksum.status == "Bad" || udp.checksum.status == "Bad"';
const CHECKED = ['ip', 'tcp', 'udp'].flatMap((layer) => ['-o', `${layer}.check_checksum:TRUE`]);

const machine = () =>
  gceN1({
    virtio: 'modern',
    judge: false,
    nics: [
      {
        keep: SENT_MOST,
        offer: ['HOST_ECN', 'HOST_USO', 'HOST_UFO', 'GUEST_ECN', 'GUEST_USO4', 'GUEST_USO6'],
      },
    ],
  });

/** Large frames of every kind, every second of them plain, up to 8000 bytes of payload, of datagrams each with an identification of its own. */
function largeFrames(): LargeFrame[] {
  return fc.sample(anyLargeFrame(2), { seed: 7, numRuns: LARGE }).map((large, i) => ({
    ...large,
    ...(i % 2 === 0 && {
      options: [],
      extensions: [],
      tags: large.tags.slice(0, 1),
      flags: large.flags & 0xd8,
    }),
    identification: (i * 40) & 0xffff,
    payload: Uint8Array.from({ length: 1 + ((i * 2_654_435_761) % 8000) }, (_, at) => at * 31 + i),
  }));
}

/** Leaves it uncut in every possible variant, in turn; the shortest only without a checksum. */
function send(nic: NicDriver, large: LargeFrame, i: number): void {
  const frame = frameOf(large, 'partial');
  const isTcp = large.protocol === 'tcp';
  const csumStart = frame.length - large.payload.length - (isTcp ? 20 + large.tcpOptions.length : 8);
  const csumOffset = isTcp ? 16 : 6;
  const mss = 400 + (i % 1000);
  const cut = { mss, headerLength: frame.length - large.payload.length, csumStart, csumOffset };
  if (large.payload.length < 400) nic.sendPartial(frame, csumStart, csumOffset);
  else if (isTcp) nic.sendTso(frame, cut);
  else if (i % 2 === 0) nic.sendUso(frame, cut);
  else nic.sendUfo(frame, cut);
}

describe("tshark, given a NIC's sent large frames and joined segments,", () => {
  const wire: Uint8Array[] = [];
  const received: Uint8Array[] = [];
  const vouched = { open: 0, valid: 0 };

  beforeAll(() => {
    const sender = machine();
    const receiver = machine();
    const [from, to] = [sender, receiver].map((one) => one.attach(virtioNet({ interrupts: 'polled' })));
    for (const [i, large] of largeFrames().entries()) {
      send(from!, large, i);
      const burst = sender.nics[0]!.sent.splice(0);
      wire.push(...burst);
      receiver.nics[0]!.receive(...burst);
      for (let frame = to!.receive(); frame !== null; frame = to!.receive()) {
        const { flags, csum_start, csum_offset } = to!.header!;
        if ((flags & NEEDS_CSUM) !== 0 && completeChecksum(frame, csum_start, csum_offset)) vouched.open++;
        if ((flags & DATA_VALID) !== 0) vouched.valid++;
        received.push(frame);
      }
    }
    const outgoing = wire.map((data, at) => ({ at, data, direction: 'out' as const }));
    const incoming = received.map((data, i) => ({ at: wire.length + i, data, direction: 'in' as const }));
    writeFileSync(file, writePcapng([...outgoing, ...incoming], 'net0'));
  });

  test('has enough frames of every kind', () => {
    expect(wire.length).toBeGreaterThan(8000);
    expect(received.length).toBeGreaterThan(2000);
    expect([vouched.open > 200, vouched.valid > 200]).toEqual([true, true]);
  });

  test('finds no malformed packet and no wrong checksum', () => {
    expect(tshark(...CHECKED, '-Y', WRONG)).toEqual([]);
  });

  test('finds the checksums of all others good', () => {
    const whole = (layer: string) => tshark('-Y', layer).length;
    const good = (layer: string) => tshark(...CHECKED, '-Y', `${layer}.checksum.status == "Good"`).length;
    expect([good('tcp'), good('udp')]).toEqual([whole('tcp'), whole('udp')]);
    expect(good('tcp') + good('udp')).toBeGreaterThan(6000);
  });

  function tshark(...argv: string[]): string[] {
    const stdio = ['ignore', 'pipe', 'ignore'] as const;
    const args = ['-r', file, '--only-protocols', PROTOCOLS, ...argv];
    const out = execFileSync('tshark', args, { encoding: 'utf8', stdio: [...stdio], maxBuffer: 1 << 28 });
    return out.split('\n').filter((line) => line !== '');
  }
});
