import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { conformOnQemu } from '../../src/cli/conform.ts';
import { guestrig } from '../../src/cli/rig.ts';
import { type DriverModel, type DriverUses, SUITE } from '../../src/conformance/index.ts';
import { referenceModel, referenceUses } from '../../src/conformance/reference.ts';
import { BY_REGISTERS } from '../../src/hosts/log/qemu/judged.ts';
import type { MachineOptions } from '../../src/machine/options.ts';
import { BROKEN_DRIVERS } from '../../src/rules/all.mutants.ts';
import { partOf } from '../repeats.ts';
import { workFolder } from './work-folder.ts';

const present = spawnSync('qemu-system-x86_64', ['--version']).status === 0;
const work = workFolder();
const PLAYED = SUITE.filter(({ elsewhere }) => elsewhere !== undefined).map(({ name }) => name);
const USUAL = 'a machine as its firmware leaves it';
/** QEMU's NIC offers one bit that no driver may accept, and ours another. */
const OTHERWISE = ['accepts everything offered'];
const BROKEN = BROKEN_DRIVERS.filter(
  ({ machine, clause, model }) =>
    machine === undefined && BY_REGISTERS.has(clause) && !OTHERWISE.includes(model.name),
);

/** Of COM1, and a value that no byte has. */
const [LINE_STATUS, NEVER] = [0x3fd, 0x100];

const played = (model: DriverModel, machine: MachineOptions, scenarios: readonly string[] = [USUAL]) =>
  conformOnQemu('qemu', model, { machine, scenarios });
const failed = ({ verdicts }: ReturnType<typeof played>) =>
  verdicts.filter(({ outcome }) => outcome === 'fail' || outcome === 'noted').map(({ clause }) => clause);

describe.skipIf(!present)("the suite on a machine of QEMU's", () => {
  test.each(['legacy', 'transitional', 'modern'] as const)(
    'clears good drivers by the %s interface',
    (virtio) => {
      const report = played(referenceModel(), { virtio }, PLAYED);

      expect([failed(report), report.stopped, report.conforms]).toEqual([[], [], true]);
      expect(report.runs.map(({ scenario }) => scenario)).toEqual(PLAYED);
    },
  );

  test('clears drivers that poll', () => {
    expect(played(referenceModel('polled'), {}).conforms).toBe(true);
  });

  test.each(partOf(BROKEN, 3).map(({ model, clause }) => [model.name, clause, model] as const))(
    'convicts the driver that %s',
    (_name, clause, model) => {
      expect(failed(played(model, {}))).toContain(clause);
    },
  );

  test("does not take others' reads of the capabilities for its own", () => {
    const clause = 'virtio/PCI-LEGDET-D1';
    const { model } = BROKEN_DRIVERS.find((broken) => broken.clause === clause)!;

    expect(failed(played(model, { virtio: 'transitional' }))).toContain(clause);
  });

  test('finds errors in the data of a driver that uses registers correctly', () => {
    const { send, write } = referenceUses;
    const wrong = (bytes: Uint8Array) => bytes.map((byte, i) => (i === 100 ? byte ^ 1 : byte));
    const use: DriverUses = {
      ...referenceUses,
      send: (frame, ...rest) => send!(wrong(frame), ...rest),
      write: (lba, bytes, ...rest) => write!(lba, wrong(bytes), ...rest),
    };

    const { stopped } = played({ ...referenceModel(), use }, {}, PLAYED);

    expect(stopped.map(({ scenario }) => scenario)).toEqual([
      'frames of every length, that are to come out as they were sent',
      'blocks that are to be on the disk as they were written',
    ]);
  });

  test('ends a driver that does not return', () => {
    const run: DriverModel['run'] = (port) => {
      while (port.in(LINE_STATUS, 1) !== NEVER);
    };

    const { stopped } = conformOnQemu(
      'qemu',
      { ...referenceModel(), run },
      { scenarios: [USUAL], hostTime: 2000 },
    );

    expect(String(stopped[0]!.stopped)).toBe("OutOfTimeError: it was not done after 2 s of the host's time");
  });

  test('is refused in one line where QEMU was built without its log of traces', () => {
    const binary = join(work, 'qemu');
    writeFileSync(binary, WITHOUT_TRACE, { mode: 0o755 });

    expect(() => conformOnQemu(`qemu:${binary}`, referenceModel(), { scenarios: [USUAL] })).toThrow(
      `--on: ${binary} was built without its log of traces`,
    );
  });

  test('is a command, whose report names the line of the driver', async () => {
    const path = join(work, 'nic.mjs');
    writeFileSync(path, NIC);

    const { out, err, status } = await guestrig('conform', path, '--on', 'qemu', '--scenario', USUAL);

    expect([status, err]).toEqual([
      1,
      'guestrig: on QEMU the contents of RAM are not seen: a driver is judged by what it does to registers\n',
    ]);
    expect(out).toMatch(/^guestrig {2}nic on QEMU [\d.]+, 1 scenario, seed 1\n/);
    expect(out).toContain('virtio/INIT-D2  virtio-net-pci\n  status 02 has DRIVER without ACKNOWLEDGE\n');
    expect(out).toMatch(/ {2}at .*nic\.mjs:10\b/);
  });
});

/** Gives QEMU its arguments but those. */
const WITHOUT_TRACE = `#!/bin/sh
for one do
  shift
  case "$before" in -trace|-D) before= ; continue ;; esac
  before=$one
  case "$one" in -trace|-D) continue ;; esac
  set -- "$@" "$one"
done
exec qemu-system-x86_64 "$@"`;

/** Sets DRIVER, and not ACKNOWLEDGE before. */
const NIC = `export default {
  name: 'nic',
  drivers: [{
    name: 'nic',
    matches: ({ vendor, device }) => vendor === 0x1af4 && device === 0x1000,
    attach: (port, bdf) => {
      port.out(0xcf8, (0x80000010 | (bdf << 8)) >>> 0, 4);
      const status = (port.in(0xcfc, 4) & ~3) + 18;
      for (const value of [0, 2]) {
        port.out(status, value, 1);
        while (value === 0 && port.in(status, 1) !== 0);
      }
      return null;
    },
  }],
};
`;
