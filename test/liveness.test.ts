import { describe, expect, test } from 'vitest';
import { behind, headerAddress } from '../src/conformance/broken/behind.ts';
import { assertConforms, ConformanceError, conform, judge } from '../src/conformance/index.ts';
import { FRAME } from '../src/conformance/reference.ts';
import type { Driver } from '../src/core/driver.ts';
import {
  acceptable,
  type NicDriver,
  TRANSPORT_FEATURES,
  VirtioDriver,
  virtioNet,
} from '../src/guest/index.ts';
import { gceN1 } from '../src/index.ts';
import { QUEUE_NOTIFY } from '../src/virtio/registers.ts';

const FORGOTTEN = 'virtio/VQ-AVSUP-D4';
const FIRST = 'a machine as its firmware leaves it';
const [RECEIVE, TRANSMIT, SECOND_TRANSMIT] = [0, 1, 3];
const MILLISECOND = 1_000_000;

/** The good driver, without those kicks of a queue, counted from 1, that `isForgotten` selects. */
function without(isForgotten: (queue: number, kick: number) => boolean): Driver<NicDriver> {
  const good = virtioNet({ interrupts: 'polled' });
  return {
    ...good,
    attach: (port, bdf) => {
      const notify = headerAddress(port, bdf) + QUEUE_NOTIFY.offset;
      const kicks = new Map<number, number>();
      const out: typeof port.out = (at, value, width) => {
        const kick = (kicks.get(value) ?? 0) + 1;
        if (at === notify) kicks.set(value, kick);
        if (at !== notify || !isForgotten(value, kick)) port.out(at, value, width);
      };
      return good.attach(behind(port, { out }), bdf);
    },
  };
}

const broken = ({ verdicts }: ReturnType<typeof judge>) =>
  verdicts.filter(({ outcome }) => outcome === 'fail').map(({ clause }) => clause);

describe('a forgotten kick is reported', () => {
  test('where the driver then waits until its own patience ends', () => {
    const driver = without((queue, kick) => queue === TRANSMIT && kick === 3);
    const judgement = judge({
      name: 'mine',
      drivers: [driver],
      run: (_port, [nic]) => {
        for (let i = 0; i < 3; i++) nic.send(FRAME);
      },
    });

    expect([broken(judgement), judgement.stopped]).toEqual([[FORGOTTEN], expect.any(Error)]);
  });

  test('where the driver polls memory without end and without an access, and is ended', () => {
    const model = {
      name: 'mine',
      drivers: [without((queue) => queue === TRANSMIT)],
      run: (port: { memory: { load(at: number, width: 2): number } }, [nic]: readonly [NicDriver]) => {
        nic.post(FRAME);
        for (;;) port.memory.load(0x1000, 2);
      },
    };
    const judgement = judge(model, { machine: () => gceN1({ patience: 10_000 }) });

    expect(broken(judgement)).toEqual([FORGOTTEN]);
  });

  test('where it is that of one queue of several', () => {
    const judgement = judge(
      {
        name: 'mine',
        drivers: [without((queue) => queue === SECOND_TRANSMIT)],
        run: (_port, [nic]) => {
          nic.setPairs(2);
          nic.post(FRAME, 0);
          nic.post(FRAME, 1);
        },
      },
      { machine: () => gceN1({ vcpus: 2 }) },
    );

    expect(broken(judgement)).toEqual([FORGOTTEN]);
    expect(judgement.verdicts.find(({ clause }) => clause === FORGOTTEN)!.findings[0]!.subject).toBe(
      'net0, transmit queue 2 (queue 3)',
    );
  });

  test('in the suite, below no other', () => {
    const { verdicts } = conform(
      { name: 'mine', drivers: [without((queue) => queue === TRANSMIT)], run: (_, [nic]) => nic.post(FRAME) },
      { scenarios: [FIRST] },
    );
    const failing = verdicts.filter(({ outcome }) => outcome === 'fail');

    expect(failing.map(({ clause }) => clause)).toEqual([FORGOTTEN]);
  });

  test('of a machine in an assertion that its driver conforms', () => {
    const machine = gceN1();
    machine.attach(without((queue) => queue === TRANSMIT)).post(FRAME);

    expect(() => assertConforms(machine)).toThrow(ConformanceError);
  });
});

describe('nothing is wrong with a driver that', () => {
  const LOOPBACK = { machine: () => gceN1({ nics: [{ backend: 'loopback' }] }) };
  /** Bytes of a legacy frame's header. */
  const HEADER = 10;

  /** Sets up both queues of a card, sends, and has nothing to receive into; it announces frames two at a time. */
  const sender: Driver<() => void> = {
    ...virtioNet(),
    attach: (port, bdf) => {
      const device = new VirtioDriver(port, bdf, 'sender', { interrupts: 'polled' });
      device.negotiate((offered) => acceptable(offered, TRANSPORT_FEATURES));
      device.addQueue(RECEIVE, () => {});
      const queue = device.addQueue(TRANSMIT, () => {});
      device.ready();
      const [header, frame] = [HEADER, FRAME.length].map((length) => ({
        address: port.allocate(length, 1),
        length,
      }));
      return () => {
        queue.add([header!, frame!], []);
        queue.publish();
        queue.add([header!, frame!], []);
        device.kick(queue);
      };
    },
  };

  test('only sends, and announces several frames by one kick', () => {
    const judgement = judge({ name: 'mine', drivers: [sender], run: (_, [send]) => send() }, LOOPBACK);

    expect([broken(judgement), judgement.stopped]).toEqual([[], null]);
  });

  test('is polled, and leaves received frames in the ring', () => {
    const drivers = [virtioNet({ interrupts: 'polled' })] as const;
    const run = (_: unknown, [nic]: readonly [NicDriver, ...unknown[]]) => nic.post(FRAME);
    const judgement = judge({ name: 'mine', drivers, run }, LOOPBACK);

    expect(broken(judgement)).toEqual([]);
  });

  test('lets go of the card while frames are in flight, and of others that it never used', () => {
    const slow = () => gceN1({ completion: { latency: MILLISECOND, notice: MILLISECOND } });
    const drivers = [virtioNet({ interrupts: 'polled' })] as const;
    const run = (_: unknown, [nic]: readonly [NicDriver, ...unknown[]]) => {
      nic.post(FRAME);
      nic.close();
    };
    const judgement = judge({ name: 'mine', drivers, run }, { machine: slow });

    expect(broken(judgement)).toEqual([]);
  });
});

test('a driver that waits for no register has not kept the rule on waiting', () => {
  const reads = (times: number) =>
    judge({
      name: 'asks',
      drivers: [],
      run: (port) => {
        for (let i = 0; i < times; i++) port.in(0x3fd, 1);
      },
    }).verdicts.find(({ clause }) => clause === 'live/BUSY-WAIT')!.outcome;

  // Eight in a row without a new value are a wait; the first returns a new value.
  expect([reads(8), reads(9)]).toEqual(['unreached', 'pass']);
});
