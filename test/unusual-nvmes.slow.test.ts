import { describe, expect, test } from 'vitest';
import type { PciId } from '../src/guest/index.ts';
import { gceC3, type MachineOptions } from '../src/index.ts';
import { judged } from './unusual/judged.ts';
import { NVMES } from './unusual/nvmes.ts';

const isNvme = (id: PciId) => id.class === 0x01_08_02;
type Controller = NonNullable<MachineOptions['nvme']>[number];
const CONTROLLERS: readonly (readonly [string, Partial<Controller>])[] = [
  ['as it is', {}],
  ['that looks at a queue later', { latency: 20_000 }],
  ['that completes later, in any order', { completion: { latency: [1000, 90_000], order: 'random' } }],
  ['that takes four seconds to start', { times: { enable: 4e9 } }],
];

describe.each(CONTROLLERS)('a good driver as other projects have it, of a controller %s', (_, controller) => {
  test.each(NVMES.map((unusual) => [unusual.name, unusual] as const))('%s', (_name, unusual) => {
    const nvme = [{ namespaces: [{ bytes: 1 << 20 }], ...controller }];
    const machine = () => gceC3({ memory: { below4G: 32 << 20 }, nvme });

    expect(judged(unusual, isNvme, machine)).toEqual({ stopped: null, failing: [] });
  });
});
