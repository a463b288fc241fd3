import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Threads } from '../conformance/jobs.ts';
import type { DriverModel } from '../conformance/model/model.ts';
import { playAll } from '../conformance/suite/conform.ts';
import type { Baseline } from '../conformance/suite/conform-options.ts';
import type { CheckedOptions } from '../conformance/suite/options.ts';
import { MisuseError } from '../core/misuse.ts';

/** Where a driver's model lies, and how many threads may load it. */
interface Jobs {
  readonly jobs?: number | undefined;
  readonly module?: string | URL | undefined;
}

/** Plays here, or in threads that load the driver themselves. */
export class Player {
  readonly isThreaded: boolean;
  private readonly model: DriverModel;
  private readonly options: CheckedOptions;
  private readonly jobs: number;
  private readonly module: string;
  private threads: Threads | null = null;

  constructor(model: DriverModel, options: CheckedOptions, { jobs = 1, module }: Jobs) {
    if (!(Number.isInteger(jobs) && jobs >= 1))
      throw new MisuseError('options.jobs', jobs, 'a whole number of threads');
    this.model = model;
    this.options = options;
    this.jobs = jobs;
    this.module = module === undefined ? '' : pathOf(module);
    this.isThreaded = module !== undefined && jobs > 1;
  }

  async play(...[turns, merge]: Parameters<Threads['play']>): Promise<void> {
    const { model, options, jobs, module } = this;
    if (!this.isThreaded) return playAll(model, turns, options, merge);
    this.threads ??= new Threads(model, module, options, jobs);
    await this.threads.play(turns, merge);
  }

  async close(): Promise<void> {
    await this.threads?.close();
  }
}

function pathOf(module: string | URL): string {
  return String(module).startsWith('file:') ? fileURLToPath(module) : String(module);
}

/** Contents of a baseline file, as they are or by its name. */
export function baselineIn(given: string | URL | Baseline): Baseline {
  if (typeof given !== 'string' && !(given instanceof URL)) return given;
  try {
    return JSON.parse(readFileSync(pathOf(given), 'utf8'));
  } catch (error) {
    throw new MisuseError('options.baseline', given, '', `cannot be read: ${(error as Error).message}`);
  }
}
