import { parentPort, workerData } from 'node:worker_threads';
import { playTurn } from '../conformance/suite/program.ts';
import type { Turn } from '../conformance/suite/run-filter.ts';
import { sent } from '../conformance/suite/run-message.ts';
import { MisuseError } from '../core/misuse.ts';
import { modelOf } from './driver-file.ts';
import type { Answer, JobData } from './jobs.ts';

/** A thread that plays turns, with a driver of its own. */
const { file, options } = workerData as JobData;

const model = await modelOf(file, options.hostTime);

parentPort!.on('message', ({ number, turn }: { readonly number: number; readonly turn: Turn }) => {
  parentPort!.postMessage({ number, ...played(turn, options) } satisfies Answer);
});

function played(turn: Turn, checked: JobData['options']): Omit<Answer, 'number'> {
  try {
    return { run: sent(playTurn(model, turn, checked)) };
  } catch (error) {
    if (!(error instanceof MisuseError)) throw error;
    return { misuse: { path: error.path, message: error.message } };
  }
}
