import { describe, expect, test } from 'vitest';
import { probeMachine, renderReport, reportJson } from '../src/conformance/index.ts';
import { gceN1 } from '../src/index.ts';

describe('the probe', () => {
  const report = () => {
    const frames = Array.from({ length: 3 }, (_, i) => new Uint8Array(60 + i).fill(i + 1));
    return probeMachine(gceN1({ nics: [{ backend: 'loopback' }], disks: [{ bytes: 1 << 20 }] }), {
      text: 'probe\r\n',
      frames,
    });
  };

  test('passes every line of the Compute Engine document', () => {
    const { requirements, failed } = report();
    const of = (wanted: string) =>
      requirements.filter(({ outcome }) => outcome === wanted).map(({ clause }) => clause);

    expect([of('pass').length, of('fail'), of('unreached')]).toEqual([19, [], []]);
    expect(failed).toBe(false);
  });

  test('fails where the machine has fewer serial ports on their lines than it should', () => {
    // Without a NIC there is nothing to send on, and the document asks for one.
    const { requirements } = probeMachine(gceN1({ nics: [] }), { text: '', frames: [] });

    expect(requirements.find(({ clause }) => clause === 'gce/NET')?.outcome).toBe('unreached');
  });

  test('has the same report for people and for programs', () => {
    const made = report();

    const text = renderReport(made, { color: false });
    const json = reportJson(made);

    expect(text).toMatch(/ 19 pass {3}0 fail {3}0 unreached\n/);
    expect(json.functions[3]).toEqual({
      address: '00:03.0',
      vendor: 0x1af4,
      device: 0x1004,
      class: 0,
      revision: 0,
      subsystem: { vendor: 0x1af4, device: 8 },
      bars: [
        { index: 0, kind: 'io', size: 64 },
        { index: 1, kind: 'mem32', size: 128 },
      ],
      msixVectors: 4,
      pin: 1,
    });
    expect(json.serial.map(({ irq }) => irq)).toEqual([4, 3, 6, 7]);
  });

  test('reports how often a clause was checked and when last', () => {
    const made = report();

    const { verdicts } = reportJson(made);

    const of = (wanted: string) => verdicts.find(({ clause }) => clause === wanted);
    expect(of('gce/SERIAL')).toEqual({
      clause: 'gce/SERIAL',
      outcome: 'pass',
      said: '4 of 4 are 16550A on their IRQ',
      met: 1,
      at: made.machine.now,
      findings: [],
    });
    // MTU, which no profile offers, could not be broken.
    expect(of('virtio/NET-CFG-D7')).toMatchObject({ outcome: 'unreached', met: 0, at: null });
    // Each of the four ports prints; bytes in loopback do not leave the port.
    expect(of('uart/DIVISOR')).toMatchObject({ outcome: 'pass', met: 4 });
  });
});
