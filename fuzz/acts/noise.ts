import { splice } from '../guest/splice.ts';
import { anyValue, anyWidth } from '../guest/values.ts';
import type { Act, Player } from './player.ts';

/** Random accesses to mapped addresses. */
export const makeNoise: Act = (player) => {
  const { random } = player;
  for (let times = 16 + random.below(2000); times > 0; times--) NOISES[random.below(NOISES.length)]!(player);
};

const read: Act = ({ wire, places, random }) => void wire.in(places.port(), anyWidth(random));
const look: Act = ({ wire, places, random }) => void wire.read(places.mmio(), anyWidth(random));
const touch: Act = ({ wire, places, random }) => {
  const width = anyWidth(random);
  wire.write(places.mmio(), anyValue(random, width), width);
};
const store: Act = ({ wire, places, random }) => {
  const width = anyWidth(random);
  wire.memory.store(places.ram(), anyValue(random, width), width);
};

const write: Act = ({ wire, places, random }) => {
  const port = places.port();
  const width = anyWidth(random);
  // Otherwise BARs and Command would practically never be hit.
  const value = places.isConfadd(port) && random.below(4) !== 0 ? places.confadd() : anyValue(random, width);
  // Most values there reset the machine: rarely is enough.
  if (port === RESET_CONTROL && random.below(64) !== 0) return;
  wire.out(port, value, width);
};
const RESET_CONTROL = 0xcf9;

const pass: Act = ({ wire, random }) => {
  if (random.below(8) !== 0) return;
  if (random.below(2) === 0) wire.unmask();
  wire.wait(() => false, random.below(300_000));
  if (random.below(2) === 0) wire.mask();
};

const again: Act = ({ wire, random }: Player) => {
  if (random.below(8) === 0) splice(wire, random);
};

const NOISES: readonly Act[] = [read, read, write, write, write, look, touch, touch, store, pass, again];
