import type { Nanos } from '../../core/bits.ts';
import { Random } from '../../core/random.ts';
import type { CompletionOptions } from '../../machine/completion-options.ts';
import { GvnicNic } from '../../machine/devices/gvnic.ts';
import type { Machine } from '../../machine/machine.ts';
import type { MachineOptions } from '../../machine/options.ts';
import type { VirtioHand } from '../../machine/virtio-view.ts';
import type { Fixture } from './fixture.ts';
import { framesOut, pass, sendAll } from './frames.ts';
import { plain, type SuiteScenario } from './scenario.ts';

/** Virtual nanoseconds of the fastest and the slowest device, and from one to the next. */
const [FAST, SLOW, STEP]: readonly [Nanos, Nanos, Nanos] = [3_000, 57_000, 6_000];
/** Frames back to back, and how short they are. */
const [BURST, SHORT] = [6, 60];
/** Until a device looks, and until all that was asked for came back. */
const [NOTICE, A_WHILE]: readonly [Nanos, Nanos] = [200_000, 1_000_000];
/** How often a driver is used. */
const TIMES = 3;

function setLatency({ virtio, nics }: Machine, latency: Nanos): void {
  for (const device of virtio) {
    const { completion } = (device as VirtioHand).fn.device.manners;
    if (completion !== null) completion.latency = [latency, latency];
  }
  for (const nic of nics) if (nic instanceof GvnicNic) nic.device.pace!.latency = [latency, latency];
}

/** With each step every device takes a little longer, and always the same. */
function sweep({ machine, start }: Fixture, step: () => void): void {
  start();
  for (let latency = FAST; latency <= SLOW; latency += STEP) {
    setLatency(machine, latency);
    step();
  }
  pass(machine, NOTICE * 1000);
}

function sendsBursts(fixture: Fixture): void {
  const { machine } = fixture;
  const frames = framesOut(new Random(machine.seed), BURST, machine.nics[0]!);
  sendAll(
    fixture,
    frames.map((frame) => frame.subarray(0, SHORT)),
  );
  pass(machine, A_WHILE);
}

function sendsHushed(fixture: Fixture): void {
  fixture.start();
  for (let time = 0; time < TIMES; time++) sendsBursts(fixture);
}

function usesOften({ start, use }: Fixture): void {
  start();
  for (let time = 0; time < TIMES; time++) use();
}

type Rings = Pick<MachineOptions, 'nics' | 'scsi'>;

/** A way of each kind, by a name. */
const RINGS: Readonly<Record<string, Rings>> = {
  'short rings': { nics: [{ ringSize: 16, backend: 'loopback' }], scsi: { ringSize: 128 } },
  'rings of 64 and 256 entries': { nics: [{ ringSize: 64, backend: 'loopback' }], scsi: { ringSize: 256 } },
  'long rings': { nics: [{ backend: 'loopback' }] },
};
const ORDERS: Readonly<Record<string, CompletionOptions>> = {
  'in order': { order: 'fifo' },
  'out of order': { order: 'random' },
  'three at a time': { batch: { chains: 3, within: 50_000 } },
};
const LATENCIES: Readonly<Record<string, CompletionOptions>> = {
  soon: { latency: 1_000 },
  'after 20 µs': { latency: 20_000 },
  'at any time': { latency: [1_000, 400_000] },
};
const INTERRUPTS: Readonly<Record<string, CompletionOptions>> = {
  'an interrupt each': {},
  'few interrupts': { interrupts: { coalesce: { interrupts: 3, within: 50_000 } } },
  'interrupts for nothing': { interrupts: { spurious: 2 } },
};

/** In nine rows of four, every two ways of different kinds meet: an orthogonal array. */
const TOGETHER = [
  [0, 0, 0, 0],
  [0, 1, 1, 1],
  [0, 2, 2, 2],
  [1, 0, 1, 2],
  [1, 1, 2, 0],
  [1, 2, 0, 1],
  [2, 0, 2, 1],
  [2, 1, 0, 2],
  [2, 2, 1, 0],
] as const;

const PAIRS = TOGETHER.map(([ring, order, latency, interrupts]): SuiteScenario => {
  const [rings, sizes] = Object.entries(RINGS)[ring]!;
  const [inOrder, ordered] = Object.entries(ORDERS)[order]!;
  const [when, late] = Object.entries(LATENCIES)[latency]!;
  const [how, interrupting] = Object.entries(INTERRUPTS)[interrupts]!;
  return {
    name: `${rings}, answers ${inOrder} and ${when}, ${how}`,
    why: 'features that work alone may fail together',
    once: true,
    needs: ['virtio', 'drivers'],
    options: ({ scsi, ...base }) => ({
      ...base,
      ...sizes,
      scsi: { ...scsi, ...sizes.scsi },
      completion: { ...ordered, ...late, ...interrupting },
    }),
    act: usesOften,
  };
});

/** Devices whose time, rings and interrupts meet a driver in all ways. */
export const TIMING: readonly SuiteScenario[] = [
  {
    name: 'devices that take 3 to 57 µs, each time a little longer',
    why: 'a buffer used between the last look and the request for an interrupt causes none',
    once: true,
    needs: ['virtio or gvnic', 'drivers'],
    options: (base) => ({ ...base, completion: { latency: FAST } }),
    act: (fixture) => sweep(fixture, fixture.use),
  },
  {
    name: 'frames back to back, to a card that takes 3 to 57 µs, each time a little longer',
    why: 'one frame comes back while the next is sent, at every moment of it',
    once: true,
    needs: ['send'],
    options: (base) => ({ ...plain(base), completion: { latency: FAST } }),
    act: (fixture) => sweep(fixture, () => sendsBursts(fixture)),
  },
  {
    name: 'frames back to back, to a card that asks not to be kicked meanwhile',
    why: 'the ring says whether a kick is wanted, and this changes',
    once: true,
    needs: ['send'],
    options: (base) => ({ ...plain(base), completion: { notice: NOTICE, hush: true } }),
    act: sendsHushed,
  },
  ...PAIRS,
];
