import { Random } from '../../src/core/random.ts';
import { floodRings } from '../acts/flood.ts';
import { floodNetwork } from '../acts/flood-network.ts';
import { useGvnic } from '../acts/gvnic.ts';
import { useNet } from '../acts/net.ts';
import { makeNoise } from '../acts/noise.ts';
import { useNvme } from '../acts/nvme.ts';
import { usePlatform, useSerial } from '../acts/platform.ts';
import { type Act, noHandles, type Player } from '../acts/player.ts';
import { forgeRings } from '../acts/rings.ts';
import { useScsi } from '../acts/scsi.ts';
import { useBalloon, useRng } from '../acts/small-devices.ts';
import { turnWorld } from '../acts/world.ts';
import { MutantPort } from '../guest/mutant-port.ts';
import { Places } from '../guest/places.ts';
import { chooseSetup } from '../setup/choose.ts';
import type { Setup } from '../setup/setup.ts';
import { Stage } from '../setup/stage.ts';
import { type Ended, finish, watchOutput } from './finish.ts';
import { Lender } from './lender.ts';
import { listen } from './listeners.ts';
import type { Op } from './op.ts';
import { EpisodeOver, type Pulse, Run } from './run.ts';
import { Wire } from './wire.ts';
import { World } from './world.ts';

const ACTS: readonly Act[] = [
  useNet,
  useScsi,
  useRng,
  useBalloon,
  useGvnic,
  useNvme,
  useSerial,
  usePlatform,
  makeNoise,
  forgeRings,
  floodRings,
  floodNetwork,
  turnWorld,
];
const OPS = { least: 2000, most: 200_000 };
/** One change per so many accesses, and per so many stores. */
const RARITIES = [30, 200, 1000, 10_000, Number.POSITIVE_INFINITY];

/** The number of an episode, and its length. */
export interface Score {
  readonly seed: number;
  readonly episode: number;
  /** Default the whole episode. */
  readonly ops?: number;
}

export interface PlayOptions {
  readonly pulse?: Pulse;
  /** Receives the operations. */
  readonly trace?: Op[];
  /** Whether RAM is included in the digest at the end. */
  readonly digest?: boolean;
}

/** A completed episode. */
export interface Played extends Ended {
  readonly setup: Setup;
  readonly run: Run;
}

/** Plays one episode: random machines and guests, reproducible for the same score. */
export function play(score: Score, clauses: readonly string[], options: PlayOptions = {}): Played {
  const random = new Random(
    (Math.imul(score.seed, 0x9e37_79b1) ^ Math.imul(score.episode + 1, 0x85eb_ca6b)) >>> 0,
  );
  const setup = chooseSetup(random);
  const most = OPS.least + random.below(OPS.most - OPS.least);
  const run = new Run(Math.min(score.ops ?? most, most), options.pulse);
  run.trace = options.trace ?? null;
  const stage = new Stage(setup);
  const players = stage.machines.map((machine, index): Player => {
    const wire = new Wire(machine, index, run, new Lender(machine, random));
    const places = new Places(machine, random);
    watchOutput(machine, run);
    if (setup.listeners) listen(wire, new Places(machine, new Random(index)), index);
    const rates = { access: rate(random), store: rate(random) };
    const port = new MutantPort(wire, random, places, rates);
    const handles = noHandles();
    const world = new World(machine, index, run);
    return { machine, random, wire, port, places, world, handles, networks: stage.networks };
  });
  perform(players, random);
  return { setup, run, ...finish(stage, run, clauses, options.digest) };
}

function rate(random: Random): number {
  return 2 ** 32 / RARITIES[random.below(RARITIES.length)]!;
}

function perform(players: readonly Player[], random: Random): void {
  const weighted = ACTS.flatMap((act) => Array.from({ length: random.below(4) }, () => act));
  const acts = weighted.length === 0 ? ACTS : weighted;
  for (let times = 0; ; times++) {
    const player = players[random.below(players.length)]!;
    try {
      // An act without an operation must not repeat for ever.
      if (times % 64 === 0) player.wire.wait(() => false, 1000);
      acts[random.below(acts.length)]!(player);
    } catch (error) {
      if (error instanceof EpisodeOver) return;
      dismiss(player);
    }
  }
}

/** A driver gave up: usually another takes its place. */
function dismiss({ handles, random }: Player): void {
  for (const name of Object.keys(handles) as (keyof typeof handles)[])
    if (random.below(4) === 0) handles[name] = null;
}
