import { describe, expect, test } from 'vitest';
import type { GuestPort } from '../src/core/guest-port.ts';
import { EndlessLoopError, gceN1 } from '../src/index.ts';

/** As a hand-written driver spins: nothing but accesses. Far fewer than the million, so that a test is short. */
const PATIENCE = 1000;
const STATUS = 0xc052;
const RAM = 0x20_0000;

/** Ends a loop that has no end of its own. */
function endOf(spin: (port: GuestPort, turn: number) => unknown): EndlessLoopError {
  const { port } = gceN1({ patience: PATIENCE });
  try {
    for (let turn = 0; ; turn++) spin(port, turn);
  } catch (error) {
    return error as EndlessLoopError;
  }
}

describe('a driver that spins without end is stopped', () => {
  test.each<[string, string, (port: GuestPort, turn: number) => unknown]>([
    ['on a register', 'port c052: net0 Device Status → 00', (port) => port.in(STATUS, 1)],
    ['on a port without a device', 'port 0300: no device answers', (port) => port.in(0x300, 1)],
    ['on RAM', 'address 00200000: RAM → 0000', (port) => port.memory.load(RAM, 2)],
    ['on RAM, as an MMIO access', 'address 00200000: RAM → 0000', (port) => port.read(RAM, 2)],
    ['on MMIO', 'address febff00c: net0 MSI-X', (port) => port.read(0xfebf_f00c, 4)],
    ['on a kick', 'port c050: net0 Queue Notify ← 0001', (port) => port.out(0xc050, 1, 2)],
    ['on the time', 'the question what time it is', (port) => port.now()],
    ['on waiting', 'a wait() whose limit passed', (port) => port.wait(() => false, 1000)],
    ['on storing the same', 'address 00200000: RAM ← 0001', (port) => port.memory.store(RAM, 1, 2)],
    ['on bytes of RAM', 'address 00200000: RAM → 00', (port) => port.memory.read(RAM, new Uint8Array(8))],
    ['on two ports of like parts', 'port 0', (port, turn) => port.in(turn & 1 ? 0x3fd : 0x2fd, 1)],
    ['on two registers in turn', 'port c0', (port, turn) => port.in(STATUS + (turn & 1), 1)],
  ])('%s: %s', (_, where, spin) => {
    const error = endOf(spin);

    expect(error).toBeInstanceOf(EndlessLoopError);
    // One for each of the addresses, to be remembered, and one too many.
    expect(error.accesses - PATIENCE).toBeLessThanOrEqual(3);
    expect(error.message).toContain(
      `1,00${error.accesses - PATIENCE} accesses without progress, the last of them ${where}`,
    );
  });
});

test('a driver that selects two registers in turn, and reads the same values, is stopped, too', () => {
  const error = endOf((port, turn) => {
    port.out(0x70, turn & 1 ? 0x0b : 0x0d, 1);
    port.in(0x71, 1);
  });

  expect(error.message).toContain('accesses without progress, the last of them port 007');
});

test('a driver that writes the same to a register in vain that reads as something else is stopped, too', () => {
  const machine = gceN1({ patience: 1000 });
  const poll = () => {
    for (;;) {
      machine.port.out(0x3fa, 1, 1);
      machine.port.in(0x3fa, 1);
    }
  };

  expect(poll).toThrow(EndlessLoopError);
});

test('a driver that polls RAM lets time pass, as on a processor: a device may be late', () => {
  const { port } = gceN1();
  const before = port.now();

  for (let i = 0; i < 6000; i++) port.memory.load(RAM, 2);

  expect(port.now() - before).toBeGreaterThan(4_900_000);
});

test('a driver that only watches a timer is stopped too', () => {
  const error = endOf((port) => port.in(0xb008, 4));

  expect(error.message).toContain(
    '16,001 accesses without progress, the last of them port b008: acpi0 PM PMTMR',
  );
});

test('a driver that goes round far more registers than are remembered is stopped, too', () => {
  const error = endOf((port, turn) => port.in(0x1000 + (turn % 500), 1));

  expect(error.message).toContain('accesses without progress, the last of them port 1');
});

test('waits of a second are fewer before a driver is stopped, as each takes the host longer', () => {
  const error = endOf((port) => port.wait(() => false, 1_000_000_000));

  expect(error.accesses).toBeLessThan(PATIENCE / 5);
});

test('the error has the place for programs', () => {
  const error = endOf((port) => port.in(STATUS, 1));

  expect(error).toMatchObject({ kind: 'port', address: STATUS, value: 0, accesses: PATIENCE + 2 });
});

test('a guest that polls within a wait does not spin, for time passes', () => {
  const { port } = gceN1({ patience: PATIENCE });
  // The counter of the PIT fires 18 times a second, and each time the condition is asked.
  const came = port.wait(() => port.in(0x3fd, 1) === 0, 200_000_000_000);

  expect(came).toBe(false);
});

test('a driver that writes new values goes on without limit', () => {
  const { port } = gceN1({ patience: PATIENCE });

  for (let i = 0; i < 10 * PATIENCE; i++) {
    port.in(0x3fd, 1);
    port.memory.store(RAM, i, 4);
  }

  expect(port.memory.load(RAM, 4)).toBe(10 * PATIENCE - 1);
});

test('a stopped driver leaves a usable machine', () => {
  const machine = gceN1({ patience: 10 });
  const poll = () => machine.port.in(STATUS, 1);
  const polls = (count: number) => () => Array.from({ length: count }, poll);

  expect(polls(20)).toThrow(EndlessLoopError);
  expect(polls(5)).not.toThrow();
});

test('a guest whose stores are not seen may kick for each of its frames', () => {
  const { port } = gceN1({ patience: PATIENCE }).chassis;
  port.memory.direct();
  const kicks = (count: number) => () => Array.from({ length: count }, () => port.out(0xc050, 1, 2));

  expect(kicks(10 * PATIENCE)).not.toThrow();
  expect(kicks(10 * PATIENCE)).toThrow(EndlessLoopError);
});

test('patience may have no end', () => {
  const { port } = gceN1({ patience: false });

  const reads = Array.from({ length: 400_000 }, () => port.in(STATUS, 1));

  expect(new Set(reads)).toEqual(new Set([0]));
});

test('the error points to the line of the driver, without our frames before it', () => {
  const { stack } = endOf((port) => port.in(STATUS, 1));

  const [first] = stack!.slice(stack!.indexOf('\n    at ')).trim().split('\n');
  expect(first).toMatch(/patience\.slow\.test\.ts:\d+:\d+/);
});
