import type { Random } from '../../src/core/random.ts';
import type {
  BalloonDriver,
  Driver,
  GvnicDriver,
  NicDriver,
  NvmeDriver,
  RngDriver,
  ScsiHost,
} from '../../src/guest/index.ts';
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
  gvnic: GvnicDriver | null;
  nvme: NvmeDriver | null;
}

export function noHandles(): Handles {
  return { nic: null, host: null, rng: null, balloon: null, gvnic: null, nvme: null };
}

/** The access of an act to one machine. */
export interface Player {
  readonly machine: Machine;
  readonly random: Random;
  /** Direct access to the machine. */
  readonly wire: Wire;
  /** The same with mutations in between, for drivers. */
  readonly port: MutantPort;
  readonly places: Places;
  readonly world: World;
  readonly handles: Handles;
  /** Its NICs' backends, if each is a network of Compute Engine. */
  readonly networks: readonly GceNetwork[];
}

/** An action of a guest, or of the world around its machine. Exceptions of drivers pass through. */
export type Act = (player: Player) => void;

/** Attaches `driver` to a function that it matches; null if there is none. */
export function attach<Handle>({ machine, port, random }: Player, driver: Driver<Handle>): Handle | null {
  const fns = machine.functions.filter(({ bdf }) => {
    const id = machine.idOf(bdf);
    return id !== null && driver.matches(id);
  });
  return fns.length === 0 ? null : driver.attach(port, fns[random.below(fns.length)]!.bdf);
}

/** Now and then the driver leaves its device to another. */
export function closing(name: keyof Handles): Act {
  return ({ handles, random }) => {
    if (random.below(16) !== 0) return;
    const driver = handles[name]!;
    handles[name] = null;
    driver.close();
  };
}

/** Now and then the driver prepares for a loss of power, and resumes. */
export function sleeping(name: 'gvnic' | 'nvme'): Act {
  return ({ handles, random }) => {
    if (random.below(8) !== 0) return;
    handles[name]!.suspend();
    handles[name]!.resume();
  };
}

export function anyBytes(random: Random, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  random.fill(bytes);
  return bytes;
}

/** A driver's notification mode. */
export function anyInterrupts(random: Random): {
  readonly interrupts?: 'polled' | 'intx' | 'msix';
  readonly legacy: boolean;
} {
  const interrupts = (['polled', 'polled', 'intx', 'msix', undefined] as const)[random.below(5)];
  return { ...(interrupts !== undefined && { interrupts }), legacy: random.below(4) === 0 };
}
