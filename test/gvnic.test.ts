import { describe, expect, test } from 'vitest';
import type { QueueFormat } from '../src/gvnic/registers/descriptor.ts';
import { gvnic, SECOND } from '../src/guest/index.ts';
import { gceN1 } from '../src/machine/gce-n1.ts';

const FORMATS: readonly QueueFormat[] = ['GQI_QPL', 'GQI_RDA', 'DQO_RDA', 'DQO_QPL'];
const MODES = FORMATS.flatMap((format) => (['polled', 'msix'] as const).map((mode) => [format, mode] as const));

function start(format: QueueFormat, interrupts: 'polled' | 'msix', more: object = {}) {
  const machine = gceN1({ nics: [{ type: 'gvnic', gvnic: { formats: [format] }, ...more }] });
  return { machine, nic: machine.attach(gvnic({ interrupts })) };
}

const frameOf = (length: number) => Uint8Array.from({ length }, (_, i) => (i < 12 ? 0x42 : i * 7));

describe.each(MODES)('a gVNIC with %s rings, %s', (format, mode) => {
  test('sends frames as they are', () => {
    const { machine, nic } = start(format, mode);
    const frames = [60, 182, 183, 1474].map(frameOf);

    for (const frame of frames) nic.send(frame);

    expect(machine.nics[0]!.sent).toEqual(frames);
    expect([nic.format, nic.mac, nic.mtu, nic.linkUp]).toEqual([format, '42:01:0a:80:00:02', 1460, true]);
  });

  test('receives frames of any length, through many laps of its rings', () => {
    const { machine, nic } = start(format, mode, { ringSize: 256 });
    const lengths = Array.from({ length: 1200 }, (_, i) => 60 + ((i * 37) % 5000));

    const got = lengths.map((length) => {
      machine.nics[0]!.receive(frameOf(length));
      return nic.receiveWithin(SECOND)?.length;
    });

    expect(got).toEqual(lengths);
  });
});
