import { describe, expect, test } from 'vitest';
import { threadTime } from '../src/conformance/host/pulse.ts';
import { conform, type DriverModel, HostTimeError, judge, SUITE } from '../src/conformance/index.ts';
import { VIRTIO_KINDS } from '../src/conformance/model/kinds.ts';
import { drivesOf } from '../src/conformance/model/model.ts';
import type { GuestPort } from '../src/core/guest-port.ts';
import { EndlessLoopError } from '../src/index.ts';

/** Milliseconds: more than a busy host keeps a driver from its processor. */
const HOST_TIME = 150;
const QUICK = { hostTime: HOST_TIME };
const [FIRST, SECOND] = [SUITE[0]!.name, SUITE[1]!.name];

function spin(): never {
  for (;;);
}

const model = (run: (port: GuestPort) => void): DriverModel => ({ name: 'mine', drivers: [], run });

test('a driver whose matches() does not return is taken for one of all devices', () => {
  const endless = { name: 'endless', matches: spin, attach: () => {} };

  expect(drivesOf({ name: 'mine', drivers: [endless] }).kinds).toEqual(VIRTIO_KINDS);
});

describe('a slow driver', () => {
  /** Reads a changing value: neither its machine nor anything else has a reason to end it soon. */
  const slowly = (port: GuestPort) => {
    for (let i = 0; i < 1_000_000; i++) port.out(0x3ff, i & 0xff, 1);
  };

  test('is not ended while it makes accesses', () => {
    const { stopped } = conform(model(slowly), { scenarios: [FIRST], hostTime: HOST_TIME });

    expect(stopped).toEqual([]);
  });

  /** Six tenths of its processor time before each access: no two of them together are a whole. */
  const thinking = (port: GuestPort) => {
    for (let i = 0; i < 10; i++) {
      const before = threadTime();
      while (threadTime() - before < 0.6 * HOST_TIME);
      port.in(0x3fd, 1);
    }
  };

  test('is not ended while it is silent for less than its time, however often', () => {
    expect(judge(model(thinking), QUICK).stopped).toBeNull();
  });

  test("is not charged for the time of its machine's other end", () => {
    const busy = () => {
      const until = performance.now() + 1.3 * HOST_TIME;
      while (performance.now() < until);
    };

    const { stopped } = judge(
      model((port) => void port.in(0x3fd, 1)),
      {
        ...QUICK,
        act: (_machine, use) => {
          busy();
          use();
        },
      },
    );

    expect(stopped).toBeNull();
  });

  test('may have unlimited time', () => {
    const { stopped } = judge(model(slowly), { hostTime: Number.POSITIVE_INFINITY });

    expect(stopped).toBeNull();
  });
});

describe('turns that are not played', () => {
  test('are further seeds of a scenario in which a driver loops without an access', () => {
    const options = { ...QUICK, scenarios: [FIRST, SECOND], seeds: [1, 2] };

    const { stopped, unplayed } = conform(model(spin), options);

    expect(stopped.map((run) => [run.scenario, run.seed, run.stopped])).toEqual([
      [FIRST, 1, expect.any(HostTimeError)],
      [SECOND, 1, expect.any(HostTimeError)],
    ]);
    expect(unplayed).toEqual([
      { scenario: FIRST, seed: 2 },
      { scenario: SECOND, seed: 2 },
    ]);
  });

  test('are further seeds of a scenario in which a driver spins', () => {
    const options = { scenarios: [FIRST, SECOND], seeds: [1, 2], machine: { patience: 1000 } };

    const { stopped, unplayed } = conform(
      model((port) => {
        for (;;) port.in(0x3fd, 1);
      }),
      options,
    );

    expect(stopped.map((run) => [run.scenario, run.seed])).toEqual([
      [FIRST, 1],
      [SECOND, 1],
    ]);
    expect(stopped[0]!.stopped).toBeInstanceOf(EndlessLoopError);
    expect(unplayed).toEqual([
      { scenario: FIRST, seed: 2 },
      { scenario: SECOND, seed: 2 },
    ]);
  });
});

test.each([0, -1, Number.NaN, '5' as never, 2 ** 31])('%s milliseconds are misuse', (hostTime) => {
  expect(() => judge(model(spin), { hostTime })).toThrow('must be a number of milliseconds above 0');
  expect(() => conform(model(spin), { hostTime })).toThrow('must be a number of milliseconds above 0');
});
