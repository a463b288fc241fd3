import { describe, expect, test } from 'vitest';
import {
  answerHeader,
  attachedBehind,
  behind,
  headerAddress,
  rewriteHeader,
} from '../src/conformance/broken/behind.ts';
import { answerCommon, rewriteCommon, structuresOf } from '../src/conformance/broken/behind-modern.ts';
import { breaking, brokenNet, modernMachine } from '../src/conformance/broken/broken-driver.ts';
import { entriesOf } from '../src/conformance/broken/rewrite-rings.ts';
import {
  type ConformanceRun,
  type ConformVerdict,
  conform,
  type DriverModel,
  isFailure,
  judge,
  SUITE,
} from '../src/conformance/index.ts';
import { referenceUses } from '../src/conformance/reference.ts';
import { nicOf } from '../src/conformance/scenarios/rig.ts';
import { tiesOf } from '../src/conformance/suite/mistakes.ts';
import type { GuestPort } from '../src/core/guest-port.ts';
import { PORT } from '../src/core/places.ts';
import { virtioNet, virtioRng, virtioScsi } from '../src/guest/index.ts';
import { gceN1, type MachineOptions } from '../src/index.ts';
import { CLAUSE_IDS } from '../src/rules/index.ts';
import { NET_FEATURE } from '../src/virtio/net/registers.ts';
import {
  DEVICE_STATUS,
  DRIVER_FEATURES,
  LEGACY_QUEUE_ALIGN,
  legacyQueueLayout,
  QUEUE_ADDRESS,
  QUEUE_NOTIFY,
  QUEUE_SELECT,
  QUEUE_SIZE,
} from '../src/virtio/registers.ts';
import { SENSE_SIZE_DEFAULT, virtio_scsi_config } from '../src/virtio/scsi/registers.ts';
import { device_status } from '../src/virtio/transport/modern/registers.ts';
import { writes } from './follows/chipset.ts';
import { fewBuffers, MASTER_DATA, SLAVE_DATA, shared, takesEdges } from './follows/interrupts.ts';
import type { Play } from './follows/play.ts';

/** Of both interrupt controllers: masks that are written are greater. */
const LAST_VECTOR = 0x2f;
const { ACKNOWLEDGE, DRIVER, FEATURES_OK, DRIVER_OK } = DEVICE_STATUS.mask;
const { GUEST_CSUM, GUEST_TSO4, HOST_UFO } = NET_FEATURE;
const FIRST = SUITE[0]!.name;
const bit = (feature: number) => 1 << feature;

type Fault = (port: GuestPort, bdf: number) => GuestPort;

/** Mistakes of the good driver, each of which can be mended alone. */
const FAULTS = {
  dropsAcknowledge: (port, bdf) =>
    rewriteHeader(port, bdf, DEVICE_STATUS, (value) => (value & DRIVER_OK ? value & ~ACKNOWLEDGE : value)),
  kicksEarly: (port, bdf) =>
    rewriteHeader(port, bdf, DEVICE_STATUS, (value) => {
      if (value & DRIVER_OK) port.out(headerAddress(port, bdf) + QUEUE_NOTIFY.offset, 0, 2);
      return value;
    }),
  leavesOutDriver: (port, bdf) =>
    answerHeader(
      rewriteHeader(port, bdf, DEVICE_STATUS, (value) => (value === (ACKNOWLEDGE | DRIVER) ? null : value)),
      bdf,
      DEVICE_STATUS,
      (ask) => ask() | (ask() === ACKNOWLEDGE ? DRIVER : 0),
    ),
  setsUpLate: (port, bdf) => {
    const header = headerAddress(port, bdf);
    let page = 0;
    const noting = rewriteHeader(port, bdf, QUEUE_ADDRESS, (value) => (page ||= value) && value);
    return rewriteHeader(noting, bdf, DEVICE_STATUS, (value) => {
      if ((value & DRIVER_OK) === 0) return value;
      port.out(header + DEVICE_STATUS.offset, value, 1);
      port.out(header + QUEUE_SELECT.offset, 0, 2);
      port.out(header + QUEUE_ADDRESS.offset, page, 4);
      return value;
    });
  },
  takesUnoffered: (port, bdf) =>
    rewriteHeader(port, bdf, DRIVER_FEATURES, (value) => (value | bit(HOST_UFO)) >>> 0),
  takesTsoAlone: (port, bdf) =>
    rewriteHeader(
      port,
      bdf,
      DRIVER_FEATURES,
      (value) => ((value | bit(GUEST_TSO4)) & ~bit(GUEST_CSUM)) >>> 0,
    ),
} as const satisfies Record<string, Fault>;

/** The clauses that a NIC driver with these mistakes fails, and what each is listed below. */
function failing(...faults: readonly (keyof typeof FAULTS)[]): ReadonlyMap<string, string | null> {
  const { model } = brokenNet('mine', 'virtio/STATUS-D2', (port, bdf) =>
    faults.reduce((behind, fault) => FAULTS[fault](behind, bdf), port),
  );
  const { verdicts } = conform(model, { scenarios: [FIRST] });
  return new Map(verdicts.filter(isFailure).map(({ clause, under }) => [clause, under?.clause ?? null]));
}

/** The modern disk driver, which leaves FEATURES_OK out and stores to the configuration before it writes this status. */
function storing(before: number, leavesOut: boolean) {
  const scsi = breaking(virtioScsi({ interrupts: 'polled' }), () => {}, modernMachine());
  const { model } = scsi('mine', 'virtio/INIT-D9', (port, bdf) => {
    const stored = rewriteCommon(port, bdf, device_status, (value) => {
      const at = structuresOf(port, bdf).device! + virtio_scsi_config.offset.sense_size;
      if (value === before) port.write(at, SENSE_SIZE_DEFAULT, 4);
      return leavesOut ? value & ~FEATURES_OK : value;
    });
    return answerCommon(stored, bdf, device_status, (ask) => {
      const status = ask();
      return leavesOut && status & DRIVER ? status | FEATURES_OK : status;
    });
  });
  const { verdicts } = judge(model, { machine: modernMachine() });
  return ['virtio/INIT-D5', 'virtio/INIT-D9'].map((id) =>
    verdicts.find(({ clause }) => clause === id)!.findings.map(({ apart = false }) => apart),
  );
}

test('a store to the configuration where FEATURES_OK was due follows from that, and an earlier one is apart', () => {
  const [due, early] = [ACKNOWLEDGE | DRIVER | DRIVER_OK | FEATURES_OK, ACKNOWLEDGE | DRIVER];

  expect([storing(due, true), storing(due, false)]).toEqual([
    [[false], [false]],
    [[], []],
  ]);
  expect([storing(early, true), storing(early, false)]).toEqual([
    [[false], [true]],
    [[], [true]],
  ]);
});

describe('a clause is listed by itself where it stays when the other is mended', () => {
  test.each([
    ['virtio/INIT-D13', 'virtio/STATUS-D2', 'dropsAcknowledge', 'kicksEarly'],
    ['virtio/INIT-D7', 'virtio/STATUS-D1', 'leavesOutDriver', 'setsUpLate'],
    ['virtio/NET-FEAT-D1', 'virtio/FEAT-D1', 'takesUnoffered', 'takesTsoAlone'],
  ] as const)('%s beside %s', (clause, head, first, second) => {
    const [both, mended] = [failing(first, second), failing(second)];

    expect([both.get(head), both.get(clause)]).toEqual([null, null]);
    expect([mended.has(head), mended.get(clause)]).toEqual([false, null]);
  });
});

function finding(clause: string, subject: string) {
  return { clause, subject, said: clause, at: 0, evidence: { accesses: [], skipped: 0, facts: [] } };
}

function verdictWith(clause: string, found: ReturnType<typeof finding> | undefined): ConformVerdict {
  const findings = found === undefined ? [] : [found];
  return { clause, findings, outcome: found ? 'fail' : 'pass' } as unknown as ConformVerdict;
}

/** The clauses that the model fails in a scenario on modern devices, and what each is listed below. */
function failingIn(
  scenario: string,
  model: DriverModel,
  machine: MachineOptions,
): ReadonlyMap<string, string | null> {
  const { verdicts } = conform(model, { scenarios: [scenario], machine });
  return new Map(verdicts.filter(isFailure).map(({ clause, under }) => [clause, under?.clause ?? null]));
}

test('a driver waits for no device that it never kicked', () => {
  const machine = gceN1({ virtio: 'modern', rng: true });
  const model: DriverModel = {
    name: 'mine',
    drivers: [virtioRng({ interrupts: 'polled' })],
    run: (port) => {
      machine.virtio.find(({ name }) => name === 'rng0')!.breakDown();
      for (;;) port.in(PORT.PIC_MASTER, 1);
    },
  };

  const { verdicts } = judge(model, { machine: () => machine });

  expect(verdicts.find(({ clause }) => clause === 'virtio/STATUS-D4')!.outcome).toBe('pass');
});

/** Private members of a queue of the good driver. */
interface Ring {
  readonly address: number;
  readonly lent: Uint16Array;
  add(...segments: unknown[]): number;
  giveBack(id: number): void;
}

/** A card driver that sends more than fits into its ring, and what it does with a chain that it has just added. */
function sending(...mistakes: readonly ((ring: Ring, id: number, port: GuestPort) => void)[]): DriverModel {
  const good = virtioNet({ interrupts: 'polled' });
  const attach = (port: GuestPort, bdf: number) => {
    const nic = good.attach(port, bdf);
    const ring = nicOf([nic]).card.transmitters.map((one) => (one as unknown as { queue: Ring }).queue)[0]!;
    const add = ring.add.bind(ring);
    ring.add = (...segments) => {
      const id = add(...segments);
      for (const mistake of mistakes) mistake(ring, id, port);
      return id;
    };
    return nic;
  };
  return {
    name: 'mine',
    drivers: [{ ...good, attach }],
    run: (_port, [nic]) => {
      for (let i = 0; i < 24; i++) (nic as ReturnType<typeof good.attach>).post(new Uint8Array(60));
    },
  };
}

/** The good driver of a card, whose queues for frames in both directions make these mistakes. */
function receiving(...mistakes: readonly ((ring: Ring) => void)[]): DriverModel {
  const good = virtioNet({ interrupts: 'polled' });
  const attach = (port: GuestPort, bdf: number) => {
    const nic = good.attach(port, bdf);
    const { receivers, transmitters } = nicOf([nic]).card;
    for (const { queue } of [...receivers, ...transmitters] as unknown as { queue: Ring }[])
      for (const mistake of mistakes) mistake(queue);
    return nic;
  };
  const { send, receive } = referenceUses;
  return { name: 'mine', drivers: [{ ...good, attach }], use: { send: send!, receive: receive! } };
}

/** Its descriptors are free again at once. */
function freesAtOnce(ring: Ring, id: number): void {
  const count = ring.lent[id]!;
  ring.giveBack(id);
  ring.lent[id] = count;
}

/** Of the first descriptor, which others have since, `next` is made another, which without NEXT means nothing. */
function changesNext(ring: Ring, id: number, port: GuestPort): void {
  if (id !== 0) port.memory.store(ring.address + 14, port.memory.load(ring.address + 14, 2) + 1, 2);
}

describe('descriptors that are used again too early are one mistake', () => {
  const LATE = 'devices that take their time';
  const machine = { nics: [{ ringSize: 8 }] };

  test('whatever else becomes of them', () => {
    const found = failingIn(LATE, sending(freesAtOnce), machine);

    expect(found.size).toBeGreaterThan(1);
    expect([...found].filter(([, under]) => under === null)).toEqual([['virtio/VQ-IMP-4', null]]);
    expect(failingIn(LATE, sending(), machine).size).toBe(0);
  });

  test('but for a field that is changed for no new chain', () => {
    const [both, mended] = [
      failingIn(LATE, sending(freesAtOnce, changesNext), machine),
      failingIn(LATE, sending(changesNext), machine),
    ];

    expect([both.get('virtio/VQ-IMP-4'), both.get('virtio/CLEAN-D1')]).toEqual([null, null]);
    expect([mended.has('virtio/VQ-IMP-4'), mended.get('virtio/CLEAN-D1')]).toEqual([false, null]);
  });
});

/** Every third chain that comes back is put into the list of free descriptors twice. */
function freesTwice(ring: Ring): void {
  const giveBack = ring.giveBack.bind(ring);
  let times = 0;
  ring.giveBack = (id) => {
    const count = ring.lent[id]!;
    giveBack(id);
    if (++times % 3 !== 0) return;
    ring.lent[id] = count;
    giveBack(id);
  };
}

/** And every third time a chain that the device still has. */
function freesAnother(ring: Ring): void {
  const giveBack = ring.giveBack.bind(ring);
  let times = 0;
  ring.giveBack = (id) => {
    giveBack(id);
    const other = ring.lent.findIndex((count) => count > 0);
    if (++times % 3 !== 0 || other < 0) return;
    const count = ring.lent[other]!;
    giveBack(other);
    ring.lent[other] = count;
  };
}

describe('a list of free descriptors that is wrong is one mistake', () => {
  const machine: MachineOptions = { nics: [{ ringSize: 16, backend: 'loopback' }] };
  const scenarios = [
    'small rings, round which they go again and again',
    'devices that take their time',
    'frames that are longer than a buffer',
  ];
  const run = (...mistakes: readonly ((ring: Ring) => void)[]) => {
    const { run: _, ...model } = receiving(...mistakes);
    const { verdicts } = conform(model, { scenarios, machine });
    return verdicts.filter(isFailure).map(({ clause, under }) => [clause, under?.clause ?? null] as const);
  };

  test.each([
    ['has one twice', freesTwice],
    ['has one that the device has', freesAnother],
  ])('that %s', (_what, mistake) => {
    const found = run(mistake);

    const heads = found.flatMap(([clause, under]) => (under === null ? [clause] : []));
    expect(heads).toHaveLength(1);
    expect(['virtio/CLEAN-D1', 'virtio/VQ-IMP-4', 'virtio/VQ-IMP-32']).toContain(heads[0]);
    expect(run()).toEqual([]);
  });
});

describe('one mistake that shows otherwise on other machines has one finding', () => {
  const never = 'rings that say elsewhere that no kick is needed';

  test('one that looks into the ring for a false hint breaks that rule alone', () => {
    const { model } = brokenNet('mine', 'virtio/VQ-AVSUP-D2', (port, bdf) => {
      const { memory } = port;
      const isHinted = () => HINTS.some((at) => memory.load(at, 2) !== 0);
      const HINTS: number[] = [];
      const noting = behind(port, {
        allocate: (bytes, align) => {
          const at = port.allocate(bytes, align);
          const size = align === LEGACY_QUEUE_ALIGN ? entriesOf(bytes) : undefined;
          if (size !== undefined) HINTS.push(at + legacyQueueLayout(size).used + 4 + 8 * size);
          return at;
        },
      });
      return rewriteHeader(noting, bdf, QUEUE_NOTIFY, (value) => (isHinted() ? null : value));
    });

    const { verdicts } = conform(model, { scenarios: [FIRST, never] });

    expect(verdicts.filter(isFailure).map(({ clause, under }) => [clause, under?.clause ?? null])).toEqual([
      ['virtio/VQ-AVSUP-D2', null],
    ]);
  });

  test('a header of the wrong size is so in both directions, though a run shows only one', () => {
    const runs = (['virtio/NET-TX-D1', 'virtio/NET-FRAME-LEG-D1'] as const).map((broken, i) => ({
      verdicts: CLAUSE_IDS.map((clause) =>
        verdictWith(clause, clause === broken ? finding(clause, `net${i}, queue ${i}`) : undefined),
      ),
    })) as unknown as ConformanceRun[];
    const verdicts = runs.flatMap((run) => run.verdicts.filter(isFailure)) as unknown as ConformVerdict[];

    expect([...tiesOf(verdicts, runs)]).toEqual([
      ['virtio/NET-FRAME-LEG-D1', { clause: 'virtio/NET-TX-D1', tie: 'follows' }],
    ]);
  });
});

/** Private members of a packed queue of the good driver. */
interface PackedRing extends Ring {
  readonly freeIds: number[];
  take(): { readonly id: number } | null;
}

/** Every third id that comes back is put into the list of free ids twice. */
function freesIdTwice(ring: Ring): void {
  const packed = ring as PackedRing;
  const take = packed.take.bind(packed);
  let times = 0;
  packed.take = () => {
    const used = take();
    if (used !== null && ++times % 3 === 0) packed.freeIds.push(used.id);
    return used;
  };
}

function keepsWrapCounter(ring: Ring): void {
  Object.defineProperty(ring, 'wrap', { get: () => true, set: () => {} });
}

describe('one mistake with a packed ring has one finding', () => {
  const machine: MachineOptions = {
    virtio: 'modern',
    ringFeatures: ['RING_PACKED'],
    nics: [{ ringSize: 16, backend: 'loopback' }],
  };
  const scenarios = [
    'small rings, round which they go again and again',
    'devices that take their time',
    'frames that are longer than a buffer',
    'more frames than they have room for',
    'more to send than a ring has room for, while the device holds what it has',
  ];
  const run = (...mistakes: readonly ((ring: Ring) => void)[]) => {
    const { run: _, ...model } = receiving(...mistakes);
    const { verdicts } = conform(model, { scenarios, machine });
    return verdicts.filter(isFailure).map(({ clause, under }) => [clause, under?.clause ?? null] as const);
  };

  test.each([
    ['virtio/PACKED-IMP-8', 'an id that is in the list of free ids twice', freesIdTwice],
    ['virtio/PACKED-IMP-15', 'a wrap counter that is never toggled', keepsWrapCounter],
  ] as const)('%s: %s', (clause, _what, mistake) => {
    const found = run(mistake);

    expect(found.filter(([, under]) => under === null)).toEqual([[clause, null]]);
    expect(run()).toEqual([]);
  });
});

test('a clause that follows from one here and from another there is below the first', () => {
  const clauses = ['virtio/SCSI-IMP-2', 'virtio/VQ-FRAME-D1', 'virtio/PACKED-SG-D3'] as const;
  const inRuns = [clauses.slice(0, 2), [clauses[0], clauses[2]]];
  const runs = inRuns.map((broken) => ({
    verdicts: CLAUSE_IDS.map((clause) =>
      verdictWith(clause, broken.some((one) => one === clause) ? finding(clause, 'scsi0') : undefined),
    ),
  })) as unknown as ConformanceRun[];
  const verdicts = clauses.map((clause) => verdictWith(clause, finding(clause, 'scsi0')));

  expect([...tiesOf(verdicts, runs)]).toEqual([
    ['virtio/SCSI-IMP-2', { clause: 'virtio/VQ-FRAME-D1', tie: 'follows' }],
  ]);
});

describe('a legacy ring that is laid out for another size is one mistake', () => {
  test.each([
    ['half as many entries', 0.5],
    ['twice as many', 2],
  ])('of %s', (_, factor) => {
    const { model } = brokenNet('mine', 'virtio/VQ-SPLIT-LEG-D3', (port, bdf) => {
      const size = headerAddress(port, bdf) + QUEUE_SIZE.offset;
      return behind(port, {
        in: (at, width) => (at === size ? port.in(at, width) * factor : port.in(at, width)),
      });
    });

    const found = failingIn(FIRST, model, {});

    expect(found.size).toBeGreaterThan(1);
    expect([...found].filter(([, under]) => under === null)).toEqual([['virtio/VQ-SPLIT-LEG-D3', null]]);
  });
});

describe('interrupts of a card that are held back', () => {
  const heads = (play: Play, mistake: (port: GuestPort) => GuestPort) => {
    const drivers = [attachedBehind(virtioNet({ interrupts: 'intx' }), mistake)];
    const { failing } = play({ name: 'mine', drivers, run: () => {} });
    return [...failing].flatMap(([clause, under]) => (under === null ? [clause] : []));
  };

  test('by a line that is taken for an edge are one mistake', () => {
    expect(heads(shared, takesEdges)).toEqual(['pirq/ELCR']);
  });

  test('at its own line are so by themselves, beside a cascade that is closed', () => {
    const [clock, line, cascade] = [0x01, 0x08, 0x04];

    const found = heads(
      fewBuffers,
      writes((at, value) => {
        if (at === MASTER_DATA && value > LAST_VECTOR) return value | cascade;
        return at === SLAVE_DATA && value > LAST_VECTOR ? (value | line) & ~clock : value;
      }),
    );

    expect(found).toEqual(['pic/CASCADE-CLOSED', 'live/UNHEARD']);
  });
});
