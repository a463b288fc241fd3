import { describe, expect, test } from 'vitest';
import { Clock } from '../../core/clock.ts';
import type { MachineOptions } from '../../machine/options.ts';
import { elfOf, HALT, lidt, MASK_PAIR, outb, outw, UD2 } from '../boot/kernel-rig.ts';
import { runTogether, V86Host } from './host.ts';
import { closedHosts, small } from './rig.ts';

const MILLISECOND = 1_000_000;
/** `mov ecx, 500000; dec ecx; jnz`: a million instructions, of 10 ns each. */
const WORK = [0xb9, 0x20, 0xa1, 0x07, 0x00, 0x49, 0x75, 0xfd];
const WORK_TIME = 10 * MILLISECOND;
const OFF = [...outw(0xb004, 0x2000), ...HALT];
/** Masks the 8259 pair, `sti`, and waits for an interrupt, without end. */
const IDLE = [...MASK_PAIR, 0xfb, ...HALT];
/**
 * `mov dx, 2fd; in al, dx; test al, 1; jz; mov dx, 2f8; in al, dx; out dx, al`, without end: echoes what ttyS1 receives.
 */
const ECHO = [
  ...[0x66, 0xba, 0xfd, 0x02, 0xec, 0xa8, 0x01, 0x74, 0xf7],
  ...[0x66, 0xba, 0xf8, 0x02, 0xec, 0xee, 0xeb, 0xef],
];
/** Sends a byte from ttyS1, waits for it with `mov dx, 2fd; in al, dx; test al, 1; jz`, and powers off. */
const PING = [...outb(0x2f8, 0x68), ...[0x66, 0xba, 0xfd, 0x02, 0xec, 0xa8, 0x01, 0x74, 0xf7], ...OFF];
const hosts = closedHosts();

/** One host for each program, all on one clock. */
async function side(
  programs: readonly (readonly number[])[],
  options: MachineOptions = {},
): Promise<V86Host[]> {
  const clock = new Clock();
  const made: V86Host[] = [];
  for (const program of programs) {
    const machine = small({ clock, ...options });
    made.push(await V86Host.create(machine, { kernel: elfOf(program) }));
  }
  hosts.push(...made);
  return made;
}

/** Runs until the first is off. @returns how much virtual time that took. */
async function timeOf(programs: readonly (readonly number[])[]): Promise<number> {
  const made = await side(programs);
  const [first] = made;
  const { now } = first!.machine;
  let off = Number.NaN;
  first!.machine.events.on('sleep', () => {
    off = first!.machine.now - now;
  });
  await runTogether(made, { until: () => off > 0, limit: 1000 * MILLISECOND });
  return off;
}

/** As `timeOf`, for a byte to the second host and back, over a wire between their ttyS1. */
async function roundTrip(others: readonly (readonly number[])[]): Promise<number> {
  const made = await side([PING, ECHO, ...others], { serial: { pace: 'instant' } });
  const [left, right] = made.map(({ machine }) => machine.serial[1]!);
  left!.endpoint = { receive: (byte) => right!.type(Uint8Array.of(byte)) };
  right!.endpoint = { receive: (byte) => left!.type(Uint8Array.of(byte)) };
  const { machine } = made[0]!;
  const { now } = machine;
  let off = Number.NaN;
  machine.events.on('sleep', () => {
    off = machine.now - now;
  });
  await runTogether(made, { until: () => off > 0, limit: 1000 * MILLISECOND });
  return off;
}

describe('hosts that run together', () => {
  test.each([
    ['alone', []],
    ['beside one that is idle', [IDLE]],
    ['beside one that is busy', [WORK]],
    ['beside three that are busy', [WORK, WORK, WORK]],
  ])('do their work in its time: %s', async (_how, others) => {
    const busy = others.map((program) => [...program, ...program, ...HALT]);

    const time = await timeOf([[...WORK, ...OFF], ...busy]);

    // A turn of each of the others, of a millisecond, may be over before.
    expect(Math.abs(time - WORK_TIME)).toBeLessThan(4 * MILLISECOND);
  });

  test.each([
    ['two hosts', []],
    ['two hosts beside one that is idle', [IDLE]],
    ['two hosts beside one that is busy', [[...WORK, ...WORK]]],
  ])('send and answer in a few turns: %s', async (_how, others) => {
    expect(await roundTrip(others)).toBeLessThan(8 * MILLISECOND);
  });

  test('take the same time in every run', async () => {
    const times = [await roundTrip([IDLE, WORK]), await roundTrip([IDLE, WORK])];

    expect(times[1]).toBe(times[0]);
  });

  test('pass idle time to the nanosecond', async () => {
    const made = await side([IDLE, HALT]);
    const { clock } = made[0]!.machine.chassis.board;
    const { now } = clock;

    const ends = await runTogether(made, { limit: 50 * MILLISECOND });

    expect([ends, clock.now - now]).toEqual([['limit', 'limit'], 50 * MILLISECOND]);
  });

  test('end separately', async () => {
    const made = await side([OFF, [...lidt(0, 0), ...UD2], outb(0xcf9, 6), HALT]);

    expect(await runTogether(made)).toEqual(['off', 'crash', 'reset', 'halted']);
  });
});

describe('hosts that cannot run together', () => {
  test('are none', async () => {
    await expect(runTogether([])).rejects.toThrow('hosts must be a list of at least one host; got []');
  });

  test('are on two clocks', async () => {
    const made = [...(await side([HALT])), ...(await side([HALT]))];

    await expect(runTogether(made)).rejects.toThrow("hosts[1]: must share hosts[0]'s clock");
  });

  test('are one, named twice', async () => {
    const [host] = await side([HALT]);

    await expect(runTogether([host!, host!])).rejects.toThrow('hosts[1]: is listed twice');
  });

  test.each([[null], [{}], [[1]]])('are no hosts: %j', async (given) => {
    await expect(runTogether(given as never)).rejects.toMatchObject({ name: 'MisuseError' });
  });
});
