import type { CompletionOptions } from '../../../machine/completion-options.ts';
import { type SuiteScenario, withOptions } from '../scenario.ts';

/** Virtual nanoseconds: longer than a driver takes to do the next thing, and shorter than any of its patience. */
const [SOON, LATE] = [1_000, 400_000];
/** So many completions or interrupts together; they wait so long for each other. */
const [FEW, TOGETHER] = [3, 50_000];
/** One in so many publications is followed by an interrupt without news. */
const OFTEN = 2;

function completing(name: string, why: string, completion: CompletionOptions): SuiteScenario {
  return { name, why, options: withOptions({ completion }) };
}

/** Devices that answer, and not when a driver would like it. */
export const BACK_PRESSURE: readonly SuiteScenario[] = [
  completing('devices that take their time', "a buffer is the device's until it comes back", {
    latency: [SOON, LATE],
  }),
  completing('devices that overtake themselves', 'what comes back first was not offered first', {
    latency: [SOON, LATE],
    order: 'random',
  }),
  completing('devices that answer several requests together', 'one look at the used ring must take all', {
    batch: { chains: FEW, within: TOGETHER },
  }),
  completing('devices that merge their interrupts', 'one interrupt may stand for several', {
    latency: [SOON, LATE],
    interrupts: { coalesce: { interrupts: FEW, within: TOGETHER } },
  }),
  completing('devices that interrupt for nothing', 'an interrupt may bring no news', {
    latency: [SOON, LATE],
    interrupts: { spurious: OFTEN },
  }),
  completing('buffers that hold nothing until they come back', 'what is read too early is no answer', {
    latency: [SOON, LATE],
    spoil: true,
  }),
];
