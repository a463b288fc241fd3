import type { GvnicDriver } from '../../src/guest/index.ts';
import { framesCome, takes } from '../../src/rules/gvnic/stock.mutants.ts';
import { type Case, judged, known } from './play.ts';

export const GVNIC_CASES: readonly Case[] = known(
  ['gvnic/RX-COUNT', 'gvnic/RX-TAIL', 'gvnic/RX-SLOT'],
  (broken) => judged(framesCome(broken)),
  (model) => ({ ...model, run: (_port, [nic]) => takes(nic as GvnicDriver) }),
);
