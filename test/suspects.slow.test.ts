import { describe, expect, test } from 'vitest';
import {
  answerHeader,
  behind,
  behindMemory,
  rewriteConfig,
  rewriteHeader,
} from '../src/conformance/broken/behind.ts';
import { rewriteCommon, structuresOf } from '../src/conformance/broken/behind-modern.ts';
import { changeDescriptors } from '../src/conformance/broken/behind-ring.ts';
import {
  breaking,
  brokenModernRng,
  brokenNet,
  usualMachine,
} from '../src/conformance/broken/broken-driver.ts';
import { entriesOf } from '../src/conformance/broken/rewrite-rings.ts';
import {
  assertConforms,
  BROKEN_DRIVERS,
  type BrokenDriver,
  conform,
  type DriverModel,
  judge,
  SUITE,
} from '../src/conformance/index.ts';
import { FRAME } from '../src/conformance/reference.ts';
import { suiteReport } from '../src/conformance/report/suite-report.ts';
import { later } from '../src/conformance/scenarios/fixture.ts';
import type { Driver } from '../src/core/driver.ts';
import type { GuestPort } from '../src/core/guest-port.ts';
import {
  configRead,
  findCapability,
  type ScsiHost,
  virtioNet,
  virtioRng,
  virtioScsi,
} from '../src/guest/index.ts';
import { testUnitReady } from '../src/guest/scsi/commands.ts';
import { gceN1, type Machine } from '../src/index.ts';
import { BAR_COUNT, BAR0, CAPABILITIES_POINTER, CAPABILITY_ID, MSIX_CONTROL } from '../src/pci/registers.ts';
import { reportText } from '../src/report/text.ts';
import { suspectedIn } from '../src/rules/suspected.ts';
import { SUSPECTS } from '../src/rules/virtio/init/suspects.ts';
import {
  FEATURE,
  ISR_STATUS,
  LEGACY_QUEUE_ALIGN,
  legacyQueueLayout,
  QUEUE_NOTIFY,
  VIRTQ_DESC_F,
} from '../src/virtio/registers.ts';
import {
  CAP_BAR,
  CFG_TYPE,
  device_status,
  driver_feature,
  VIRTIO_PCI_CAP,
} from '../src/virtio/transport/modern/registers.ts';

const DECOYS = 'capabilities that are to be passed over';
const RESERVED_BAR = 'virtio/PCI-CAP-D4';
const { COMMON, NOTIFY, ISR } = VIRTIO_PCI_CAP;
const { FAILED, FEATURES_OK } = device_status.mask;
const { FUNCTION_MASK } = MSIX_CONTROL.mask;
/** Of the second word of features. */
const ACCESS_PLATFORM = 1 << (FEATURE.ACCESS_PLATFORM - 32);
/** A network card reads its device ID so. */
const isNet = ({ device }: { readonly device: number }) => device === 0x1041;

/** Longer than a device holds an interrupt back. */
const LONG = 200_000_000;

/** Broken by an access, and not by what a driver leaves undone. */
const AT_ONCE: readonly string[] = [
  'virtio/INIT-D12',
  'virtio/INIT-D13',
  'pci/BUS-MASTER',
  'virtio/PCI-KICK-D3',
  'virtio/VQ-IMP-30',
];

const storeIn =
  ({ memory }: GuestPort): GuestPort['memory']['store'] =>
  (address, value, width) =>
    memory.store(address, value, width);

/** A driver that gives up where it breaks the clause, or when it has waited long. */
function stopping({ model, clause }: BrokenDriver, machine: Machine): DriverModel {
  machine.events.on('finding', (finding) => {
    if (finding.clause === clause && AT_ONCE.includes(clause)) throw new Error('it gave up');
  });
  return {
    ...model,
    run: (port, handles, other) => {
      model.run?.(port, handles, other);
      port.wait(() => false, LONG);
      throw new Error('it gave up');
    },
  };
}

function suspectedOf(broken: BrokenDriver): string | null {
  const { machine = usualMachine, act } = broken;
  const made = machine();
  judge(stopping(broken, made), { machine: () => made, ...(act !== undefined && { act }) });
  return suspectedIn(made.journal)?.split(':')[0] ?? null;
}

/** Leaves out the feature without which its device refuses it, and does with the status what `heed` does. */
const refused = (
  clause: BrokenDriver['clause'],
  heed: (port: GuestPort, bdf: number) => GuestPort,
): BrokenDriver =>
  brokenModernRng({ ringFeatures: ['ACCESS_PLATFORM'] })('is refused', clause, (port, bdf) =>
    heed(
      rewriteCommon(port, bdf, driver_feature, (value) => value & ~ACCESS_PLATFORM),
      bdf,
    ),
  );

/** Puts buffers to be read into the queue of which the driver kicks nothing else. */
function lendsToRead(good: Driver<unknown>, clause: BrokenDriver['clause'], queue: number): BrokenDriver {
  return breaking(good, () => {})('lends what is to be read', clause, (port, bdf) =>
    changeDescriptors(port, bdf, queue, (descriptor) => {
      descriptor.flags &= ~VIRTQ_DESC_F.WRITE;
    }),
  );
}

/** Where the driver with the mistake goes on until all is well, or breaks the clause in another way. */
const OTHERS: readonly BrokenDriver[] = [
  brokenNet('kicks a queue that its card does not have', 'virtio/PCI-KICK-D3', (port, bdf) =>
    rewriteHeader(port, bdf, QUEUE_NOTIFY, () => 9),
  ),
  breaking(virtioNet({ interrupts: 'msix' }), (nic) => nic.post(FRAME))(
    'leaves its vectors masked',
    'virtio/VQ-IMP-36',
    (port, bdf) => {
      const control = findCapability(port, bdf, CAPABILITY_ID.MSIX)! + MSIX_CONTROL.offset;
      return rewriteConfig(port, (at, value) => (at === control ? value | FUNCTION_MASK : value));
    },
  ),
  breaking(virtioNet({ interrupts: 'intx' }), (nic) => nic.post(FRAME))(
    'reads ISR and does not heed it',
    'virtio/PCI-ISR-IMP-1',
    (port, bdf) => answerHeader(port, bdf, ISR_STATUS, (ask) => ask() & 0),
  ),
  {
    ...BROKEN_DRIVERS.find(({ clause }) => clause === 'virtio/VQ-IMP-37')!,
    act: (machine, use) => {
      later(machine, () => machine.nics[0]!.receive(FRAME, FRAME, FRAME), 1_000_000);
      use();
    },
  },
  lendsToRead(virtioNet({ interrupts: 'polled' }), 'virtio/NET-IMP-2', 0),
  lendsToRead(virtioScsi({ interrupts: 'polled' }), 'virtio/SCSI-EVT-D2', 1),
  brokenNet('looks for its used rings where there are none', 'virtio/VQ-SPLIT-LEG-D2', (port) =>
    behind(port, { memory: { ...behindMemory(port.memory, storeIn(port)), load: () => 0 } }),
  ),
  refused('virtio/INIT-D11', (port, bdf) =>
    rewriteCommon(port, bdf, device_status, (value) => (value & FAILED ? null : value)),
  ),
  refused('virtio/INIT-D12', (port, bdf) => {
    const status = structuresOf(port, bdf).common! + device_status.offset;
    return behind(port, {
      read: (at, width) => {
        const value = port.read(at, width);
        return at === status && value !== 0 ? value | FEATURES_OK : value;
      },
    });
  }),
];

/** Walks the capabilities, takes the first structure of each type, and does `found` with its BAR. */
function walker(found: (port: GuestPort, bdf: number, bar: number) => void): Driver<void> {
  return {
    ...virtioNet(),
    matches: isNet,
    attach: (port, bdf) => {
      const read = (at: number) => configRead(port, bdf, at, 1);
      const taken: number[] = [];
      for (let at = read(CAPABILITIES_POINTER.offset); at !== 0; at = read(at + 1)) {
        if (read(at) !== CAPABILITY_ID.VENDOR) continue;
        const type = read(at + CFG_TYPE.offset);
        if (![COMMON, NOTIFY, ISR].includes(type as typeof COMMON) || taken.includes(type)) continue;
        taken.push(type);
        found(port, bdf, read(at + CAP_BAR.offset));
      }
      throw new Error('it gave up');
    },
  };
}

const MODERN = { scenarios: [DECOYS], machine: { virtio: 'modern' } } as const;

function refuses(_port: GuestPort, _bdf: number, bar: number): void {
  if (bar >= BAR_COUNT) throw new Error('invalid BAR');
}

describe('where a driver stops, the clause is named for which the state of its device speaks', () => {
  const clauses = SUSPECTS.map(({ clause }) => clause).filter((clause) => clause !== RESERVED_BAR);

  test.each(clauses)('%s', (clause) => {
    const broken = [...OTHERS, ...BROKEN_DRIVERS].find((one) => one.clause === clause)!;

    expect(suspectedOf(broken)).toBe(clause);
  });

  test.each<[string, (port: GuestPort, bdf: number, bar: number) => void]>([
    ['refuses a BAR that does not exist', refuses],
    [
      'reads the base address that it would have',
      (port, bdf, bar) => {
        if (configRead(port, bdf, BAR0 + 4 * bar, 4) !== 0 && bar >= BAR_COUNT) throw new Error('no memory');
      },
    ],
  ])('a reserved BAR, of a driver that %s', (_what, found) => {
    const [first] = conform({ name: 'mine', drivers: [walker(found)] }, MODERN).stopped;

    expect(first!.suspected).toMatch(/^virtio\/PCI-CAP-D4: net0: the driver went as far as /);
  });

  test('and the report says so', () => {
    const report = conform({ name: 'mine', drivers: [walker(refuses)] }, MODERN);

    expect(reportText(suiteReport(report, '/'), false)).toMatch(
      /^stopped {2}Error: invalid BAR\n {2}suspects virtio\/PCI-CAP-D4: net0: the driver went as far as a capability .*\n {2}in "/m,
    );
  });
});

describe('nothing is suspected of a driver that', () => {
  test.each<[string, (port: GuestPort) => void]>([
    [
      'throws an error of its own',
      () => {
        throw new Error('sick');
      },
    ],
    [
      'waits for what never comes',
      (port) => {
        for (;;) port.wait(() => false, 1_000_000_000);
      },
    ],
  ])('%s', (_what, stop) => {
    const model = {
      name: 'mine',
      drivers: [virtioNet(), virtioRng()],
      run: (port: GuestPort, [nic]: readonly [{ send(frame: Uint8Array): void }]) => {
        nic.send(FRAME);
        stop(port);
      },
    };

    const { stopped } = conform(model as unknown as DriverModel, {
      scenarios: [SUITE[0]!.name, DECOYS, 'interrupts that come late'],
      machine: { virtio: 'modern', rng: true },
    });

    expect(stopped.map(({ suspected }) => suspected)).toEqual([null, null, null]);
  });
});

test('a used_event that is one too far is suspected of a driver that waits for a frame', () => {
  const machine = gceN1({ virtio: 'modern', ringFeatures: ['EVENT_IDX'] });
  const good = virtioNet({ interrupts: 'msix' });
  const model = breaking(good, () => {})('mine', 'virtio/VQ-IMP-36', (port) => {
    const events = new Set<number>();
    return behind(port, {
      allocate: (bytes, align) => {
        const at = port.allocate(bytes, align);
        const size = align === LEGACY_QUEUE_ALIGN ? entriesOf(bytes) : undefined;
        if (size !== undefined) events.add(at + legacyQueueLayout(size).avail + 4 + 2 * size);
        return at;
      },
      memory: behindMemory(port.memory, (at, value, width) =>
        port.memory.store(at, events.has(at) ? (value + 1) & 0xffff : value, width),
      ),
    });
  });
  const stopped = stopping(model, machine);

  judge(stopped, {
    machine: () => machine,
    act: ({ nics, port }, use) => {
      later(machine, () => nics[0]!.receive(FRAME), 1_000_000);
      later(machine, () => nics[0]!.receive(FRAME), 50_000_000);
      port.wait(() => false, 1);
      use();
    },
  });

  expect(suspectedIn(machine.journal)).toBe(
    'virtio/VQ-IMP-36: net0: receive queue 1 (queue 0) has what the driver did not look at: used_event is 2, and used.idx 2, so no interrupt came',
  );
});

test('a unit attention is suspected of a driver that takes it for a failure, though it read ISR after that', () => {
  const model: DriverModel = {
    name: 'mine',
    drivers: [virtioScsi({ interrupts: 'intx' })],
    run: (_port, [host]) => {
      const disks = host as ScsiHost;
      disks.resetUnit(1);
      if (disks.execute(1, 0, testUnitReady()).status !== 0) throw new Error('the disk is broken');
    },
  };

  expect(judge(model).suspected).toBe(
    'scsi/UNIT-ATTENTION: scsi0: target 1 LUN 0 answered TEST UNIT READY with a unit attention, 29/00, and it was not sent again',
  );
});

test('of a device that refused its features, nothing is suspected of a driver that set FAILED', () => {
  const { model, machine } = refused('virtio/INIT-D11', (port) => port);

  const { stopped, suspected } = judge(model, { machine: machine! });

  expect([stopped === null, suspected]).toEqual([false, null]);
});

test('one run says what is suspected, too, and so does its error', () => {
  const [masked] = OTHERS.filter(({ clause }) => clause === 'virtio/VQ-IMP-36');
  const machine = usualMachine();

  const judgement = judge(stopping(masked!, machine), { machine: () => machine });

  expect(judgement.suspected).toMatch(
    /^virtio\/VQ-IMP-36: net0: transmit queue 1 .* Message Control masks all vectors/,
  );
  expect(() => assertConforms(judgement)).toThrow(
    /it gave up; the driver broke 1 clause\n {2}suspects virtio\/VQ-IMP-36: net0: /,
  );
});
