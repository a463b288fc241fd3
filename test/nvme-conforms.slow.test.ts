import { describe, expect, test } from 'vitest';
import { conform, SUITE } from '../src/conformance/index.ts';
import { referenceNvme } from '../src/conformance/reference/nvme.ts';
import type { NvmeUse } from '../src/guest/index.ts';

const OF_NVME = SUITE.filter(({ needs = [] }) => needs.includes('nvme')).map(({ name }) => name);

describe.each<[string, NvmeUse]>([
  ['polls', { interrupts: 'polled' }],
  ['has a line', { interrupts: 'intx' }],
  ['has messages, and two pairs of queues of four entries', { queues: 2, entries: 4 }],
])('the reference driver that %s', (_, use) => {
  test('conforms in every scenario, and plays those of NVMe', () => {
    const { runs, stopped, verdicts } = conform(referenceNvme(use), {
      machine: { vcpus: 2, nvme: [{ namespaces: [{ bytes: 1 << 20 }] }] },
    });

    expect(stopped.map(({ scenario, stopped: why }) => `${scenario}: ${why}`)).toEqual([]);
    expect(verdicts.filter(({ outcome }) => outcome === 'fail')).toEqual([]);
    expect([...new Set(runs.map(({ scenario }) => scenario))]).toEqual(expect.arrayContaining(OF_NVME));
  });
});

test('the reference driver conforms where blocks have 4096 bytes', () => {
  const { stopped, verdicts } = conform(referenceNvme({}), {
    scenarios: OF_NVME,
    machine: { nvme: [{ model: 'nvme_card', namespaces: [{ bytes: 1 << 20 }] }] },
  });

  expect(stopped.map(({ scenario, stopped: why }) => `${scenario}: ${why}`)).toEqual([]);
  expect(verdicts.filter(({ outcome }) => outcome === 'fail')).toEqual([]);
});
