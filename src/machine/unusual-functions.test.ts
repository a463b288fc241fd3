import { describe, expect, test } from 'vitest';
import { findCapability, readRegister, virtioNet, virtioRng } from '../guest/index.ts';
import { CAPABILITY_ID, MSIX_CONTROL, REVISION_ID } from '../pci/registers.ts';
import { gceN1 } from './gce-n1.ts';

/** 00:04.0. */
const NIC = 0x20;

describe('functions that are not as usual', () => {
  test.each([
    ['modern', 0xff, ['revision']],
    ['legacy', 0x00, []],
  ] as const)('show the configured revision, %s ones', (virtio, shown, unusual) => {
    const machine = gceN1({ virtio, revision: 0xff });

    expect([readRegister(machine.port, NIC, REVISION_ID), machine.virtio[1]!.unusual]).toEqual([
      shown,
      unusual,
    ]);
  });

  test('have the configured number of vectors, needed or not', () => {
    const { port, virtio } = gceN1({ msix: { table: 2048 } });
    const at = findCapability(port, NIC, CAPABILITY_ID.MSIX)!;

    expect([
      MSIX_CONTROL.decode(readRegister(port, NIC, MSIX_CONTROL, at)).TABLE_SIZE,
      virtio[1]!.vectors,
    ]).toEqual([0x7ff, 2048]);
  });

  test('have bytes behind their configuration that read as ones', () => {
    const { port, virtio } = gceN1({ configTail: 3 });
    const { mapped, region } = virtio[1]!.fn.bars[0]!;

    // A network card of one pair of queues has ten bytes of configuration behind its header of twenty.
    expect([port.in(mapped! + 30, 1), region.size, virtio[1]!.unusual]).toEqual([
      0xff,
      64,
      ['odd configuration'],
    ]);
  });

  test('without MSI-X are nothing unusual: there is the line', () => {
    expect(gceN1({ msix: { vectors: 0 } }).virtio[1]!.unusual).toEqual([]);
  });

  test('report the status that their drivers left, and the interfaces by which they can be used', () => {
    const machine = gceN1({ virtio: 'transitional' });
    const nic = machine.virtio[1]!;
    const before = nic.status;
    machine.attach(virtioNet());

    expect([before, nic.status, nic.interfaces]).toEqual([0, 0x0f, ['legacy', 'modern']]);
  });
});

test('foreign functions are on the bus, and drivers skip them', () => {
  const machine = gceN1({ strangers: true, rng: true });
  machine.attach(virtioRng());

  const ids = machine.functions.slice(-3).map(({ bdf }) => machine.idOf(bdf)!);
  expect(ids.map(({ vendor, device }) => [vendor, device])).toEqual([
    [0x8086, 0x1000],
    [0x8086, 0x1041],
    [0x1af4, 0x1110],
  ]);
});

describe('a line that flickers', () => {
  /** Opens IRQ 4 of a pair with vectors from 20h on, and counts interrupts by IRQ 7. */
  function listening(mask: number) {
    const machine = gceN1();
    const { port } = machine;
    let spurious = 0;
    for (const [at, value] of [
      [0x20, 0x11],
      [0x21, 0x20],
      [0x21, 0x04],
      [0x21, 0x01],
      [0x21, mask],
    ] as const)
      port.out(at, value, 1);
    port.handle(0x27, () => spurious++);
    port.unmask();
    machine.glitch(4);
    port.wait(() => false, 1_000_000);
    return spurious;
  }

  test('is a spurious IRQ 7 where it is open, and nothing where it is masked', () => {
    expect([listening(0xef), listening(0xff)]).toEqual([1, 0]);
  });

  test('is one of sixteen', () => {
    expect(() => gceN1().glitch(16)).toThrow('glitch.irq must be a line');
  });
});
