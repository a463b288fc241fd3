import type { CompletionOptions } from '../../machine/completion-options.ts';
import { type SuiteScenario, withOptions } from './scenario.ts';

/** Virtual nanoseconds: longer than a driver takes for its next step, and shorter than any driver's patience. */
const [SOON, LATE] = [1_000, 400_000];
/** The number of completions or interrupts together, and the longest wait for further ones. */
const [FEW, TOGETHER] = [3, 50_000];
/** One publication in this many is followed by an interrupt without a new completion. */
const OFTEN = 2;

type Needs = NonNullable<SuiteScenario['needs']>;

function completing(
  name: string,
  why: string,
  completion: CompletionOptions,
  needs: Needs = ['virtio'],
): SuiteScenario {
  return { name, why, needs, options: withOptions({ completion }) };
}

/** What every card may do. */
const ANY: Needs = ['virtio or gvnic'];

/** Devices that answer at times that do not suit a driver. */
export const BACK_PRESSURE: readonly SuiteScenario[] = [
  completing(
    'devices that take their time',
    "a buffer is the device's until it comes back",
    { latency: [SOON, LATE] },
    ANY,
  ),
  completing('devices that overtake themselves', 'what comes back first was not offered first', {
    latency: [SOON, LATE],
    order: 'random',
  }),
  completing(
    'devices that answer several requests together',
    'one look at the used ring must take all of them',
    {
      batch: { chains: FEW, within: TOGETHER },
    },
  ),
  completing(
    'devices that merge their interrupts',
    'one interrupt may stand for several',
    { latency: [SOON, LATE], interrupts: { coalesce: { interrupts: FEW, within: TOGETHER } } },
    ANY,
  ),
  completing(
    'devices that interrupt for nothing',
    'an interrupt may bring no news',
    { latency: [SOON, LATE], interrupts: { spurious: OFTEN } },
    ANY,
  ),
  completing(
    'buffers that hold nothing until they come back',
    'data that is read too early is not an answer',
    {
      latency: [SOON, LATE],
      spoil: true,
    },
  ),
];
