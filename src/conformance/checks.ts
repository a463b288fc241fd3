import { checkFunction, checkList, checkMethods, checkObject, checkSized } from '../core/checks.ts';
import { MisuseError, meant } from '../core/misuse.ts';
import type { ProbeTask } from '../guest/index.ts';
import type { Machine } from '../machine/machine.ts';
import { ETHERNET_HEADER, GSO_FRAME_MAX } from '../virtio/net/registers.ts';
import type { DriverModel } from './model/model.ts';
import { USE_NAMES, type UseName } from './model/uses.ts';

/** @returns it, with handles of any type. */
export function checkModel(given: unknown): DriverModel {
  checkObject('model', given);
  const model = given as DriverModel;
  checkText('model.name', model.name);
  if (model.enumerate !== undefined) checkFunction('model.enumerate', model.enumerate);
  if (model.run !== undefined) checkFunction('model.run', model.run);
  if (model.use !== undefined) checkUses(model.use);
  if (model.drivers === undefined) return model;
  checkList('model.drivers', model.drivers);
  for (const [i, driver] of model.drivers.entries())
    checkMethods(`model.drivers[${i}]`, driver, ['matches', 'attach'], 'a driver (matches, attach)');
  return model;
}

/** No scenario would ask for a use of another name. */
function checkUses(use: object): void {
  checkObject('model.use', use);
  for (const [name, does] of Object.entries(use)) {
    if (!USE_NAMES.includes(name as UseName))
      throw new MisuseError('model.use', name, `named ${USE_NAMES.join(', ')}`, USE_NAMES);
    if (does !== undefined) checkFunction(`model.use.${name}`, does);
  }
}

export function checkMachine(path: string, machine: Machine): void {
  checkMethods(path, machine, ['attach', 'observe', 'reset', 'close'], 'a machine (example gceN1())');
  checkWatched(path, machine);
}

/** A machine without a judge finds nothing, which proves nothing. */
function checkWatched(path: string, machine: Machine): void {
  if (!machine.journal.watched)
    throw new MisuseError(path, machine, '', 'a machine made with judge: false finds nothing');
}

/** What can have broken a rule: a machine that watches its guest, or the result of a model. */
export function checkJudged(path: string, given: unknown): void {
  const { findings, verdicts, journal } = (given ?? {}) as Partial<Machine> & { verdicts?: unknown };
  if (!Array.isArray(findings) && !Array.isArray(verdicts))
    throw new MisuseError(path, given, 'a machine, or a result of judge() or conform()');
  if (journal !== undefined) checkWatched(path, given as Machine);
}

/** Refuses an unknown option, which would otherwise be ignored without notice. */
export function checkNames(options: object, names: readonly string[], path = 'options'): void {
  for (const [name, value] of Object.entries(options)) {
    if (names.includes(name)) continue;
    const hint = meant(name, names) || `; there are ${names.join(', ')}`;
    throw new MisuseError(`${path}.${name}`, value, '', `there is no such option${hint}`);
  }
}

/** A larger number than the engine counts would be no limit. */
const HOST_TIME_MAX = 2 ** 31 - 1;

export function checkHostTime(path: string, hostTime: number): void {
  const isTime = typeof hostTime === 'number' && hostTime > 0;
  if (!isTime || (hostTime > HOST_TIME_MAX && hostTime !== Number.POSITIVE_INFINITY))
    throw new MisuseError(path, hostTime, 'a number of milliseconds above 0, or Infinity');
}

/** The machine would be blamed for a frame that no NIC takes. */
export function checkTask(task: ProbeTask): void {
  checkObject('task', task);
  checkText('task.text', task.text);
  checkList('task.frames', task.frames);
  for (const [i, frame] of task.frames.entries())
    checkSized(`task.frames[${i}]`, frame, ETHERNET_HEADER, GSO_FRAME_MAX);
}

export function checkReport(report: unknown): void {
  const { machine, seen, requirements, verdicts } = (report ?? {}) as Record<string, unknown>;
  if (!machine || !seen || !Array.isArray(requirements) || !Array.isArray(verdicts))
    throw new MisuseError('report', report, 'a report of probeMachine');
}

export function checkText(path: string, text: unknown): void {
  if (typeof text !== 'string') throw new MisuseError(path, text, 'a string');
}

/** What `conform` takes. It stands here because `judge` tells its users so, and loads nothing of the suite. */
export const CONFORM_OPTIONS = {
  profile: true,
  machine: true,
  seeds: true,
  scenarios: true,
  shard: true,
  only: true,
  baseline: true,
  waive: true,
  require: true,
  time: true,
  hostTime: true,
  hostile: true,
  rules: true,
  strict: true,
  today: true,
  onRun: true,
} as const;
