import { parentPort, workerData } from 'node:worker_threads';
import type { Turn } from '../conformance/suite/course.ts';
import { sent } from '../conformance/suite/crossing.ts';
import type { CheckedOptions } from '../conformance/suite/options.ts';
import { playTurn } from '../conformance/suite/turns.ts';
import { MisuseError } from '../core/misuse.ts';
import type { Answer, JobData } from './conform-jobs.ts';
import { modelOf } from './driver-module.ts';

/** A thread that plays turns, with a driver of its own. */
const { file, options } = workerData as JobData;
const model = await modelOf(file, options.hostTime);

parentPort!.on('message', ({ number, turn }: { readonly number: number; readonly turn: Turn }) => {
  parentPort!.postMessage({ number, ...played(turn, options) } satisfies Answer);
});

function played(turn: Turn, checked: CheckedOptions): Omit<Answer, 'number'> {
  try {
    return { crossing: sent(playTurn(model, turn, checked)) };
  } catch (error) {
    if (!(error instanceof MisuseError)) throw error;
    return { misuse: { path: error.path, message: error.message } };
  }
}
