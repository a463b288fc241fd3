import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { GuestWhere } from '../hosts/v86/index.ts';
import { doing } from './boot-end.ts';
import { Silence } from './silence.ts';

const SPINS: GuestWhere = { cs: 0xf000, eip: 0xe05b, mode: 'real', halted: false, interrupts: false };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** The seconds at which a guest that is silent for `seconds` is reported. */
function told(seconds: number, silence: Silence, lines: string[]): number[] {
  const at: number[] = [];
  for (let i = 1; i <= seconds * 4; i++) {
    vi.advanceTimersByTime(250);
    const before = lines.length;
    silence.look(() => doing(SPINS), 1_500_000_000);
    if (lines.length > before) at.push(i / 4);
  }
  return at;
}

test('a silent guest is reported after half a second, then less and less often, and at least once a minute', () => {
  const lines: string[] = [];

  expect(told(260, new Silence((line) => lines.push(line)), lines)).toEqual([
    0.5, 1, 2, 4, 8, 16, 32, 64, 124, 184, 244,
  ]);
  expect(lines[2]).toBe(
    'guestrig: nothing printed for 2.0 s; after 1.5 s of its time the guest runs in the BIOS, at f000:e05b\n',
  );
});

test('output restarts the time', () => {
  const lines: string[] = [];
  const silence = new Silence((line) => lines.push(line));
  told(3, silence, lines);

  silence.broken();

  expect(told(2, silence, lines)).toEqual([0.5, 1, 2]);
});

test('a user who waited before the guest began is told a tenth of a second after that', () => {
  const lines: string[] = [];
  const silence = new Silence((line) => lines.push(line));
  silence.broken(performance.now() - 1500);

  for (let i = 0; i < 3; i++) {
    vi.advanceTimersByTime(50);
    silence.look(() => doing(SPINS), 0);
  }

  expect(lines).toEqual([
    'guestrig: nothing printed for 1.6 s; after 0 s of its time the guest runs in the BIOS, at f000:e05b\n',
  ]);
});

describe('a guest', () => {
  const protect = { ...SPINS, mode: 'protected', cs: 0x10 } as const;
  test.each<[what: string, where: GuestWhere]>([
    ['runs in the BIOS, at f000:e05b', SPINS],
    ['runs in conventional memory, at 0000:7c17', { ...SPINS, cs: 0, eip: 0x7c17 }],
    [
      'waits for an interrupt in extended memory, at 0010:00100000',
      { ...protect, eip: 0x10_0000, halted: true, interrupts: true },
    ],
    [
      'has halted with interrupts off in a kernel, at 0060:c1000000',
      { ...protect, cs: 0x60, mode: 'PAE', eip: 0xc100_0000, halted: true },
    ],
    ['runs in a kernel, at 0010:0010e631', { ...protect, mode: 'PAE', eip: 0x10_e631 }],
    ['runs in a program, at 0073:b7f00000', { ...protect, cs: 0x73, mode: 'paged', eip: 0xb7f0_0000 }],
  ])('%s', (what, where) => {
    expect(doing(where)).toBe(what);
  });
});
