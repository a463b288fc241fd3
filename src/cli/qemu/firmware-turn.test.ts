import { expect, test } from 'vitest';
import { gceN1 } from '../../machine/gce-n1.ts';
import { FirmwareTurn } from './firmware-turn.ts';

/** Of the legacy header; the ports where a driver finds the device in this machine. */
const DEVICE_STATUS = 18;

function booted() {
  const machine = gceN1({ rng: true });
  const turn = new FirmwareTurn(machine);
  const of = (name: string) => {
    const base = machine.functions.find((fn) => fn.name === name)!.bars[0]!.mapped!;
    return {
      setStatus: (value: number) => machine.port.out(base + DEVICE_STATUS, value, 1),
      touch: () => machine.port.in(base + DEVICE_STATUS, 1),
    };
  };
  return { turn, net: of('net0'), rng: of('rng0'), excused: () => machine.journal.excuses!() };
}

test('nobody is excused where no firmware speaks', () => {
  const { turn, rng, excused } = booted();

  rng.setStatus(1);
  turn.hear('hello\n');

  expect(excused()).toBe(false);
});

test('all is the doing of SeaBIOS until it hands over, however its words arrive', () => {
  const { turn, excused } = booted();
  turn.hear('SeaBIO');
  turn.hear('S (version 1.17.0)\nRunning on QEMU\n');
  const before = excused();

  turn.hear('enter handle_19:\nBooting fr');
  turn.hear('om ROM...\n');

  expect([before, excused()]).toEqual([true, false]);
});

test('a device that SeaBIOS drives is its own until somebody resets it, and no other is', () => {
  const { turn, net, rng, excused } = booted();
  turn.hear('SeaBIOS (version 1.17.0)\n');
  rng.setStatus(7);
  turn.hear('Booting from Hard Disk...\n');
  const asked = [];

  rng.touch();
  asked.push(excused());
  net.touch();
  asked.push(excused());
  rng.setStatus(0);
  asked.push(excused());
  rng.setStatus(1);
  asked.push(excused());

  expect(asked).toEqual([true, false, false, false]);
});

test('it is the turn of SeaBIOS again when the guest starts anew', () => {
  const { turn, excused } = booted();
  turn.hear('SeaBIOS (version 1.17.0)\nBooting from ROM...\n');

  turn.hear('SeaBIOS (version 1.17.0)\n');

  expect(excused()).toBe(true);
});
