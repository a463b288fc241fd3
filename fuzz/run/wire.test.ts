import { expect, test } from 'vitest';
import { Random } from '../../src/core/random.ts';
import { gceN1, type Machine } from '../../src/index.ts';
import { Lender } from './lender.ts';
import { EpisodeOver, Run } from './run.ts';
import { Wire } from './wire.ts';

const PIT = 0x40;
/** An address after the last device. */
const NOWHERE = 0x1_0000;

function wireTo(machine: Machine, run = new Run(Number.POSITIVE_INFINITY)): Wire {
  return new Wire(machine, 0, run, new Lender(machine, new Random(1)));
}

function broken(): Machine {
  const machine = gceN1();
  machine.chassis.ports.read = () => {
    throw new Error('a device broke');
  };
  return machine;
}

test('an exception of a machine is a failure, and ends the episode', () => {
  const wire = wireTo(broken());

  expect(() => wire.in(PIT, 1)).toThrow(EpisodeOver);
  expect(wire.run.failure).toMatchObject({
    what: expect.stringMatching(/^threw Error: a device broke/),
    op: 1,
  });
});

test('an exception of a handler goes to the driver that waits', () => {
  const wire = wireTo(gceN1());

  const waiting = () =>
    wire.wait(() => {
      throw new Error('a driver broke');
    }, 1000);

  expect(waiting).toThrow('a driver broke');
  expect(wire.run.failure).toBeNull();
});

test('a nonexistent port is a mistake of the driver', () => {
  const wire = wireTo(gceN1());

  expect(() => wire.in(NOWHERE, 1)).toThrow('65536 is no port');
  expect(wire.run.failure).toBeNull();
});

test('an episode ends at its limit of operations', () => {
  const wire = wireTo(gceN1(), new Run(2));
  wire.in(PIT, 1);
  wire.in(PIT, 1);

  expect(() => wire.in(PIT, 1)).toThrow(EpisodeOver);
});
