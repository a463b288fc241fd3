import { describe, expect, test } from 'vitest';
import type { Width } from '../src/core/bits.ts';
import { gceN1, type Machine, qemuPc } from '../src/index.ts';
import type { Place } from './by-hand/driver.ts';
import { LegacyDriver } from './by-hand/legacy.ts';
import { ModernDriver } from './by-hand/modern.ts';

const RING = 0x10_5000;

const nicOf = (machine: Machine): Place => ({ machine, bdf: 0x20, indices: [0, 1, 2], main: 1 });
/** A legacy driver of the NIC. */
const byHand = (machine = gceN1({ disks: [] })) => new LegacyDriver(nicOf(machine));

function said({ machine }: Place): string[] {
  return machine.findings.map(({ clause, said: what }) => `${clause.split('/')[1]}: ${what}`);
}

describe('findings of a legacy driver', () => {
  test('none, if it does not know ANY_LAYOUT, though QEMU offers it', () => {
    const driver = byHand(qemuPc({ disks: [] }))
      .begin(0)
      .queue(0)
      .status(7);

    expect(said(driver)).toEqual([]);
  });

  test('none, if it sets two finished steps in one write: ACKNOWLEDGE and DRIVER', () => {
    const driver = byHand();
    driver.reset();

    driver.status(3);

    expect(said(driver)).toEqual([]);
  });

  test('name the page number of Queue Address, if it writes an address', () => {
    const driver = byHand().begin(0).queue(0, RING);

    expect(said(driver)).toEqual([
      'RFEAT-D4: the ring at 105000000 does not lie in RAM: Queue Address was written with 00105000, and this register takes address / 4096',
    ]);
  });

  test('only say that the ring lies outside, if its value is not an address', () => {
    const driver = byHand().begin(0).queue(0, 0xf_f001);

    expect(said(driver)).toEqual([
      'RFEAT-D4: the descriptor table at ff001000, of 65536 bytes, does not lie in RAM',
    ]);
  });

  test('say that a bit was not offered, and that it needs another that was not accepted', () => {
    const GUEST_UFO = 1 << 10;
    const driver = byHand().begin(GUEST_UFO).queue(0).status(7);

    expect(said(driver)).toEqual([
      'FEAT-D1: 00000400 was accepted, of which 00000400 was not offered',
      'NET-FEAT-D4: GUEST_UFO (10) was accepted without GUEST_CSUM (1)',
      'NET-CFG-D2: MAC was offered and not accepted',
    ]);
  });

  test('say that it set up an absent queue, and not that it set up none', () => {
    const driver = byHand().begin(0).queue(9).status(7);

    expect(said(driver)).toEqual(['VQ-IMP-15: queue 9 was set up, but the device has no such queue']);
  });

  test.each<[number, Width, string]>([
    [0x12, 4, 'D1: Device Status (1 byte) was accessed with 4 bytes'],
    [0x12, 2, 'D1: Device Status (1 byte) was accessed with 2 bytes'],
    [0x0f, 1, 'D2: Queue Select (2 bytes) was accessed with 1 byte, from its byte 1 on'],
    [0x0a, 2, 'D3: Queue Address (4 bytes) was accessed with 2 bytes, from its byte 2 on'],
  ])('name the width and the register of an access: at %i with %i', (offset, width, what) => {
    const driver = byHand();
    driver.reset();

    driver.in(offset, width);

    expect(said(driver)).toEqual([`PCI-LAYOUT-${what}`]);
  });

  test('name a queue by its purpose and its index', () => {
    const driver = byHand().begin(0).queue(1);

    driver.kick();

    const [finding] = driver.machine.findings;
    expect([finding!.subject, finding!.said]).toEqual([
      'net0',
      'transmit queue 1 (queue 1) was kicked while status was 03',
    ]);
  });
});

test('a modern driver that goes from 03 to 0f did not check FEATURES_OK, which was not refused', () => {
  const driver = new ModernDriver(nicOf(gceN1({ virtio: 'modern', disks: [] })));

  driver.begin().accept().status(0x0f);

  expect(said(driver)).toEqual([
    'INIT-D6: DRIVER_OK was set in the same write as FEATURES_OK: the status was not read between',
    'INIT-D8: DRIVER_OK was set though no queue was set up',
  ]);
});
