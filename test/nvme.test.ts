import { describe, expect, test } from 'vitest';
import { attachAll, enumerate, nvme, nvmeDriver } from '../src/guest/index.ts';
import { gceN1 } from '../src/machine/gce-n1.ts';
import type { Machine } from '../src/machine/machine.ts';
import { MemoryMedium } from '../src/media/memory.ts';
import type { NvmeFunction } from '../src/nvme/function.ts';
import { RTYPE } from '../src/nvme/registers/reservations.ts';
import { reservationsOn } from '../src/nvme/reservations.ts';

const MIB = 1 << 20;
/** Bytes of which no page is like another. */
const pattern = (length: number) => Uint8Array.from({ length }, (_, i) => i * 7 + (i >> 9));
const said = ({ findings }: Machine) => findings.map(({ clause, said: what }) => `${clause}: ${what}`);

describe('the reference driver', () => {
  test.each([
    ['polled', false, 1],
    ['msix', false, 2],
    ['intx', false, 1],
    ['msix', true, 1],
    ['polled', true, 2],
  ] as const)(
    'reads what it wrote, %s, with base addresses above 4 GiB: %s',
    (interrupts, barsAbove4G, queues) => {
      const machine = gceN1({
        vcpus: 2,
        firmware: { barsAbove4G },
        memory: { below4G: 2 * MIB, above4G: 32 * MIB, driversAbove4G: true },
        nvme: [{ namespaces: [{ bytes: 4 * MIB }] }],
      });
      const disk = machine.attach(nvme({ interrupts, queues }));
      const bytes = pattern(600 * 512);
      disk.write(1, 3, bytes);
      disk.flush(1);
      const read = disk.read(1, 3, 600);
      disk.close();

      expect([Buffer.compare(read, bytes), said(machine)]).toEqual([0, []]);
    },
  );

  test('goes on with queues of two entries, as UEFIs have them', () => {
    const machine = gceN1({ nvme: [{ namespaces: [{ medium: MemoryMedium.from(pattern(MIB)) }] }] });
    const disk = machine.attach(nvme({ interrupts: 'polled', entries: 2 }));
    const reads = [0, 8, 16, 24, 32].map((lba) => disk.read(1, lba, 1)[1]);

    expect(reads).toEqual([0, 8, 16, 24, 32].map((lba) => pattern(MIB)[lba * 512 + 1]));
  });

  test('counts the blocks of a local SSD in 4096 bytes', () => {
    const machine = gceN1({
      nvme: [{ model: 'nvme_card', namespaces: [{ bytes: MIB }, { bytes: 2 * MIB, readOnly: true }] }],
    });
    const disk = machine.attach(nvmeDriver);
    disk.write(1, 2, pattern(8192));
    const block = new Uint8Array(4096);
    machine.nvme[0]!.namespaces[0]!.medium.read(2 * 4096, block, 0, 4096);

    expect([
      disk.namespaces.map(({ blocks, blockSize, vendorText }) => [blocks, blockSize, vendorText]),
      Buffer.compare(block, pattern(4096)),
    ]).toEqual([
      [
        [256, 4096, '{"device_name":"local-nvme-ssd-0","disk_type":"LOCAL_SSD"}'],
        [512, 4096, '{"device_name":"local-nvme-ssd-1","disk_type":"LOCAL_SSD"}'],
      ],
      0,
    ]);
  });

  test('uses 17 controllers beside each other, as machines with 16 local SSDs have them', () => {
    const locals = Array.from({ length: 16 }, (_, i) => ({
      model: `nvme_card${i}`,
      namespaces: [{ bytes: MIB }],
    }));
    const machine = gceN1({ nvme: [{ namespaces: [{ bytes: MIB }] }, ...locals] });
    const disks = attachAll(machine.port, enumerate(machine.port), nvme({ interrupts: 'polled' }));
    for (const [i, disk] of disks.entries()) disk.write(1, 0, new Uint8Array(4096).fill(i));

    expect([disks.map(({ model }) => model), disks.map((disk) => disk.read(1, 0, 1)[0])]).toEqual([
      ['nvme_card-pd', ...locals.map(({ model }) => model)],
      disks.map((_, i) => i),
    ]);
  });

  test('follows namespaces that come, go and grow', () => {
    const machine = gceN1({ nvme: [{ namespaces: [{ bytes: MIB }] }] });
    const [controller] = machine.nvme;
    const disk = machine.attach(nvme());
    const found = () => {
      machine.port.wait(() => false, 1_000_000);
      disk.follow();
      return disk.namespaces.map(({ nsid, blocks }) => [nsid, blocks]);
    };
    const second = controller!.addNamespace({ bytes: MIB });
    const came = found();
    controller!.resizeNamespace(second, 2 * MIB);
    const grown = found();
    controller!.removeNamespace(second);

    expect([came, grown, found()]).toEqual([
      [
        [1, 2048],
        [2, 2048],
      ],
      [
        [1, 2048],
        [2, 4096],
      ],
      [[1, 2048]],
    ]);
  });

  test('says that a controller has failed, and starts it again', () => {
    const machine = gceN1({ nvme: [{}] });
    const disk = machine.attach(nvme({ interrupts: 'polled' }));
    machine.nvme[0]!.fail();
    const failed = () => disk.read(1, 0, 1);

    expect(failed).toThrow('does not end: the controller was reset');
    expect(disk.read(1, 0, 1)).toHaveLength(512);
  });

  test.each(['polled', 'msix', 'intx'] as const)('aborts a command that never ends, %s', (interrupts) => {
    const machine = gceN1({ nvme: [{}] });
    const disk = machine.attach(nvme({ interrupts }));
    machine.nvme[0]!.stall(1);
    const stalled = () => disk.read(1, 0, 1);

    expect(stalled).toThrow('failed with status 7');
    expect([disk.read(1, 0, 1).length, said(machine)]).toEqual([512, []]);
  });

  test('looks at its queue when an interrupt was lost', () => {
    const machine = gceN1({ nvme: [{}] });
    const disk = machine.attach(nvmeDriver);
    machine.nvme[0]!.loseInterrupt();
    const begin = machine.now;

    expect(disk.read(1, 0, 1)).toHaveLength(512);
    expect(machine.now - begin).toBeGreaterThan(29e9);
  });

  test('says that its controller was pulled out', () => {
    const machine = gceN1({ nvme: [{}, { model: 'nvme_card' }] });
    const disk = machine.attach(nvmeDriver);
    machine.removeNvme(machine.nvme[0]!);

    expect(() => disk.read(1, 0, 1)).toThrow('it does not answer');
    expect(machine.nvme.map(({ model }) => model)).toEqual(['nvme_card']);
  });

  test('resumes after a loss of power', () => {
    const machine = gceN1({ nvme: [{}] });
    const disk = machine.attach(nvmeDriver);
    disk.write(1, 0, pattern(512));
    disk.suspend();
    disk.resume();

    expect([Buffer.compare(disk.read(1, 0, 1), pattern(512)), said(machine)]).toEqual([0, []]);
  });
});

test.each([
  [{ model: 'nvme0' }, 'nvme[0].model'],
  [{ namespaces: [{ bytes: MIB, nsid: 33 }] }, 'nvme0.namespaces[0].nsid'],
  [
    {
      namespaces: [
        { bytes: MIB, nsid: 1 },
        { bytes: MIB, nsid: 1 },
      ],
    },
    'nvme0.namespaces[1].nsid',
  ],
  [{ namespaces: [{}] }, 'nvme0.namespaces[0]: needs one'],
])('an option that cannot be is refused: %o', (one, path) => {
  expect(() => gceN1({ nvme: [one] })).toThrow(path);
});

describe('no driver is accused of', () => {
  const used = () => {
    const machine = gceN1({ nvme: [{ namespaces: [{ bytes: MIB }, { bytes: MIB }] }] });
    const disk = machine.attach(nvmeDriver);
    disk.read(2, 0, 1);
    return { machine, disk, controller: machine.nvme[0]! };
  };

  test('a namespace that went, or became smaller, before it asked again', () => {
    const { machine, disk, controller } = used();
    controller.removeNamespace(controller.namespaces[1]!);
    controller.resizeNamespace(controller.namespaces[0]!, MIB / 2);

    expect(() => disk.read(2, 0, 1)).toThrow('failed');
    expect(() => disk.read(1, 2000, 1)).toThrow('failed');
    expect(said(machine)).toEqual([]);
  });

  test('a doorbell of a controller that failed', () => {
    const { machine, disk, controller } = used();
    controller.fail();

    expect(() => disk.read(1, 0, 1)).toThrow();
    expect(said(machine)).toEqual([]);
  });
});

test.each([
  [[], 0],
  [['reservations', 'sgl', 'weighted', 'fused'], 0x20],
] as const)('what was not seen of Compute Engine is offered where it is asked for: %j', (offer, bit) => {
  const machine = gceN1({ nvme: [{ offer: [...offer] }] });
  const disk = machine.attach(nvmeDriver);

  expect([disk.facts.optional & 0x20, disk.read(1, 0, 1).length, said(machine)]).toEqual([bit, 512, []]);
});

test('two controllers of one model are refused', () => {
  expect(() => gceN1({ nvme: [{}, {}] })).toThrow(
    'nvme[1].model must be one that no other controller has; got "nvme_card-pd"',
  );
});

test('more queues than there are doorbells for are refused', () => {
  expect(() => gceN1({ nvme: [{ queues: 96, dstrd: 4 }] })).toThrow(
    'nvme[0].queues must be at most 95, as many as have doorbells with this dstrd; got 96',
  );
});

test.each([
  [0x1080, 'nvme0 SQ 1 tail ← 00000001'],
  [0x1084, 'nvme0 1084, no doorbell ← 00000001'],
])('the trace of a write at %i of BAR0 names the doorbell, or says that there is none', (offset, text) => {
  const { fn } = gceN1({ nvme: [{ dstrd: 4 }] }).nvme[0]!;
  const written = { offset, width: 4, value: 1, write: true, context: 0 };

  expect((fn as unknown as NvmeFunction).bars[0]!.region.describe?.(written)).toBe(text);
});

describe('reservations of a disk', () => {
  const ASKED = { action: 0, type: RTYPE.EXCLUSIVE_ACCESS, ignoresKey: false, current: 0n, key: 0n };
  const open = (medium: MemoryMedium) =>
    gceN1({ nvme: [{ offer: ['reservations'], namespaces: [{ medium }] }] });
  /** The machine has the disk for itself. */
  const reserve = (machine: Machine, medium: MemoryMedium) => {
    const { controller } = machine.nvme[0]!.fn as unknown as NvmeFunction;
    const reservations = reservationsOn(medium, controller);
    reservations.register(controller, { ...ASKED, key: 1n });
    return reservations.acquire(controller, { ...ASKED, current: 1n });
  };

  test('hold for another machine, and no longer than theirs is open', () => {
    const medium = new MemoryMedium(MIB);
    const [one, other] = [open(medium), open(medium)];
    const disk = other.attach(nvmeDriver);
    const status = reserve(one, medium);

    expect(status).toBe(0);
    expect(() => disk.read(1, 0, 1)).toThrow('status 83');
    one.close();
    expect(disk.read(1, 0, 1)).toHaveLength(512);
  });

  test('leave nothing to a machine that comes later', () => {
    const medium = new MemoryMedium(MIB);
    const first = open(medium);
    reserve(first, medium);
    first.close();
    const disk = open(medium).attach(nvmeDriver);

    expect(disk.read(1, 0, 1)).toHaveLength(512);
  });

  test('are gone after a reset by power', () => {
    const medium = new MemoryMedium(MIB);
    const [one, other] = [open(medium), open(medium)];
    reserve(one, medium);
    one.reset('power');

    expect(other.attach(nvmeDriver).read(1, 0, 1)).toHaveLength(512);
  });
});
