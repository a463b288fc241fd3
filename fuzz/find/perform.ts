import { Random } from '../../src/core/random.ts';
import { Places } from '../guest/places.ts';
import { type Ended, finish, watchOutput } from '../run/finish.ts';
import { Lender } from '../run/lender.ts';
import { listen } from '../run/listeners.ts';
import type { Op } from '../run/op.ts';
import { EpisodeOver, Run } from '../run/run.ts';
import { Wire } from '../run/wire.ts';
import { World } from '../run/world.ts';
import type { Setup } from '../setup/setup.ts';
import { Stage } from '../setup/stage.ts';

/** Performs recorded operations: the drivers' reactions do not matter any more. */
export function perform(setup: Setup, ops: readonly Op[]): { readonly run: Run } & Ended {
  const stage = new Stage(setup);
  const run = new Run(Number.POSITIVE_INFINITY);
  const hands = stage.machines.map((machine, index) => {
    const wire = new Wire(machine, index, run, new Lender(machine, new Random(index)));
    watchOutput(machine, run);
    if (setup.listeners) listen(wire, new Places(machine, new Random(index)), index);
    return { wire, world: new World(machine, index, run) };
  });
  try {
    // A simpler setup may lack the second machine.
    for (const [name, machine, ...args] of ops)
      if (hands[machine] !== undefined) DO[name](hands[machine], ...(args as never[]));
  } catch (error) {
    if (!(error instanceof EpisodeOver)) throw error;
  }
  return { run, ...finish(stage, run, [], true) };
}

interface Hands {
  readonly wire: Wire;
  readonly world: World;
}

type Do = (hands: Hands, ...args: never[]) => void;

const DO: Readonly<Record<Op[0], Do>> = {
  in: ({ wire }, port: number, width: 1) => void wire.in(port, width),
  out: ({ wire }, port: number, value: number, width: 1) => wire.out(port, value, width),
  read: ({ wire }, address: number, width: 1) => void wire.read(address, width),
  write: ({ wire }, address: number, value: number, width: 1) => wire.write(address, value, width),
  load: ({ wire }, address: number, width: 1) => void wire.memory.load(address, width),
  store: ({ wire }, address: number, value: number, width: 1) => wire.memory.store(address, value, width),
  bytes: ({ wire }, address: number, hex: string) =>
    wire.memory.write(address, new Uint8Array(Buffer.from(hex, 'hex'))),
  fill: ({ wire }, address: number, value: number, length: number) =>
    wire.memory.fill(address, value, length),
  wait: ({ wire }, nanos: number) => void wire.wait(() => false, nanos),
  mask: ({ wire }) => wire.mask(),
  unmask: ({ wire }) => wire.unmask(),
  world: ({ world }, name: string, ...args: (number | string)[]) => world.does(name, ...args),
};
