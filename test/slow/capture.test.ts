import { execFileSync } from 'node:child_process';
import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { defaultFrames } from '../../src/cli/assets.ts';
import { type NicDriver, virtioNetDriver } from '../../src/guest/index.ts';
import { gceN1 } from '../../src/machine/gce-n1.ts';
import type { Machine } from '../../src/machine/machine.ts';
import { Loopback, type NetBackend, Recorder, Replay } from '../../src/net/backends/index.ts';
import { CaptureWriter } from '../../src/trace/index.ts';
import { workFolder } from './work-folder.ts';

const frames = defaultFrames().map((frame) => Buffer.from(frame));
const MILLISECOND = 1_000_000;
const folder = workFolder();

/** Segments stay as received: coalesced, they would not be the same bytes. */
function boot(backend: NetBackend): { machine: Machine; nic: NicDriver } {
  const machine = gceN1({ nics: [{ backend }] });
  const nic = machine.attach(virtioNetDriver);
  nic.setOffloads(0);
  return { machine, nic };
}

/** Indices at which two lists of frames are not the same bytes. */
function differing(one: readonly Uint8Array[], other: readonly Buffer[]): number[] {
  const count = Math.max(one.length, other.length);
  return Array.from({ length: count }, (_, i) => i).filter(
    (i) => one[i] === undefined || other[i] === undefined || !other[i].equals(one[i]),
  );
}

describe('a recording of real programs', () => {
  test('is long, and has frames of every size', () => {
    const lengths = frames.map(({ length }) => length);

    expect(frames.length).toBeGreaterThanOrEqual(1000);
    expect(Math.min(...lengths)).toBeLessThan(60);
    expect(Math.max(...lengths)).toBe(1474); // MTU 1460 and an Ethernet header
  });

  test('goes out of a NIC and back in, byte for byte', () => {
    const { machine, nic } = boot(new Loopback());
    const received: Uint8Array[] = [];

    for (const frame of frames) {
      nic.send(frame);
      received.push(nic.receiveWithin(MILLISECOND)!);
    }

    expect(differing(machine.nics[0]!.sent, frames)).toEqual([]);
    expect(differing(received, frames)).toEqual([]);
    expect(nic.receive()).toBeNull();
    expect(machine.findings).toEqual([]);
  });

  test('comes in from outside, byte for byte', () => {
    const replay = new Replay(frames);
    const { machine, nic } = boot(replay);
    const received: Uint8Array[] = [];

    while (replay.next()) received.push(nic.receiveWithin(MILLISECOND)!);

    expect(differing(received, frames)).toEqual([]);
    expect(replay.sent).toEqual([]);
    expect(machine.findings).toEqual([]);
  });
});

describe('tshark, given what the recorder wrote of it,', () => {
  const file = join(folder, 'recorded.pcapng');

  beforeAll(() => {
    const fd = openSync(file, 'w');
    const writer = new CaptureWriter((block) => writeSync(fd, block), 'net0');
    let now = 0;
    const { machine, nic } = boot(new Recorder(new Loopback(), writer, () => now));
    for (const frame of frames) {
      nic.send(frame);
      now = machine.now;
    }
    closeSync(fd);
  });

  test('sees every frame twice, out and in, of the right length', () => {
    const seen = tshark('-T', 'fields', '-e', 'frame.len', '-e', 'frame.packet_flags_direction');

    // 2 is outbound, 1 inbound, as epb_flags has it.
    expect(seen.map((line) => line.replace('0x0000000', ''))).toEqual(
      frames.flatMap(({ length }) => [`${length}\t2`, `${length}\t1`]),
    );
  });

  test('finds no malformed packet and no wrong checksum', () => {
    const wrong =
      '_ws.malformed || ip.checksum.status == "Bad" || tcp.checksum.status == "Bad" || udp.checksum.status == "Bad"';
    const checking = ['ip', 'tcp', 'udp'].flatMap((layer) => ['-o', `${layer}.check_checksum:TRUE`]);

    expect(tshark(...checking, '-Y', wrong)).toEqual([]);
    expect(tshark(...checking, '-Y', 'tcp.checksum.status == "Good"').length).toBeGreaterThan(200);
  });

  function tshark(...argv: string[]): string[] {
    const stdio = ['ignore', 'pipe', 'ignore'] as const;
    const out = execFileSync('tshark', ['-r', file, ...argv], { encoding: 'utf8', stdio: [...stdio] });
    return out.split('\n').filter((line) => line !== '');
  }
});
