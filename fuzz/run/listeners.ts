import { Random } from '../../src/core/random.ts';
import type { Places } from '../guest/places.ts';
import { anyValue, anyWidth } from '../guest/values.ts';
import type { Wire } from './wire.ts';

/** A listener listens to what it causes itself, so deep and no deeper. */
const DEEPEST = 3;
const ONE_IN = 8;

/** Those who listen to a machine use it while they are told: they send frames, type, and make accesses. */
export function listen(wire: Wire, places: Places, seed: number): void {
  const { machine, run } = wire;
  const random = new Random(seed);
  const nested = (act: () => void) => {
    if (run.over || run.depth >= DEEPEST || random.below(ONE_IN) !== 0) return;
    run.depth++;
    act();
    run.depth--;
  };
  const access = () => {
    const width = anyWidth(random);
    const chance = random.below(4);
    if (chance === 0) wire.in(places.port(), width);
    else if (chance === 1) wire.out(places.port(), anyValue(random, width), width);
    else if (chance === 2) wire.read(places.mmio(), width);
    else wire.write(places.mmio(), anyValue(random, width), width);
  };
  machine.events
    .on('frame', (name, frame) =>
      nested(() => {
        if (random.below(2) === 0) access();
        else machine.nics.find((nic) => nic.name === name)?.receive(frame.slice());
      }),
    )
    .on('serial', (_name, byte) => nested(() => machine.serial[random.below(4)]!.type(Uint8Array.of(byte))))
    .on('interrupt', () => nested(access))
    .on('finding', () => nested(access))
    .on('reset', () => nested(access))
    .on('sleep', () => nested(access));
}
