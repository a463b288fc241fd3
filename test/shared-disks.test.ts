import { expect, test } from 'vitest';
import { type ScsiHost, virtioScsiDriver } from '../src/guest/index.ts';
import { gceN1, MemoryMedium } from '../src/index.ts';

const CHECK_CONDITION = 0x02;
const CONFLICT = 0x18;
const KEY = 0xa1;

function hostOf(medium: MemoryMedium, multiWriter = true): ScsiHost {
  const host = gceN1({ disks: [{ medium, multiWriter }] }).attach(virtioScsiDriver);
  host.testUnitReady(1);
  return host;
}

/** REGISTER AND IGNORE EXISTING KEY, 6, then RESERVE, 1, with the type write exclusive: their statuses. */
function reserve(host: ScsiHost): number[] {
  return [
    [0x06, 15],
    [0x01, 7],
  ].map(([action, at]) => {
    const dataOut = new Uint8Array(24);
    dataOut[at!] = KEY;
    const cdb = Uint8Array.of(0x5f, action!, 0x01, 0, 0, 0, 0, 0, 24, 0);
    return host.execute(1, 0, { name: 'PERSISTENT RESERVE OUT', cdb, dataOut }).status;
  });
}

const statusOf = (act: () => unknown) => {
  try {
    act();
    return 0;
  } catch (error) {
    return (error as { status: number }).status;
  }
};

test('a machine may not write what another with the same medium has reserved', () => {
  const medium = new MemoryMedium(1 << 20);
  const [mine, other] = [hostOf(medium), hostOf(medium)];

  reserve(mine);

  const block = new Uint8Array(512).fill(7);
  expect([
    statusOf(() => mine.write(1, 0, block)),
    statusOf(() => other.write(1, 0, block)),
    [...other.read(1, 0, 1)].every((byte) => byte === 7),
  ]).toEqual([0, CONFLICT, true]);
});

test('disks on separate media share no reservations', () => {
  const other = hostOf(new MemoryMedium(1 << 20));

  reserve(hostOf(new MemoryMedium(1 << 20)));

  expect(statusOf(() => other.write(1, 0, new Uint8Array(512)))).toBe(0);
});

test('a disk for one machine takes no reservation', () => {
  const host = hostOf(new MemoryMedium(1 << 20), false);

  expect(reserve(host)).toEqual([CHECK_CONDITION, CHECK_CONDITION]);
});
