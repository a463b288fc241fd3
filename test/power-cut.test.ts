import { expect, test } from 'vitest';
import { virtioScsiDriver } from '../src/guest/index.ts';
import { gceN1, type Machine, MemoryMedium, WriteBackMedium } from '../src/index.ts';

const BLOCKS = 64;
const ONES = new Uint8Array(BLOCKS * 512).fill(1);

function machineWithCache(): Machine {
  const medium = new WriteBackMedium(new MemoryMedium(BLOCKS * 512), { seed: 3 });
  return gceN1({ disks: [{ medium, commands: 'all' }] });
}

/** How many blocks have ones, after a new start. */
function left(machine: Machine): number {
  const bytes = machine.attach(virtioScsiDriver).read(1, 0, BLOCKS);
  return Array.from({ length: BLOCKS }, (_, i) => bytes[i * 512]!).filter((byte) => byte === 1).length;
}

test('a loss of power takes some of what was not flushed', () => {
  const machine = machineWithCache();
  machine.attach(virtioScsiDriver).write(1, 0, ONES);

  machine.powerCut();

  expect(left(machine)).toBeGreaterThan(0);
  expect(left(machine)).toBeLessThan(BLOCKS);
});

test('it takes nothing that SYNCHRONIZE CACHE was answered for', () => {
  const machine = machineWithCache();
  const host = machine.attach(virtioScsiDriver);
  host.write(1, 0, ONES);
  host.flush(1);

  machine.powerCut();

  expect(left(machine)).toBe(BLOCKS);
});

test('of writes with FUA it takes nothing, and something of the others', () => {
  const machine = machineWithCache();
  const host = machine.attach(virtioScsiDriver);
  host.write(1, 0, ONES.subarray(0, ONES.length / 2));
  const cdb = Uint8Array.of(0x2a, 0x08, 0, 0, 0, BLOCKS / 2, 0, 0, BLOCKS / 2, 0);
  host.execute(1, 0, { name: 'WRITE(10)', cdb, dataOut: ONES.subarray(ONES.length / 2) });

  machine.powerCut();

  const bytes = machine.attach(virtioScsiDriver).read(1, 0, BLOCKS);
  expect(bytes.subarray(bytes.length / 2)).toEqual(ONES.subarray(ONES.length / 2));
  expect(left(machine)).toBeLessThan(BLOCKS);
});

test('a reset, and power that is switched off, take nothing', () => {
  const machine = machineWithCache();
  machine.attach(virtioScsiDriver).write(1, 0, ONES);

  machine.reset('hard');
  machine.reset('power');

  expect(left(machine)).toBe(BLOCKS);
});

test.each([
  ['a loss of power', (machine: Machine) => machine.powerCut()],
  ['a reset', (machine: Machine) => machine.reset('hard')],
])('after %s a disk that was stopped, and would not be written to, is as it was made', (_what, deed) => {
  const machine = machineWithCache();
  const host = machine.attach(virtioScsiDriver);
  // SWP of the control page; then START STOP UNIT.
  const page = Uint8Array.of(0, 0, 0, 0, 0x0a, 0x0a, 0, 0, 0x08, 0, 0, 0, 0, 0, 0, 0);
  const cdb = Uint8Array.of(0x15, 0x10, 0, 0, page.length, 0);
  host.execute(1, 0, { name: 'MODE SELECT(6)', cdb, dataOut: page });
  const isProtected = host.modeSense(1)[2]! >> 7;
  host.execute(1, 0, { name: 'START STOP UNIT', cdb: Uint8Array.of(0x1b, 0, 0, 0, 0, 0) });

  deed(machine);

  const again = machine.attach(virtioScsiDriver);
  again.write(1, 0, ONES);
  expect([isProtected, again.read(1, 0, BLOCKS)]).toEqual([1, ONES]);
});

test('where no firmware used the disk the first command after a loss of power meets a unit attention', () => {
  const machine = gceN1({ firmware: { used: false } });
  const first = machine.attach(virtioScsiDriver).testUnitReady(1);
  machine.powerCut();

  const again = machine.attach(virtioScsiDriver).testUnitReady(1);

  expect([first, again].map((attentions) => attentions.map(({ asc }) => asc))).toEqual([[0x29], [0x29]]);
});

test('what was in flight is not done later', () => {
  const medium = new MemoryMedium(BLOCKS * 512);
  const machine = gceN1({ disks: [{ medium }], scsi: { latency: 1000 } });
  const host = machine.attach(virtioScsiDriver);
  const { clock } = machine.chassis.board;
  const gone = new Error('the power fails');
  clock.timer('power', () => clock.userCalls.keep(gone)).armAt(clock.now + 500);

  expect(() => host.write(1, 0, ONES)).toThrow(gone);
  machine.powerCut();
  clock.advance(10_000);

  expect(left(machine)).toBe(0);
});
