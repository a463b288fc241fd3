import { describe, expect, test } from 'vitest';
import type { Width } from '../src/core/bits.ts';
import { configRead, configWrite } from '../src/guest/index.ts';
import { findStructures } from '../src/guest/virtio/modern-structures.ts';
import { gceN1, type Machine, qemuPc } from '../src/index.ts';

const NIC = 0x20;
const RING = 0x10_5000;

/** A legacy driver of the NIC by hand: it writes to the header, and reads its findings. */
class ByHand {
  readonly machine: Machine;
  private readonly header: number;

  constructor(machine = gceN1({ disks: [] })) {
    this.machine = machine;
    const { port } = machine;
    configWrite(port, NIC, 0x04, 0x0007, 2);
    this.header = configRead(port, NIC, 0x10, 4) & ~3;
  }

  in(offset: number, width: Width): number {
    return this.machine.port.in(this.header + offset, width);
  }

  out(offset: number, value: number, width: Width): this {
    this.machine.port.out(this.header + offset, value, width);
    return this;
  }

  /** Resets, sets ACKNOWLEDGE and DRIVER, and accepts `features` of those offered. */
  begin(features: number): this {
    this.out(0x12, 0, 1);
    this.in(0x12, 1);
    this.out(0x12, 1, 1).out(0x12, 3, 1);
    this.in(0x00, 4);
    return this.out(0x04, features, 4);
  }

  /** Gives queue `index` its memory, by the value that the driver takes for its page. */
  queue(index: number, page: number): this {
    this.out(0x0e, index, 2);
    this.in(0x0c, 2);
    return this.out(0x08, page, 4);
  }

  get said(): string[] {
    return this.machine.findings.map(({ clause, said }) => `${clause.split('/')[1]}: ${said}`);
  }
}

describe('findings of a legacy driver', () => {
  test('none, if it does not know ANY_LAYOUT, though QEMU offers it', () => {
    const driver = new ByHand(qemuPc({ disks: [] }))
      .begin(0)
      .queue(0, RING / 4096)
      .out(0x12, 7, 1);

    expect(driver.said).toEqual([]);
  });

  test('none, if it sets two finished steps in one write: ACKNOWLEDGE and DRIVER', () => {
    const driver = new ByHand();
    driver.out(0x12, 0, 1).in(0x12, 1);

    driver.out(0x12, 3, 1);

    expect(driver.said).toEqual([]);
  });

  test('name the page number of Queue Address, if it writes an address', () => {
    const driver = new ByHand().begin(0).queue(0, RING);

    expect(driver.said).toEqual([
      'RFEAT-D4: the ring at 105000000 does not lie in RAM: Queue Address was written with 00105000, and this register takes address / 4096',
    ]);
  });

  test('only say that the ring lies outside, if its value is not an address', () => {
    const driver = new ByHand().begin(0).queue(0, 0xf_f001);

    expect(driver.said).toEqual([
      'RFEAT-D4: the descriptor table at ff001000, of 65536 bytes, does not lie in RAM',
    ]);
  });

  test('say that a bit was not offered, and that it needs another that was not accepted', () => {
    const GUEST_UFO = 1 << 10;
    const driver = new ByHand()
      .begin(GUEST_UFO)
      .queue(0, RING / 4096)
      .out(0x12, 7, 1);

    expect(driver.said).toEqual([
      'FEAT-D1: 00000400 was accepted, of which 00000400 was not offered',
      'NET-FEAT-D4: GUEST_UFO (10) was accepted without GUEST_CSUM (1)',
      'NET-CFG-D2: MAC was offered and not accepted',
    ]);
  });

  test('say that it set up an absent queue, and not that it set up none', () => {
    const driver = new ByHand()
      .begin(0)
      .queue(9, RING / 4096)
      .out(0x12, 7, 1);

    expect(driver.said).toEqual(['VQ-IMP-15: queue 9 was set up, but the device has no such queue']);
  });

  test.each<[number, Width, string]>([
    [0x12, 4, 'D1: Device Status (1 byte) was accessed with 4 bytes'],
    [0x12, 2, 'D1: Device Status (1 byte) was accessed with 2 bytes'],
    [0x0f, 1, 'D2: Queue Select (2 bytes) was accessed with 1 byte, from its byte 1 on'],
    [0x0a, 2, 'D3: Queue Address (4 bytes) was accessed with 2 bytes, from its byte 2 on'],
  ])('name the width and the register of an access: at %i with %i', (offset, width, said) => {
    const driver = new ByHand();
    driver.out(0x12, 0, 1).in(0x12, 1);

    driver.in(offset, width);

    expect(driver.said).toEqual([`PCI-LAYOUT-${said}`]);
  });

  test('name a queue by its purpose and its index', () => {
    const driver = new ByHand().begin(0).queue(1, RING / 4096);

    driver.out(0x10, 1, 2);

    const [finding] = driver.machine.findings;
    expect([finding!.subject, finding!.said]).toEqual([
      'net0',
      'transmit queue 1 (queue 1) was kicked while status was 03',
    ]);
  });
});

test('a modern driver that goes from 03 to 0f did not check FEATURES_OK, which was not refused', () => {
  const { port, findings } = gceN1({ virtio: 'modern', disks: [] });
  const { common } = findStructures(port, NIC)!;
  const status = (value: number) => port.write(common + 0x14, value, 1);
  configWrite(port, NIC, 0x04, 0x0006, 2);
  status(0);
  port.read(common + 0x14, 1);
  for (const value of [1, 3]) status(value);
  for (const word of [0, 1]) {
    port.write(common, word, 4);
    port.write(common + 0x08, word, 4);
    port.write(common + 0x0c, word === 1 ? port.read(common + 0x04, 4) & 1 : 0, 4);
  }

  status(0x0f);

  expect(findings.map(({ clause, said }) => `${clause.split('/')[1]}: ${said}`)).toEqual([
    'INIT-D6: DRIVER_OK was set in the same write as FEATURES_OK: the status was not read between',
    'INIT-D8: DRIVER_OK was set though no queue was set up',
  ]);
});
