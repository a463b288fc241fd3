import { Random } from '../../src/core/random.ts';
import type { Machine, MachineEventName, Medium } from '../../src/index.ts';
import { turnWorld } from '../acts/world.ts';
import type { Places } from '../guest/places.ts';
import { anyValue, anyWidth } from '../guest/values.ts';
import type { Wire } from './wire.ts';
import { World } from './world.ts';

/** Maximum depth of events that a listener causes itself. */
const DEEPEST = 3;
const ONE_IN = 8;
const EVENTS = [
  'frame',
  'serial',
  'command',
  'interrupt',
  'finding',
  'reset',
  'sleep',
  'wake',
  'smi',
] as const satisfies readonly MachineEventName[];
const MEDIUM = ['read', 'write', 'unmap', 'flush', 'close'] as const satisfies readonly (keyof Medium)[];

/**
 * Listeners to all of a machine's events that use the machine in their callbacks, as do the media of its disks: by
 * accesses, and by any action of the world on a machine.
 */
export function listen(wire: Wire, places: Places, seed: number): void {
  const { machine, run } = wire;
  const random = new Random(seed);
  const world = new World(machine, wire.index, run);
  const access = () => {
    const width = anyWidth(random);
    const chance = random.below(4);
    if (chance === 0) wire.in(places.port(), width);
    else if (chance === 1) wire.out(places.port(), anyValue(random, width), width);
    else if (chance === 2) wire.read(places.mmio(), width);
    else wire.write(places.mmio(), anyValue(random, width), width);
  };
  const act = () => {
    if (run.over || run.depth >= DEEPEST || random.below(ONE_IN) !== 0) return;
    run.depth++;
    if (random.below(2) === 0) access();
    else turnWorld({ machine, world, random });
    run.depth--;
  };
  for (const name of EVENTS) machine.events.on(name, act as never);
  actFromMedia(machine, act);
}

function actFromMedia({ disks }: Machine, act: () => void): void {
  for (const { medium } of disks)
    for (const name of MEDIUM) {
      const own = (medium[name] as (...given: unknown[]) => unknown).bind(medium);
      const acting = (...given: unknown[]) => {
        act();
        return own(...given);
      };
      Object.assign(medium, { [name]: acting });
    }
}
