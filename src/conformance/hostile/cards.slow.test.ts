import { describe, expect, test } from 'vitest';
import { swap32 } from '../../core/bits.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import { MMIO } from '../../core/places.ts';
import { gvnic } from '../../guest/index.ts';
import type { QueueFormat } from '../../gvnic/registers/descriptor.ts';
import {
  DQO_RX_STATUS,
  DQO_TX_COMPLETION,
  dqo_rx_completion,
  dqo_tx_completion,
} from '../../gvnic/registers/dqo.ts';
import { RX_FLAGS, RX_SEQUENCES } from '../../gvnic/registers/gqi.ts';
import type { MachineOptions } from '../../machine/options.ts';
import type { HardId } from '../../rules/hard.ts';
import { attachedBehind, behind, behindMemory } from '../broken/behind.ts';
import { conform, type DriverModel, isFailure } from '../index.ts';
import { referenceUses, useDevices } from '../reference.ts';
import { CARD_LIES } from './cards.ts';

const ONLY = CARD_LIES.map(({ name }) => name);
const { read: _read, write: _write, flush: _flush, ...use } = referenceUses;
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
interface Peeks {
  readonly read?: (bytes: Uint8Array, port: GuestPort) => void;
  readonly load?: (value: number, width: number, address: number) => void;
}
/** Does something of its own with what it reads of RAM. */
const peeking = (begin: () => Peeks) =>
  attachedBehind(driver, (port) => {
    const { read, load } = begin();
    const store: typeof port.memory.store = (address, value, width) =>
      port.memory.store(address, value, width);
    return behind(port, {
      memory: {
        ...behindMemory(port.memory, store),
        load: (address, width) => {
          const value = port.memory.load(address, width);
          load?.(value, width, address);
          return value;
        },
        read: (address, into) => {
          port.memory.read(address, into);
          read?.(into, port);
        },
      },
    });
  });
const isReceived = (bytes: Uint8Array) => bytes.length === dqo_rx_completion.size && bytes[0] === 1;
/** Looks a buffer up by the number that a completion has, behind twelve bytes, and its frame by its length. */
const believes = peeking(() => ({
  read: (bytes) => {
    if (!isReceived(bytes)) return;
    BUFFERS[bytes[12]! | (bytes[13]! << 8)]!.id.toString();
    WHOLE[(bytes[4]! | ((bytes[5]! & 0x3f) << 8)) - 1]!.toString();
  },
}));
/** Packets that it sent and slots of its ring, by their numbers; and what it does at a completion, by its type. */
const SENT = Array.from({ length: 1024 }, (_, id) => ({ id }));
const KINDS = [null, SENT, SENT, SENT, SENT];
/** Looks up what a completion of its packets names: a type, and four bytes behind that a tag or a slot. */
const completes = peeking(() => {
  let last = { address: 0, type: 0 };
  return {
    load: (value, width, address) => {
      if (width !== 2) return;
      if (address === last.address + dqo_tx_completion.offset.tag) KINDS[last.type]![value]!.id.toString();
      last = { address, type: DQO_TX_COMPLETION.decode(value).TYPE };
    },
  };
});
/** Looks up the packet that a counter has come to. */
const counts = peeking(() => ({
  load: (value, width) => width === 4 && SENT[swap32(value) >>> 0]!.id.toString(),
}));
/** Takes a descriptor with another sequence than the next for one further on, for which it has nothing. */
const sequences = peeking(() => {
  let next = 1;
  return {
    load: (value, width) => {
      const sequence = value & RX_FLAGS.mask.SEQUENCE;
      if (width !== 1 || sequence === 0) return;
      [SENT][sequence - next]!.toString();
      next = (sequence % RX_SEQUENCES) + 1;
    },
  };
});
/** Waits for the end of a frame whatever else happens. */
const patient = peeking(() => ({
  read: (bytes, port) => {
    const isOpen =
      isReceived(bytes) && (bytes[dqo_rx_completion.offset.status]! & DQO_RX_STATUS.mask.END_OF_PACKET) === 0;
    while (isOpen) port.read(MMIO.LOCAL_APIC, 4);
  },
}));

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

const FALLS: readonly (readonly [HardId, typeof driver, QueueFormat])[] = [
  ['hard/GVNIC-TAG', completes, 'DQO_RDA'],
  ['hard/GVNIC-TYPE', completes, 'DQO_RDA'],
  ['hard/GVNIC-HEAD', completes, 'DQO_RDA'],
  ['hard/GVNIC-COUNTER', counts, 'GQI_QPL'],
  ['hard/GVNIC-LAPS', sequences, 'GQI_QPL'],
  ['hard/GVNIC-ENDLESS', patient, 'DQO_RDA'],
  ['hard/GVNIC-BUFFER', believes, 'DQO_RDA'],
  ['hard/GVNIC-LENGTH', believes, 'DQO_RDA'],
  ['hard/GVNIC-STATUS', hasty, 'DQO_RDA'],
  ['hard/GVNIC-DESCRIPTOR', hasty, 'DQO_RDA'],
  ['hard/GVNIC-OPTIONS', hasty, 'DQO_RDA'],
  ['hard/GVNIC-INDEX', hasty, 'DQO_RDA'],
  ['hard/GVNIC-QUEUES', hasty, 'DQO_RDA'],
  ['hard/GVNIC-REGISTERS', hasty, 'DQO_RDA'],
];

test.each(FALLS)('a driver falls for %s', (clause, falls, format) => {
  expect(fallenFor({ ...model, drivers: [falls] }, format)).toContain(clause);
});

test('each lie of a card is one of these', () => {
  const told = new Set(CARD_LIES.map(({ clause }) => clause));

  expect([...told].sort()).toEqual(FALLS.map(([clause]) => clause).sort());
});
