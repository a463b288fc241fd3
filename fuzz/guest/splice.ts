import type { Width } from '../../src/core/bits.ts';
import type { Random } from '../../src/core/random.ts';
import { OP } from '../run/op.ts';
import type { Wire } from '../run/wire.ts';
import { mutated } from './values.ts';

const LONGEST = 40;
const OLDEST = 2048;

/** Repeats a piece of the past, with occasional changes. */
export function splice(wire: Wire, random: Random): void {
  const { recent } = wire.run;
  recent.replay(1 + random.below(OLDEST), 1 + random.below(LONGEST), (code, address, value, bytes) => {
    const width = bytes as Width;
    if (random.below(16) === 0) value = mutated(random, value, width);
    if (code === OP.in) wire.in(address, width);
    else if (code === OP.out) wire.out(address, value, width);
    else if (code === OP.read) wire.read(address, width);
    else if (code === OP.write) wire.write(address, value, width);
    else if (code === OP.store) wire.memory.store(address, value, width);
  });
}
