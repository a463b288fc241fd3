import { virtioBalloon, virtioRng } from '../../src/guest/index.ts';
import { type Act, anyInterrupts, attach } from './player.ts';

const PATIENCE = 100_000;
const PAGES = [0, 1, 17, 256, 300];

/** The reference driver of entropy devices. */
export const useRng: Act = (player) => {
  const { random, handles } = player;
  if (handles.rng === null || random.below(32) === 0)
    handles.rng = attach(player, virtioRng(anyInterrupts(random)));
  handles.rng?.read(1 + random.below(600));
  if (random.below(32) !== 0) return;
  const { rng } = handles;
  handles.rng = null;
  rng?.close();
};

/** The reference driver of balloons follows the target set by the world. */
export const useBalloon: Act = (player) => {
  const { random, handles, world } = player;
  if (handles.balloon === null || random.below(32) === 0) {
    const stats = random.below(2) === 0 ? {} : { stats: () => ({ MEMFREE: 1n, MEMTOT: 2n }) };
    handles.balloon = attach(player, virtioBalloon({ ...anyInterrupts(random), ...stats }));
  }
  world.setTarget(PAGES[random.below(PAGES.length)]!);
  handles.balloon?.follow();
  world.askStats();
  handles.balloon?.answer(PATIENCE);
  if (random.below(16) !== 0) return;
  const { balloon } = handles;
  handles.balloon = null;
  balloon?.close();
};
