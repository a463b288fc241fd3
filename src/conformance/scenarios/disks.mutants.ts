import { type ScsiHost, virtioScsi } from '../../guest/index.ts';
import { testUnitReady } from '../../guest/scsi/commands.ts';
import type { Machine } from '../../machine/machine.ts';
import type { DriverModel } from '../model/model.ts';
import { referenceUses } from '../reference.ts';
import { ignoringFlush, stateless } from './rig.ts';

const BAD_TARGET = 3;
const CAPACITY_CHANGED = 0x2a;
const COMMANDS = 30;

function disks(name: string, run: (host: ScsiHost, machine: Machine) => void): DriverModel {
  return {
    name,
    drivers: [virtioScsi({ interrupts: 'polled' })],
    run: (_port, [host], machine) => run(host as ScsiHost, machine),
  };
}

/** Takes any unit attention for a reset, but this one. */
function knowsNoSizes(host: ScsiHost, machine: Machine): void {
  for (const { target, lun } of machine.disks)
    for (let i = 0; i < 3; i++)
      if (host.execute(target, lun, testUnitReady()).sense?.asc === CAPACITY_CHANGED)
        throw new Error('the disk is broken');
}

/** Retries without a limit. */
function asksForEver(host: ScsiHost, machine: Machine): void {
  for (const { target, lun } of [...machine.disks])
    for (let i = 0; i < COMMANDS; i++)
      while (host.execute(target, lun, testUnitReady()).response === BAD_TARGET);
}

/** Relies on events alone, as if none was ever missed. */
function goesByEvents(host: ScsiHost, known: Set<number>): void {
  for (const { what, target } of host.events()) {
    if (what === 'added') known.add(target);
    if (what === 'removed') known.delete(target);
  }
  for (const target of known) if (host.inquiry(target) === null) throw new Error(`disk ${target} is gone`);
}

/** The scenario that shows that a driver goes on with the disks that it knows, and ignores events of others. */
const NO_INTEREST = 'more events than they have buffers for';

export const MUTANTS = stateless([
  {
    scenario: 'a disk that gets another size',
    also: [NO_INTEREST],
    model: disks('knows no sizes', knowsNoSizes),
  },
  {
    scenario: 'a disk that is pulled out while they use it',
    also: [NO_INTEREST],
    model: disks('asks for ever', asksForEver),
  },
  {
    scenario: 'more events than they have buffers for',
    model: disks('misses no event', (host) => goesByEvents(host, knownTo(host))),
  },
  {
    scenario: 'power that fails once they flushed a disk',
    by: /flushed was lost/,
    model: {
      name: 'flushes nothing',
      drivers: [virtioScsi({ interrupts: 'polled' })],
      use: { write: referenceUses.write!, flush: () => {} },
    },
  },
  {
    scenario: 'a disk that fails to flush',
    by: /failed to flush/,
    model: {
      name: 'takes every flush for done',
      drivers: [virtioScsi({ interrupts: 'polled' })],
      use: {
        write: referenceUses.write!,
        flush: ignoringFlush,
      },
    },
  },
]);

const known = new WeakMap<ScsiHost, Set<number>>();

/** The disks present at the first scan. */
function knownTo(host: ScsiHost): Set<number> {
  const targets = known.get(host) ?? new Set(host.scan().map(({ target }) => target));
  known.set(host, targets);
  return targets;
}
