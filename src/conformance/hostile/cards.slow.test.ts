import { describe, expect, test } from 'vitest';
import { gvnic } from '../../guest/index.ts';
import type { QueueFormat } from '../../gvnic/registers/descriptor.ts';
import type { MachineOptions } from '../../machine/options.ts';
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
/** Looks a buffer up by the number that a completion has, behind twelve bytes. */
const believes = attachedBehind(driver, (port) =>
  behind(port, {
    memory: {
      load: (address, width) => port.memory.load(address, width),
      store: (address, value, width) => port.memory.store(address, value, width),
      read: (address, into) => {
        port.memory.read(address, into);
        if (into.length === 32 && into[0] === 1) BUFFERS[into[12]! | (into[13]! << 8)]!.id.toString();
        port.memory.read(address, new Uint8Array((into[5]! & 0x3f) << 8));
      },
      write: (address, from) => port.memory.write(address, from),
      fill: (address, value, length) => port.memory.fill(address, value, length),
      fence: () => port.memory.fence(),
    },
  }),
);

test('one that believes a number of a buffer falls for that lie', () => {
  expect(fallenFor({ ...model, drivers: [believes] }, 'DQO_RDA')).toContain('hard/GVNIC-BUFFER');
});
