import { answerTurns } from '../turns.ts';
import type { Variant } from './cells.ts';
import { workFor } from './works.ts';

/** One process per cell and variant, so that the engine's optimisations for one do not slow another. */
const [cell = '', variant = 'off'] = process.argv.slice(2);
const { work, check } = workFor(cell, variant as Variant);

await answerTurns(work, check);
