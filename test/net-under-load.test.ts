import { describe, expect, test } from 'vitest';
import { type NicDriver, virtioNet } from '../src/guest/index.ts';
import { Clock, gceN1, type Machine, type MachineOptions } from '../src/index.ts';
import { makeFrame } from '../src/net/frame/make.ts';
import { frameOf, largeFrame, segmentsOf } from '../src/net/offload/large-frame-rig.ts';

const MILLISECOND = 1_000_000;
const LARGE = largeFrame({
  version: 6,
  identification: 0,
  payload: Uint8Array.from({ length: 30_000 }, (_, i) => i),
});
const AT = { mss: 1000, headerLength: 74, csumStart: 54, csumOffset: 16 };
const SEGMENTS = segmentsOf(LARGE, 1000);

interface Cable {
  send(frame: Uint8Array): void;
  attach(): void;
}

/** A cable at which `act` is done when the fifth frame of a burst is on it. */
function cable(act: () => void): Cable & { frames: number } {
  const made = {
    frames: 0,
    send: () => {
      if (++made.frames === 5) act();
    },
    attach: () => {},
  };
  return made;
}

function attached(options: MachineOptions): { clock: Clock; machine: Machine; nic: NicDriver } {
  const clock = new Clock();
  const machine = gceN1({ ...options, clock });
  return { clock, machine, nic: machine.attach(virtioNet({ interrupts: 'polled' })) };
}

/** All received data, in any pieces, as segments. */
const sizes = (nic: NicDriver) => {
  const seen: number[] = [];
  for (let frame = nic.receive(); frame !== null; frame = nic.receive()) seen.push(frame.length);
  return seen;
};
const WHOLE = frameOf(LARGE, 'partial').length;

describe('in the middle of a burst', () => {
  test('the link goes down: later frames are lost, the driver goes on, and its frames arrive when it is up again', () => {
    const wire = cable(() => machine.nics[0]!.setLink(false));
    const { machine, nic } = attached({ nics: [{ backend: wire }] });
    nic.sendTso(frameOf(LARGE, 'partial'), AT);
    nic.send(makeFrame());
    const sent = machine.nics[0]!.sentTotal;
    machine.nics[0]!.receive(makeFrame());
    const during = [nic.linkUp, sizes(nic).length];
    machine.nics[0]!.setLink(true);
    machine.nics[0]!.receive(...SEGMENTS);
    nic.send(makeFrame());
    expect([sent, during, nic.linkUp, sizes(nic)]).toEqual([SEGMENTS.length, [false, 0], true, [WHOLE]]);
    expect([machine.nics[0]!.sentTotal, machine.findings]).toEqual([SEGMENTS.length + 1, []]);
  });

  test('the card is pulled out: nothing reaches it, and another takes its place', () => {
    const wire = cable(() => machine.removeNic(machine.nics[0]!));
    const { clock, machine, nic } = attached({ nics: [{ backend: wire }] });
    const card = machine.nics[0]!;
    nic.sendTso(frameOf(LARGE, 'partial'), AT);
    expect(() => nic.send(makeFrame())).toThrow();
    const seen = card.sentTotal;
    clock.advance(10 * MILLISECOND);
    const next = machine.addNic();
    expect([seen, card.sentTotal === seen, machine.nics, next.sentTotal]).toEqual([
      SEGMENTS.length,
      true,
      [next],
      0,
    ]);
  });

  test('the card is reset by its driver: it comes up, and frames that waited for the old rings are gone', () => {
    const { machine, nic } = attached({ nics: [{ offer: ['CTRL_RX'] }] });
    machine.nics[0]!.receive(...Array.from({ length: 500 }, () => broadcast()));
    nic.suspend();
    machine.nics[0]!.receive(...SEGMENTS);
    nic.resume();
    const left = sizes(nic).length;
    machine.nics[0]!.receive(broadcast());
    expect(sizes(nic)).toEqual([154]);
    expect([left <= 129, machine.findings]).toEqual([true, []]);
  });
});

describe('delayed work', () => {
  const offer = ['NOTF_COAL'] as const;
  const moderated = () => {
    const clock = new Clock();
    const machine = gceN1({ clock, virtio: 'modern', nics: [{ offer: [...offer], joinWithin: 500_000 }] });
    const nic = machine.attach(virtioNet({ interrupts: 'msix' }));
    nic.commands.moderateAll('receive', { max_packets: 64, max_usecs: 900 });
    machine.nics[0]!.receive(broadcast(), SEGMENTS[0]!);
    return { clock, machine, nic };
  };

  test('does not happen once the card is pulled out', () => {
    const { clock, machine } = moderated();
    machine.removeNic(machine.nics[0]!);
    expect(() => clock.advance(10 * MILLISECOND)).not.toThrow();
  });

  test('does not happen after a reset', () => {
    const { clock, machine, nic } = moderated();
    nic.suspend();
    nic.resume();
    clock.advance(10 * MILLISECOND);
    expect([sizes(nic), machine.findings]).toEqual([[], []]);
  });
});

test('frames switch between joined and not while they wait, and none is lost', () => {
  const { machine, nic } = attached({ nics: [{ ringSize: 64 }] });
  const seen: number[] = [];
  for (const mask of [0, 0x182, 0x002, 0x182, 0]) {
    machine.nics[0]!.receive(...SEGMENTS);
    nic.setOffloads(mask);
    for (let frame = nic.receive(); frame !== null; frame = nic.receive())
      seen.push(frame.length - AT.headerLength);
  }
  expect(seen.reduce((sum, size) => sum + size, 0)).toBe(5 * LARGE.payload.length);
  expect(machine.findings).toEqual([]);
});

test('cards are added and removed while another works', () => {
  const { machine, nic } = attached({});
  for (let i = 0; i < 20; i++) {
    const other = machine.addNic();
    nic.sendTso(frameOf(LARGE, 'partial'), AT);
    machine.nics[0]!.receive(...SEGMENTS);
    machine.removeNic(other);
  }
  expect([machine.nics[0]!.sentTotal, sizes(nic)]).toEqual([600, new Array(20).fill(WHOLE)]);
  expect(machine.findings).toEqual([]);
});

/** A broadcast. */
function broadcast(): Uint8Array {
  return makeFrame().fill(0xff, 0, 6);
}
