import { beforeAll, describe, expect, test } from 'vitest';
import type { Access } from '../../src/core/access.ts';
import { type Boot, boot, guestMachine } from './guest.ts';

/** Ports to which the guest writes the time, seconds and nanoseconds, low bytes first; no device has them. */
const TOLD = 0x1230;
const BYTES = 16;
/** How often it reads in a row, and for how many seconds. */
const [LOOKS, SECONDS] = [16, 61];
const MICROSECOND = 1000;

/** The time that the guest wrote, and the machine's when it began to write it. */
interface Look {
  readonly guest: number;
  readonly machine: number;
}

async function bootTelling(words: string): Promise<Boot & { readonly looks: readonly Look[] }> {
  const machine = guestMachine();
  const bytes = new Uint8Array(BYTES);
  const view = new DataView(bytes.buffer);
  const looks: Look[] = [];
  let begun = 0;
  const begin = ({ space, write, address, value }: Access) => {
    if (space !== 'port' || !write || address < TOLD || address >= TOLD + BYTES) return;
    if (address === TOLD) begun = machine.now;
    bytes[address - TOLD] = value;
    if (address === TOLD + BYTES - 1)
      looks.push({ guest: view.getUint32(0, true) * 1e9 + view.getUint32(8, true), machine: begun });
  };
  machine.observe({ begin, end: () => {} });
  return { ...(await boot(machine, words, {}, 2 * SECONDS * 1e9)), looks };
}

/** Of looks in a row, how long the shortest way was from the clock to the port. */
function shortest(looks: readonly Look[]): number {
  return Math.min(...looks.map(({ guest, machine }) => machine - guest));
}

describe('Linux that keeps to kvm-clock', () => {
  let booted: Awaited<ReturnType<typeof bootTelling>>;

  beforeAll(async () => {
    booted = await bootTelling('clocksource=kvm-clock -- quick clock');
  });

  test('uses the new MSRs, and no other clock', () => {
    expect(booted.text).toContain('kvm-clock: Using msrs 4b564d01 and 4b564d00');
    expect(booted.text.match(/clocksource: Switched to clocksource \S+/g)).toEqual([
      'clocksource: Switched to clocksource kvm-clock',
    ]);
  });

  test("has the machine's time to the microsecond for 60 virtual seconds", () => {
    const { looks } = booted;
    const inRow = Array.from({ length: SECONDS }, (_, i) => looks.slice(i * LOOKS, (i + 1) * LOOKS));
    const away = inRow.map(shortest);

    expect(looks.length).toBe(SECONDS * LOOKS);
    expect(looks.at(-1)!.machine - looks[0]!.machine).toBeGreaterThan(60e9);
    expect(Math.max(...away) - Math.min(...away)).toBeLessThan(MICROSECOND);
  });

  test('breaks no rule of KVM', () => {
    const { findings } = booted.machine;

    expect(findings.map(({ clause }) => clause).filter((clause) => clause.startsWith('kvm/'))).toEqual([]);
  });
});

test('Linux takes an invariant TSC instead, as in November 2023', async () => {
  const { text } = await boot(guestMachine(), '-- quick');

  expect(text.match(/clocksource: Switched to clocksource \S+/g)).toEqual([
    'clocksource: Switched to clocksource kvm-clock',
    'clocksource: Switched to clocksource tsc',
  ]);
});
