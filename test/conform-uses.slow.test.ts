import { describe, expect, test } from 'vitest';
import { LIES } from '../src/conformance/hostile/index.ts';
import { conform, type DriverModel, SUITE } from '../src/conformance/index.ts';
import { referenceDrivers, referenceModel, useDevices } from '../src/conformance/reference.ts';
import { suiteJson, suiteReport } from '../src/conformance/report/suite-report.ts';
import { toldOf } from '../src/conformance/suite/conformance.ts';
import { checkedOptions } from '../src/conformance/suite/options.ts';
import { programFor } from '../src/conformance/suite/program.ts';
import type { Driver } from '../src/core/driver.ts';
import { enumerate, type GuestPort, virtioNet, virtioRng, virtioScsi } from '../src/guest/index.ts';
import { gceN1, judge, MisuseError } from '../src/index.ts';
import { github } from '../src/report/github.ts';
import { reportHtml } from '../src/report/html.ts';
import { junit } from '../src/report/junit.ts';
import { reportText } from '../src/report/text.ts';
import { CLAUSE_IDS } from '../src/rules/index.ts';

const FIRST = SUITE[0]!.name;
const SENT = 'frames of every length, that are to come out as they were sent';
const STOPPED = 'drivers that are stopped while much is under way';
const FRAME = new Uint8Array(60);
/** 00:03.0, the adapter. */
const DISK = 3 << 3;

const without: DriverModel = { name: 'mine', drivers: referenceDrivers(), run: useDevices };

describe('a scenario whose needs a model lacks', () => {
  const report = conform({ ...without, use: { stop: () => {} } }, { scenarios: [FIRST, SENT, STOPPED] });
  const told = suiteReport(report, '/');
  const reason = 'needs use.send, which the model does not give';

  test('is not played, and is reported', () => {
    expect(report.runs.map(({ scenario }) => scenario)).toEqual([FIRST]);
    expect(report.skipped).toEqual([
      { scenario: SENT, reason },
      { scenario: STOPPED, reason },
    ]);
    expect(report.conforms).toBe(true);
  });

  test('names all missing uses', () => {
    const { skipped } = conform(without, { scenarios: [STOPPED] });

    expect(skipped[0]!.reason).toBe('needs use.send and use.stop, which the model does not give');
  });

  test('is not played for an enumeration alone, where our own guest fails', () => {
    const refusing = 'functions that refuse vectors';
    const report = conform({ name: 'mine', enumerate }, { scenarios: [FIRST, refusing] });

    expect([report.stopped, report.skipped]).toEqual([
      [],
      [{ scenario: refusing, reason: 'needs drivers, which the model does not give' }],
    ]);
  });

  test('is in each report', () => {
    expect(reportText(told, false)).toContain(`\nskipped  2 scenarios: ${reason}\n\n`);
    expect(github(told)).toContain(`::notice title=mine skipped::2 scenarios: ${reason}\n`);
    expect(suiteJson(report, '/').skipped).toEqual(report.skipped);
    expect(junit(told)).toContain(`name="${SENT}"><skipped message="skipped: ${reason}"`);
    expect(reportHtml(told)).toContain(`<p>${reason}</p><ul><li>${SENT}</li>`);
  });
});

test('what is skipped for several reasons is counted in one line', () => {
  const text = reportText(suiteReport(conform(without, { scenarios: [FIRST, SENT, STOPPED] }), '/'), false);

  expect(text.split('\n').filter((line) => line.includes('skipped'))).toEqual([
    'skipped  2 scenarios: they need uses that the model does not give',
  ]);
});

describe('a model without PCI functions', () => {
  const serial: DriverModel = { name: 'mine', use: { print: () => {}, key: () => null } };
  const { turns, skipped } = programFor(serial, checkedOptions({ hostile: true }));
  const played = [...new Set(turns.map(({ scenario }) => scenario))];
  const needsOf = (name: string) => SUITE.find((one) => one.name === name)?.needs ?? [];

  test('is played no scenario of virtio, and lied to by serial ports alone', () => {
    const needs = played.flatMap(needsOf);
    const lies = LIES.filter(({ name }) => played.includes(name)).map(({ clause }) => clause);

    expect([...new Set(needs)].sort()).toEqual(['key', 'print', 'serial']);
    expect(lies).toEqual(LIES.map(({ clause }) => clause).filter((clause) => clause.startsWith('hard/UART')));
  });

  test('is told of no scenario that it lacks a use of virtio for', () => {
    expect(skipped.map(({ scenario }) => scenario)).toEqual([
      'drivers that are stopped and started, several times',
    ]);
  });

  test('is told that a scenario is not for it, if that was asked for by its name', () => {
    const { skipped } = programFor(
      serial,
      checkedOptions({ scenarios: [SENT, 'functions with one vector'] }),
    );

    expect(skipped.map(({ reason }) => reason)).toEqual([
      'needs a driver of virtio devices, which the model does not give',
      'needs use.send, which the model does not give',
    ]);
  });

  test('is reported with every verdict, and in words with those of its devices', () => {
    const run = (port: GuestPort) => void port.in(0x3fd, 1);
    const report = conform({ ...serial, run }, { scenarios: [FIRST] });
    const lines = suiteReport(report, '/').lines.filter(({ outcome }) => outcome === 'unreached');

    expect(report.drives).toEqual(['serial']);
    expect(report.verdicts).toHaveLength(CLAUSE_IDS.length);
    expect(lines.filter(({ name }) => /^(virtio|scsi|msix|discovery|gce)/.test(name))).toEqual([]);
  });
});

describe('a model that is a run alone', () => {
  const started = (port: GuestPort) => {
    port.out(0xcf8, 0x8000_2010, 4);
    port.out((port.in(0xcfc, 4) & ~3) + 18, 1, 1);
  };
  const modelOf = (run: (port: GuestPort) => void): DriverModel => ({ name: 'mine', drivers: [], run });

  test('is played scenarios of virtio, which it may drive by itself', () => {
    const { turns } = programFor(modelOf(started), checkedOptions({}));

    expect(turns.map(({ scenario }) => scenario)).toContain('functions with one vector');
  });

  test.each<readonly [string, (port: GuestPort) => void, readonly string[]]>([
    ['of virtio, if it came by one', started, ['net', 'scsi', 'balloon', 'rng']],
    ['of its type, if it came by one of that', (port) => void virtioNet().attach(port, 0x20), ['net']],
    ['of no device else, if it came by none', (port) => void port.in(0x3fd, 1), []],
  ])('is told of clauses %s', (_which, run, drives) => {
    expect(conform(modelOf(run), { scenarios: [FIRST] }).drives).toEqual(drives);
  });
});

describe('a model of some types of virtio functions', () => {
  const ofDisks = 'disks that come and go';
  const ofCards = 'a link that fails and comes back';
  const ofAny = 'functions with one vector';
  const played = (model: DriverModel) => {
    const { turns, skipped } = programFor(model, checkedOptions({}));
    const names = [...turns, ...skipped].map(({ scenario }) => scenario);
    return [ofDisks, ofCards, ofAny].filter((name) => names.includes(name));
  };
  const modelOf = (...matches: Driver<unknown>['matches'][]): DriverModel => ({
    name: 'mine',
    drivers: matches.map((one) => ({ ...virtioNet(), matches: one })),
    run: () => {},
  });
  const sick = () => {
    throw new Error('is sick');
  };
  const read = () => new Uint8Array(512);

  test.each<readonly [string, DriverModel, readonly string[]]>([
    ['cards alone, by its driver', { name: 'mine', drivers: [virtioNet()] }, [ofCards, ofAny]],
    ['disks alone, by its driver', { name: 'mine', drivers: [virtioScsi()] }, [ofDisks, ofAny]],
    ['neither', { name: 'mine', drivers: [virtioRng()] }, [ofAny]],
    ['by the Device ID of a modern card', modelOf(({ device }) => device === 0x1041), [ofCards, ofAny]],
    [
      'by revision 0',
      modelOf(({ device, revision }) => device === 0x1041 && revision === 0),
      [ofCards, ofAny],
    ],
    ['by the class of a card', modelOf((id) => id.class === 0x020000), [ofCards, ofAny]],
    ['by the class of a disk on QEMU', modelOf((id) => id.class === 0x010000), [ofDisks, ofAny]],
    ['by the maker, which all have', modelOf(({ vendor }) => vendor === 0x1af4), [ofDisks, ofCards, ofAny]],
    [
      'disks by a use of its own',
      { name: 'mine', drivers: [virtioNet()], use: { read } },
      [ofDisks, ofCards, ofAny],
    ],
    ['disks by a use alone', { name: 'mine', drivers: [], use: { read } }, [ofDisks, ofAny]],
    [
      'cards by a use, and whatever its run drives',
      { ...modelOf(), use: { send: () => {} } },
      [ofDisks, ofCards, ofAny],
    ],
    ['none of them, by mistake', modelOf(() => false), [ofDisks, ofCards, ofAny]],
    ['cards, beside one that throws', modelOf(sick, ({ device }) => device === 0x1000), [ofCards, ofAny]],
  ])('is played what concerns it: %s', (_which, model, names) => {
    expect(played(model)).toEqual(names);
  });

  test('is told of clauses of its types, and of what is general', () => {
    const report = conform({ name: 'mine', drivers: [virtioNet()] }, { scenarios: [FIRST] });
    const told = suiteReport(report, '/').lines.map(({ name }) => name);

    expect(report.verdicts).toHaveLength(CLAUSE_IDS.length);
    expect(told.filter((name) => /^(scsi|virtio.(SCSI|BALLOON|RNG)|gce.SCSI-)/.test(name))).toEqual([]);
    expect(told).toEqual(
      expect.arrayContaining(['virtio/NET-TX-D1', 'virtio/RESET-D1', 'discovery/VENDOR', 'pic/EOI-LEVEL']),
    );
  });

  test('is told of a clause of another type that it came by', () => {
    const both = { ...virtioNet(), attach: (port: GuestPort) => virtioScsi().attach(port, DISK).inquiry(1) };
    const report = conform({ name: 'mine', drivers: [both] }, { scenarios: [FIRST] });
    const told = toldOf(report).filter(({ clause }) => clause.startsWith('scsi/'));

    expect([report.drives, told.length > 0]).toEqual([['net'], true]);
    expect(told.map(({ outcome }) => outcome)).not.toContain('unreached');
  });
});

describe('a clause of how drivers come up on unusual functions is judged', () => {
  /** A card driver that throws on a part of the machines, before it takes what it does not know. */
  const seldom = (up: readonly boolean[]): DriverModel => {
    let runs = 0;
    return {
      name: 'mine',
      drivers: [virtioNet({ interrupts: 'polled' })],
      run: () => {
        if (!up[runs++ % up.length]) throw new Error('is sick');
      },
    };
  };
  const scenarios = [FIRST, 'configurations that go on behind their fields'];
  const outcomeOf = (up: readonly boolean[]) =>
    conform(seldom(up), { scenarios, seeds: [1, 2] }).verdicts.find(
      ({ clause }) => clause === 'virtio/CFG-D4',
    )!.outcome;

  test('of a driver that finished half of its runs, and of none that finished fewer', () => {
    expect(outcomeOf([true, true, false, false])).toBe('pass');
    expect(outcomeOf([true, false, false, false])).toBe('unreached');
  });
});

test('a driver of virtio functions is played no scenario of serial ports', () => {
  const { turns, skipped } = programFor(without, checkedOptions({}));
  const names = [...turns, ...skipped].map(({ scenario }) => scenario);
  const ofSerial = SUITE.filter(({ needs = [] }) => needs.some((one) => /serial|print|key/.test(one)));

  expect(ofSerial.length).toBeGreaterThan(0);
  expect(ofSerial.filter(({ name }) => names.includes(name))).toEqual([]);
});

test('no scenario is skipped for a model with all uses', () => {
  const report = conform(referenceModel(), {
    scenarios: [SENT, STOPPED],
    machine: { nics: [{ queues: 2 }] },
  });

  expect(report.skipped).toEqual([]);
  expect(report.conforms).toBe(true);
});

test('frames of a machine whose devices answer in any order are compared in the order of arrival', () => {
  const completion = { latency: [1000, 200_000] as [number, number], order: 'random' as const };
  const scenarios = ['frames of every length, that are to be received as they came', SENT];

  const { conforms } = conform(referenceModel(), { scenarios, machine: { completion, disks: [], nics: [] } });

  expect(conforms).toBe(true);
});

test('a use gets its own arguments, then handles, port and machine', () => {
  const nic = virtioNet({ interrupts: 'polled' });
  const machines: unknown[] = [];
  const report = conform(
    {
      name: 'mine',
      drivers: [nic],
      use: {
        send: (frame, [card], port, machine) => {
          machines.push([card.mac, port === machine.port, machine.nics.length]);
          return card.tryPost(frame);
        },
      },
    },
    { scenarios: [SENT] },
  );

  expect(report.conforms).toBe(true);
  expect(machines[0]).toEqual(['42:01:0a:80:00:02', true, 1]);
});

test('a model without `run` performs its uses once', () => {
  const { run: _, ...model } = referenceModel('polled');
  const made = gceN1();

  const { stopped } = judge(model, { machine: () => made });

  expect(stopped).toBeNull();
  expect(made.nics[0]!.sentTotal).toBe(1);
});

describe('invalid results of a use are misuse', () => {
  test.each<[string, object, string]>([
    ['be of another name', { recieve: () => [] }, 'model.use must be named send, receive, read'],
    ['be no function', { send: 7 }, 'model.use.send must be a function; got 7'],
    ['be no object', [], 'model.use must be an object; got []'],
  ])('%s', (_, use, message) => {
    expect(() => conform({ ...without, use } as DriverModel)).toThrow(message);
    expect(() => judge({ ...without, use } as DriverModel)).toThrow(MisuseError);
  });

  test.each<[string, DriverModel['use'], string]>([
    ['give a promise', { send: async () => true }, 'model.use.send()'],
    ['give no frames', { receive: () => FRAME as never }, 'a list of frames, each a Uint8Array'],
    ['give no bytes', { read: () => [0] as never }, 'model.use.read() must be a Uint8Array'],
  ])('%s', (_, use, message) => {
    const needsIt = ({ needs = [] }: (typeof SUITE)[number]) =>
      needs.some((need) => need in use!) && needs.every((need) => need === 'scsi' || need in use!);
    const scenarios = SUITE.filter(needsIt);

    expect(() => conform({ ...referenceModel(), use: use! }, { scenarios: [scenarios[0]!.name] })).toThrow(
      message,
    );
  });
});

test("a use also works on a test's own machine", () => {
  const machine = gceN1();
  const card = machine.attach(virtioNet({ interrupts: 'polled' }));

  expect([card.tryPost(FRAME), machine.nics[0]!.sentTotal]).toEqual([true, 1]);
});

test('a driver that loses frames anyway is not blamed for wrong lengths', () => {
  let sent = 0;
  const report = conform(
    {
      name: 'loses all but eight',
      drivers: [virtioNet({ interrupts: 'polled' })],
      run: (_port, [nic]) => nic.send(FRAME),
      use: { send: (frame, [nic]) => sent++ >= 8 || nic.tryPost(frame) },
    },
    { scenarios: ['a legacy card that says anything for the length of what it sent'] },
  );

  expect(report.verdicts.filter(({ outcome }) => outcome === 'fail')).toEqual([]);
});
