import { describe, expect, test } from 'vitest';
import { gvnic } from '../../guest/index.ts';
import type { QueueFormat } from '../../gvnic/registers/descriptor.ts';
import type { MachineOptions } from '../../machine/options.ts';
import type { HardId } from '../../rules/hard.ts';
import { attachedBehind, behind } from '../broken/behind.ts';
import { conform, type DriverModel, isFailure } from '../index.ts';
import { referenceUses, useDevices } from '../reference.ts';
import { CARD_LIES } from './cards.ts';

const ONLY = CARD_LIES.map(({ name }) => name);
const { read: _read, write: _write, ...use } = referenceUses;
const driver = gvnic({ interrupts: 'polled' });
const model: DriverModel = { name: 'reference', drivers: [driver], run: useDevices, use };
const machineOf = (format: QueueFormat): MachineOptions => ({
  nics: [{ type: 'gvnic', gvnic: { formats: [format] } }],
});

function fallenFor(driven: DriverModel, format: QueueFormat): string[] {
  const report = conform(driven, { hostile: true, scenarios: ONLY, machine: machineOf(format) });
  return report.verdicts.filter(isFailure).map(({ clause }) => clause);
}

describe('the reference driver of a gVNIC bears all that a card says of', () => {
  test.each(['GQI_QPL', 'GQI_RDA', 'DQO_RDA', 'DQO_QPL'] as const)('%s rings', (format) => {
    expect(fallenFor(model, format)).toEqual([]);
  });
});

/** What it keeps of each buffer, by its number. */
const BUFFERS = Array.from({ length: 128 }, (_, id) => ({ id }));
/** Where it has a frame, whose last byte it looks at. */
const WHOLE = new Uint8Array(2048);
/** Looks a buffer up by the number that a completion has, behind twelve bytes, and its frame by its length. */
const believes = attachedBehind(driver, (port) =>
  behind(port, {
    memory: {
      load: (address, width) => port.memory.load(address, width),
      store: (address, value, width) => port.memory.store(address, value, width),
      read: (address, into) => {
        port.memory.read(address, into);
        if (into.length !== 32 || into[0] !== 1) return;
        BUFFERS[into[12]! | (into[13]! << 8)]!.id.toString();
        WHOLE[(into[4]! | ((into[5]! & 0x3f) << 8)) - 1]!.toString();
      },
      write: (address, from) => port.memory.write(address, from),
      fill: (address, value, length) => port.memory.fill(address, value, length),
      fence: () => port.memory.fence(),
    },
  }),
);

/** Does not give up in order, where the reference driver does. */
const hasty: typeof driver = {
  ...driver,
  attach: (port, bdf) => {
    try {
      return driver.attach(port, bdf);
    } catch (error) {
      throw new TypeError(String(error));
    }
  },
};

const FALLS: readonly (readonly [HardId, typeof driver])[] = [
  ['hard/GVNIC-BUFFER', believes],
  ['hard/GVNIC-LENGTH', believes],
  ['hard/GVNIC-STATUS', hasty],
  ['hard/GVNIC-DESCRIPTOR', hasty],
  ['hard/GVNIC-OPTIONS', hasty],
  ['hard/GVNIC-INDEX', hasty],
  ['hard/GVNIC-QUEUES', hasty],
  ['hard/GVNIC-REGISTERS', hasty],
];
/** No driver that falls for these is written yet; that ours bears them is tested above. */
const BORNE: readonly HardId[] = [
  'hard/GVNIC-TAG',
  'hard/GVNIC-TYPE',
  'hard/GVNIC-HEAD',
  'hard/GVNIC-COUNTER',
  'hard/GVNIC-LAPS',
  'hard/GVNIC-ENDLESS',
];

test.each(FALLS)('a driver falls for %s', (clause, falls) => {
  expect(fallenFor({ ...model, drivers: [falls] }, 'DQO_RDA')).toContain(clause);
});

test('each lie of a card is one of these', () => {
  const told = new Set(CARD_LIES.map(({ clause }) => clause));

  expect([...told].sort()).toEqual([...FALLS.map(([clause]) => clause), ...BORNE].sort());
});
