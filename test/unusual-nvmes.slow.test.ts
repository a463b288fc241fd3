import { describe, expect, test } from 'vitest';
import { fails, judge } from '../src/conformance/index.ts';
import { gceC3, type MachineOptions } from '../src/index.ts';
import type { Unusual } from './unusual/drivers.ts';
import { NVMES } from './unusual/nvmes.ts';

const NVME_CLASS = 0x01_08_02;
const DISK = { namespaces: [{ bytes: 1 << 20 }] };
type Controller = NonNullable<MachineOptions['nvme']>[number];
const CONTROLLERS: readonly (readonly [string, Partial<Controller>])[] = [
  ['as it is', {}],
  ['that looks at a queue later', { latency: 20_000 }],
  ['that completes later, in any order', { completion: { latency: [1000, 90_000], order: 'random' } }],
  ['that takes four seconds to start', { times: { enable: 4e9 } }],
];

function judged({ name, run }: Unusual, controller: Partial<Controller>) {
  const driver = {
    name,
    matches: (id: { readonly class: number }) => id.class === NVME_CLASS,
    attach: (_port: unknown, bdf: number) => bdf,
  };
  const { stopped, verdicts } = judge(
    { name, drivers: [driver], run: (port, [bdf], machine) => run({ port, bdf, use: {} }, machine) },
    { machine: () => gceC3({ memory: { below4G: 32 << 20 }, nvme: [{ ...DISK, ...controller }] }) },
  );
  return {
    stopped,
    failing: verdicts.filter(fails).map(({ clause, findings }) => `${clause}: ${findings[0]!.said}`),
  };
}

describe.each(CONTROLLERS)('a good driver as other projects have it, of a controller %s', (_, controller) => {
  test.each(NVMES.map((unusual) => [unusual.name, unusual] as const))('%s', (_name, unusual) => {
    expect(judged(unusual, controller)).toEqual({ stopped: null, failing: [] });
  });
});
