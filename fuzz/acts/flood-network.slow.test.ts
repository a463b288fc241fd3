import { expect, test } from 'vitest';
import { Random } from '../../src/core/random.ts';
import { MutantPort } from '../guest/mutant-port.ts';
import { Places } from '../guest/places.ts';
import { Lender } from '../run/lender.ts';
import { Run } from '../run/run.ts';
import { Wire } from '../run/wire.ts';
import { World } from '../run/world.ts';
import { NETWORK_BUDGET } from '../setup/network.ts';
import type { Setup } from '../setup/setup.ts';
import { Stage } from '../setup/stage.ts';
import { floodNetwork } from './flood-network.ts';
import { noHandles, type Player } from './player.ts';

const SETUP: Setup = {
  profile: 'gceN1',
  options: { judge: false },
  nics: [{}],
  ram: { kind: 'own', below4G: 16 << 20, above4G: 0, staging: 0 },
  disks: [],
  wire: 'gce',
  listeners: false,
};

test('a flood uses up to a network’s budget, and no more', () => {
  const random = new Random(3);
  const stage = new Stage(SETUP);
  const [machine] = stage.machines;
  const run = new Run(Number.POSITIVE_INFINITY);
  const wire = new Wire(machine!, 0, run, new Lender(machine!, random));
  const places = new Places(machine!, random);
  const port = new MutantPort(wire, random, places, { access: 0, store: 0 });
  const handles = noHandles();
  const world = new World(machine!, 0, run);
  const player: Player = {
    machine: machine!,
    random,
    wire,
    port,
    places,
    world,
    handles,
    networks: stage.networks,
  };
  let most = 0;

  for (let i = 0; i < 30; i++) {
    floodNetwork(player);
    most = Math.max(most, stage.networks[0]!.kept);
  }

  expect(most).toBeGreaterThan(NETWORK_BUDGET / 4);
  expect(run.failure).toBeNull();
});
