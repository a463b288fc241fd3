import type { Random } from '../../src/core/random.ts';
import type { BalloonDriver, Driver, NicDriver, RngDriver, ScsiHost } from '../../src/guest/index.ts';
import type { GceNetwork, Machine } from '../../src/index.ts';
import type { MutantPort } from '../guest/mutant-port.ts';
import type { Places } from '../guest/places.ts';
import type { Wire } from '../run/wire.ts';
import type { World } from '../run/world.ts';

/** Drivers in use. */
export interface Handles {
  nic: NicDriver | null;
  host: ScsiHost | null;
  rng: RngDriver | null;
  balloon: BalloonDriver | null;
}

/** All that an act may use of one machine. */
export interface Player {
  readonly machine: Machine;
  readonly random: Random;
  /** Straight to the machine. */
  readonly wire: Wire;
  /** The same with mistakes in between, for drivers. */
  readonly port: MutantPort;
  readonly places: Places;
  readonly world: World;
  readonly handles: Handles;
  /** What lies behind its NICs, if that is a network of Compute Engine each. */
  readonly networks: readonly GceNetwork[];
}

/** Something that a guest, or the world around its machine, does. What drivers throw goes through. */
export type Act = (player: Player) => void;

/** Attaches `driver` to one of the functions that it is for; null where there is none. */
export function attach<Handle>({ machine, port, random }: Player, driver: Driver<Handle>): Handle | null {
  const fns = machine.functions.filter(({ bdf }) => {
    const id = machine.idOf(bdf);
    return id !== null && driver.matches(id);
  });
  return fns.length === 0 ? null : driver.attach(port, fns[random.below(fns.length)]!.bdf);
}

export function anyBytes(random: Random, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  random.fill(bytes);
  return bytes;
}

/** How a driver is to learn of used buffers. */
export function anyInterrupts(random: Random): {
  readonly interrupts?: 'polled' | 'intx' | 'msix';
  readonly legacy: boolean;
} {
  const interrupts = (['polled', 'polled', 'intx', 'msix', undefined] as const)[random.below(5)];
  return { ...(interrupts !== undefined && { interrupts }), legacy: random.below(4) === 0 };
}
