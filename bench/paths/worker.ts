import { answerTurns } from '../turns.ts';
import { WORKS } from './works/index.ts';

/** One process does one work, so that the engine's optimisations for one do not slow another. */
const { work, made } = WORKS[process.argv[2]!]!();

await answerTurns(work, () => {
  if (made() === 0) throw new Error('nothing was made');
});
