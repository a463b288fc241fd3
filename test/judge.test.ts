import { describe, expect, test } from 'vitest';
import { BROKEN_DRIVERS, fails, judge, renderFinding } from '../src/conformance/index.ts';
import type { DriverModel } from '../src/conformance/model/model.ts';
import { referenceModel } from '../src/conformance/reference.ts';
import type { GuestPort } from '../src/core/guest-port.ts';
import { enumerate, type NicDriver, nvmeDriver, virtioNet, virtioScsi } from '../src/guest/index.ts';
import { EndlessLoopError, gceN1, IdleModelError, type Machine, qemuPc } from '../src/index.ts';

/** More RAM above 4 GiB than below, so that an address cut to 32 bits is no RAM. */
const HIGH = { below4G: 32 << 20, above4G: 64 << 20, driversAbove4G: true };
const machine = () => gceN1({ memory: HIGH, nics: [{ ringSize: 64 }], reservedFeatures: true });
describe('broken driver models', () => {
  test('are named by their model, have their findings, and stop without an exception', () => {
    const crash: DriverModel = {
      name: 'crashes',
      run: () => {
        throw new Error('out of luck');
      },
    };

    const { model, found, stopped } = judge(crash, { machine });

    expect([model, found.length, String(stopped)]).toEqual(['crashes', 5, 'Error: out of luck']);
  });

  test('may be waived, with a reason, clause by clause', () => {
    const { model, clause } = BROKEN_DRIVERS[0]!;

    const { verdicts } = judge(model, { machine, waive: { [clause]: 'known, ticket 12' } });

    expect(verdicts.find((verdict) => verdict.clause === clause)).toMatchObject({
      outcome: 'waived',
      note: 'known, ticket 12',
    });
    expect(verdicts.some(fails)).toBe(false);
  });

  test('are reported with their scenario', () => {
    const { verdicts } = judge({ name: 'idle', drivers: [] }, { scenario: 'nothing at all' });

    expect(new Set(verdicts.map(({ scenario }) => scenario))).toEqual(new Set(['nothing at all']));
  });

  test('cannot be waived strictly by a misspelt clause', () => {
    const waive = { 'virtio/STATUS-D22': 'misspelt' };

    expect(() => judge({ name: 'any' }, { waive: waive as object, strict: true })).toThrow(
      'waive must be a clause (guestrig clauses lists them); got "virtio/STATUS-D22"; did you mean virtio/STATUS-D2?',
    );
  });
});

describe('a model that did nothing is not a success', () => {
  const frame = new Uint8Array(60);

  test('when no driver of it matches', () => {
    const { stopped, found } = judge({
      name: 'mine',
      drivers: [{ name: 'none', matches: () => false, attach: () => null }],
    });

    expect(found).toHaveLength(5);
    expect(String(stopped)).toBe(
      'IdleModelError: mine bound nothing: no driver of it matches one of 8086:1237, 8086:7110, 8086:7113, 1af4:1004, 1af4:1000',
    );
  });

  test('when its drivers are for what the machine does not have, which is no fault of theirs', () => {
    const { stopped, verdicts } = judge({ name: 'mine', drivers: [nvmeDriver] });

    expect(String(stopped)).toMatch(/1af4:1000; NVMe is on a C3, and on a machine with nvme: \[\{\}\]$/);
    expect(verdicts.filter(({ broken }) => broken > 0)).toEqual([]);
  });

  test.each<[string, DriverModel]>([
    ['when it has no drivers and no use', { name: 'mine', drivers: [] }],
    [
      'when its drivers leave the machine alone',
      {
        name: 'mine',
        drivers: [{ name: 'any', matches: () => true, attach: () => null }],
      },
    ],
    ['when it uses nothing', { name: 'mine', drivers: [], run: () => {} }],
  ])('%s', (_, model) => {
    const { stopped } = judge(model);

    expect(stopped).toEqual(new IdleModelError('mine used nothing: it made no access'));
  });

  test('but for one that uses ports without a PCI function', () => {
    const { stopped } = judge({ name: 'mine', drivers: [], run: (port) => void port.in(0x3fd, 1) });

    expect(stopped).toBeNull();
  });

  test('nor is one that does not end', () => {
    const spin = (port: GuestPort) => {
      for (;;) port.in(0x3fd, 1);
    };

    const { stopped } = judge(
      { name: 'mine', drivers: [], run: spin },
      { machine: () => gceN1({ patience: 1000 }) },
    );

    expect(stopped).toBeInstanceOf(EndlessLoopError);
  });

  test('a model gets a handle for each driver, then those of further functions, and the other end', () => {
    const sent: number[] = [];
    const [net, scsi] = [virtioNet({ interrupts: 'polled' }), virtioScsi({ interrupts: 'polled' })];
    const model: DriverModel<[typeof scsi, typeof net]> = {
      name: 'mine',
      drivers: [scsi, net],
      run: (_port, [, first, second], { nics }) => {
        first!.send(frame);
        (second as NicDriver).send(frame);
        sent.push(...nics.map((nic) => nic.sent.length));
      },
    };

    const { stopped } = judge(model, { machine: () => gceN1({ nics: [{}, {}] }) });

    expect([stopped, sent]).toEqual([null, [1, 1]]);
  });
});

describe('the Compute Engine document is compared with', () => {
  const gceOf = (model: DriverModel, machine?: () => Machine) =>
    judge(model, machine && { machine })
      .verdicts.filter(({ clause, met }) => clause.startsWith('gce/') && met > 0)
      .map(({ clause, outcome }) => `${clause} ${outcome}`);
  const BUS = ['HOST-BRIDGE', 'PIIX4-ISA', 'PIIX4-ACPI', 'NET', 'SCSI'].map((name) => `gce/${name} pass`);

  test('the functions that a model with drivers finds, and its disks', () => {
    expect(gceOf(referenceModel())).toEqual([...BUS, 'gce/FIRST-TARGET pass']);
  });

  test('every part of the machine, for a model that brings an enumeration', () => {
    const loopback = () => gceN1({ nics: [{ backend: 'loopback' }] });

    const reached = gceOf({ name: 'mine', enumerate }, loopback);

    // All of nineteen but the reading of whole disks; and the clauses that network and disks may break.
    expect(reached).toHaveLength(20);
    expect(reached).toEqual(expect.arrayContaining([...BUS, 'gce/NET-TRAFFIC pass', 'gce/SERIAL pass']));
  });

  test('no network card from which nothing comes back', () => {
    const reached = gceOf({ name: 'mine', enumerate });

    expect(reached.filter((verdict) => verdict.includes('fail'))).toEqual([]);
    expect(reached).not.toContain('gce/NET-TRAFFIC pass');
  });
});

describe('the reference drivers', () => {
  const modes = (['polled', 'intx', 'msix'] as const).flatMap((interrupts) => [
    { name: 'gceN1', interrupts, make: gceN1 },
    { name: 'qemuPc', interrupts, make: qemuPc },
  ]);

  test.each(modes)('break no clause on $name by $interrupts', ({ interrupts, make }) => {
    const drivers = [virtioNet({ interrupts }), virtioScsi({ interrupts })];

    const { verdicts, stopped } = judge(
      { name: 'reference', drivers },
      { machine: () => make({ nics: [{ ringSize: 64 }] }) },
    );

    expect(stopped).toBeNull();
    expect(verdicts.filter(({ outcome }) => outcome === 'fail')).toEqual([]);
  });
});

test('a finding says what happened, with the access that caused it, and what to do', () => {
  const { model, clause } = BROKEN_DRIVERS.find((broken) => broken.clause === 'virtio/FEAT-D1')!;
  const { verdicts } = judge(model, { machine });

  const text = renderFinding(verdicts.find((verdict) => verdict.clause === clause)!.findings[0]!);

  expect(text).toMatch(/virtio\/FEAT-D1 {2}net0/);
  expect(text).toMatch(/was accepted, of which 00004000 was not offered/);
  expect(text).toMatch(/out {2}c044 ← [0-9a-f]{8} +net0 Driver Features/);
  expect(text).toContain('Write back the AND of what the device offers and what the driver supports.');
});

test('a driver that throws null did not finish', () => {
  const judgement = judge({
    name: 'mine',
    drivers: [],
    run: (port) => {
      port.in(0x3fd, 1);
      throw null;
    },
  });

  expect(judgement.stopped).toEqual(new Error('mine threw null'));
});

test('what firmware did before is no clause that a driver kept', () => {
  const { verdicts } = judge({ name: 'looks', drivers: [], run: (port) => void port.in(0x3fd, 1) });
  const met = verdicts.flatMap(({ clause, met }) => (met > 0 ? [clause.split('/')[0]] : []));

  expect([...new Set(met)].sort()).toEqual(['gce', 'pci']);
});
