import { describe, expect, test } from 'vitest';
import { conform, type DriverUses, SUITE } from '../src/conformance/index.ts';
import { referenceNvme } from '../src/conformance/reference/nvme.ts';
import { NvmeDriver, type NvmeUse } from '../src/guest/index.ts';

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

test('a driver whose writes are durable, and which never flushes, loses nothing', () => {
  const good = referenceNvme({});
  const diskOf = (handles: readonly unknown[]) => handles.find((one) => one instanceof NvmeDriver)!;
  const write: DriverUses['write'] = (lba, bytes, handles) => {
    const disk = diskOf(handles);
    disk.write(disk.namespaces[0]!.nsid, lba, bytes, { durable: true });
  };

  const { stopped, runs } = conform(
    { ...good, use: { ...good.use, write, flush: () => {} } },
    {
      scenarios: ['an NVMe disk that fails to flush', 'power that fails once they flushed an NVMe disk'],
      machine: { nvme: [{}] },
    },
  );

  expect([stopped, runs.length > 1]).toEqual([[], true]);
});
