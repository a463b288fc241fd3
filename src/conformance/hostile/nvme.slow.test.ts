import { describe, expect, test } from 'vitest';
import type { GuestPort } from '../../core/guest-port.ts';
import type { RunningController } from '../../guest/drivers/nvme/controller.ts';
import { nvme } from '../../guest/index.ts';
import { CNS, cqe } from '../../nvme/registers/commands.ts';
import { identify_controller, identify_namespace, LBADS_SHIFT } from '../../nvme/registers/identify.ts';
import type { HardId } from '../../rules/hard.ts';
import { attachedBehind, withMemory } from '../broken/behind.ts';
import { conform, type DriverModel, isFailure } from '../index.ts';
import { referenceNvme } from '../reference/nvme.ts';
import { NVME_LIES } from './nvme.ts';

function fallenFor(model: DriverModel, only: (clause: HardId) => boolean): string[] {
  const scenarios = NVME_LIES.filter(({ clause }) => only(clause)).map(({ name }) => name);
  const { runs, verdicts } = conform(model, { hostile: true, scenarios, machine: { nvme: [{}] } });
  const unheard = runs.filter((run) => run.verdicts.every(({ met }) => met === 0));
  return [
    ...verdicts.filter(isFailure).map(({ clause }) => clause),
    ...unheard.map(({ scenario }) => `unheard: ${scenario}`),
  ];
}

describe('the reference driver of NVMe controllers bears all that a controller says', () => {
  test.each(['polled', 'msix', 'intx'] as const)('%s', (interrupts) => {
    expect(fallenFor(referenceNvme({ interrupts }), () => true)).toEqual([]);
  });
});

/** What it keeps of each command, queue and slot, by its number. */
const KEPT = Array.from({ length: 1024 }, (_, id) => ({ id }));
const good = nvme({ interrupts: 'polled' });

/** Does something of its own with what it reads of RAM. */
const peeking = (
  load: (value: number, offset: number, address: number, port: GuestPort) => void,
  read: (bytes: Uint8Array) => void = () => {},
) =>
  attachedBehind(good, (port) => {
    const { memory } = port;
    return withMemory(port, {
      load: (address, width) => {
        const value = memory.load(address, width);
        load(value, address % cqe.size, address, port);
        return value;
      },
      read: (address, into) => {
        memory.read(address, into);
        read(into);
      },
    });
  });
/** Looks up what a field of a completion names. */
const looksUp = (field: number) => peeking((value, offset) => offset === field && KEPT[value]!.id.toString());
const looksUpQueue = peeking((_value, offset, address, port) => {
  const { sq_id, cid } = cqe.offset;
  if (offset === cid) KEPT[port.memory.load(address + sq_id - cid, 2)]!.id.toString();
});
/** Makes room for what Identify says. */
const makesRoom = (bytesIn: (bytes: Uint8Array) => number) =>
  peeking(
    () => {},
    (bytes) => bytes.length === 4096 && new Uint8Array(bytesIn(bytes)),
  );
const transfers = makesRoom((bytes) => {
  const { mdts, vid } = identify_controller.decode(bytes);
  return vid === 0x1ae0 ? 4096 * 2 ** mdts : 0;
});
const blocks = makesRoom((bytes) => {
  const { lbaf0, nsfeat } = identify_namespace.decode(bytes);
  return nsfeat === 2 ? 2 ** (lbaf0 >>> LBADS_SHIFT) : 0;
});
/** Does not give up in order, where the reference driver does. */
const hasty: typeof good = {
  ...good,
  attach: (port, bdf) => {
    try {
      return good.attach(port, bdf);
    } catch (error) {
      throw new TypeError(String(error));
    }
  },
};

const FALLS: readonly (readonly [HardId, typeof good])[] = [
  ['hard/NVME-CID', looksUp(cqe.offset.cid)],
  ['hard/NVME-SQ-HEAD', looksUp(cqe.offset.sq_head)],
  ['hard/NVME-SQ-ID', looksUpQueue],
  ['hard/NVME-PHASE', hasty],
  ['hard/NVME-STATUS', hasty],
  ['hard/NVME-CONTROLLER', transfers],
  ['hard/NVME-NAMESPACE', blocks],
  ['hard/NVME-LIST', hasty],
  ['hard/NVME-QUEUES', looksUp(cqe.offset.result)],
  ['hard/NVME-CAP', hasty],
  ['hard/NVME-STATE', hasty],
];

test.each(FALLS)('a driver falls for %s', (clause, falls) => {
  const model = { ...referenceNvme({}), drivers: [falls] };

  expect(fallenFor(model, (one) => one === clause)).toEqual([clause]);
});

test('a driver that follows a list for ever is ended, and told', () => {
  const follows: typeof good = {
    ...good,
    attach: (port, bdf) => {
      const disk = good.attach(port, bdf);
      const { running } = disk as unknown as { running: RunningController };
      for (let last = 0; ; ) {
        const list = running.identify(CNS.ACTIVE_LIST, last);
        last = new DataView(list.buffer).getUint32(0, true);
        if (last === 0) return disk;
      }
    },
  };

  const { verdicts } = conform(
    { ...referenceNvme({}), drivers: [follows] },
    {
      hostile: true,
      scenarios: ['a list of NVMe namespaces of one number again and again'],
      machine: { nvme: [{}], patience: 50_000 },
    },
  );

  expect(verdicts.filter(isFailure)).toMatchObject([
    {
      clause: 'hard/NVME-LIST',
      findings: [{ said: 'it went on for ever: not done after 50000 accesses' }],
    },
  ]);
});

test('each lie of a controller is one of these', () => {
  const told = new Set(NVME_LIES.map(({ clause }) => clause));

  expect([...told].sort()).toEqual(FALLS.map(([clause]) => clause).sort());
});
