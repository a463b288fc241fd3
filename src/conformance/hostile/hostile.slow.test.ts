import { describe, expect, test } from 'vitest';
import type { GuestPort } from '../../core/guest-port.ts';
import { UartDriver } from '../../guest/drivers/uart16550.ts';
import { type NicDriver, virtioNet } from '../../guest/index.ts';
import type { MachineOptions } from '../../machine/options.ts';
import type { HardId } from '../../rules/hard.ts';
import { CLAUSES, HARD_IDS } from '../../rules/index.ts';
import { failureOf } from '../failure.ts';
import type { DriverModel } from '../model/model.ts';
import { referenceModel } from '../reference.ts';
import { nicOf } from '../scenarios/rig.ts';
import { conform } from '../suite/conform.ts';
import { FIELD_LIES, FIELDS } from './fields.ts';
import { LIES } from './index.ts';
import { PEERS } from './peers-rig.ts';
import { DISK_BELIEVERS, NIC_BELIEVERS } from './ring-rig.ts';
import { readersOf, UART_BELIEVERS, WALKERS } from './walkers-rig.ts';

/** Accesses, so few that a test does not wait for them. */
const PATIENCE = 50_000;
const MODERN = { virtio: 'modern' } as const;
const REFERENCE = referenceModel();
const UART: DriverModel = {
  name: 'reference UART',
  drivers: [],
  run: (port) => {
    const uart = new UartDriver(port, 0x3f8);
    uart.open();
    uart.read();
    uart.write(Uint8Array.of(0x41));
  },
};

/** Drivers that read one field: of a card, and of a disk adapter. */
const fieldProofs = Object.fromEntries(
  FIELDS.map(({ clause, of, name }) => {
    const { believing, careful } = readersOf(of.offset[name]!);
    return [clause, [believing, careful]];
  }),
);

/** Of each lie: who falls for it, a driver that bears it, and on what machine. */
const PROOFS: Readonly<Record<string, readonly [falls: DriverModel, bears: DriverModel, MachineOptions?]>> = {
  'hard/USED-ID-FREE': [NIC_BELIEVERS.whole, REFERENCE],
  'hard/USED-ID-TWICE': [NIC_BELIEVERS.whole, REFERENCE],
  'hard/USED-ID-RANGE': [NIC_BELIEVERS.whole, REFERENCE],
  'hard/USED-LENGTH-ZERO': [NIC_BELIEVERS.whole, REFERENCE],
  'hard/USED-LENGTH-SHORT': [NIC_BELIEVERS.whole, REFERENCE],
  'hard/USED-LENGTH-LONG': [NIC_BELIEVERS.whole, REFERENCE],
  'hard/USED-LENGTH-HUGE': [NIC_BELIEVERS.whole, REFERENCE],
  'hard/USED-LENGTH-ONES': [NIC_BELIEVERS.whole, REFERENCE],
  'hard/USED-INDEX-AHEAD': [NIC_BELIEVERS.whole, REFERENCE],
  'hard/USED-INDEX-BACK': [NIC_BELIEVERS.whole, REFERENCE],
  'hard/USED-FLAGS': [NIC_BELIEVERS.whole, REFERENCE],
  'hard/NET-BUFFERS-ZERO': [NIC_BELIEVERS.joined, REFERENCE],
  'hard/NET-BUFFERS-MANY': [NIC_BELIEVERS.joined, REFERENCE],
  'hard/NET-HEADER': [NIC_BELIEVERS.whole, REFERENCE],
  'hard/CONFIG-CHANGES': [WALKERS.configuration, REFERENCE],
  'hard/CONFIG-SHRINKS': [WALKERS.configuration, REFERENCE],
  'hard/CONFIG-ZERO': [WALKERS.configuration, REFERENCE],
  'hard/CONFIG-ONES': [WALKERS.configuration, REFERENCE],
  'hard/CONFIG-GENERATION': [WALKERS.generation, REFERENCE, MODERN],
  'hard/FEATURES-CHANGE': [WALKERS.features, REFERENCE],
  'hard/QUEUE-SIZE-ZERO': [WALKERS.queueRoom, REFERENCE],
  'hard/QUEUE-SIZE-ODD': [WALKERS.queueSize, REFERENCE],
  'hard/STATUS-STUCK': [WALKERS.reset, REFERENCE],
  'hard/PCI-LIST-LOOP': [WALKERS.list, REFERENCE],
  'hard/PCI-LIST-BEYOND': [WALKERS.reach, REFERENCE],
  'hard/PCI-LIST-BAR': [WALKERS.bar, REFERENCE],
  'hard/SCSI-SENSE': [DISK_BELIEVERS.sense, REFERENCE],
  'hard/SCSI-RESIDUAL': [DISK_BELIEVERS.residual, REFERENCE],
  'hard/SCSI-RESPONSE': [DISK_BELIEVERS.response, REFERENCE],
  'hard/SCSI-INQUIRY': [DISK_BELIEVERS.inquiry, REFERENCE],
  'hard/SCSI-REPORT-LUNS': [DISK_BELIEVERS.luns, REFERENCE],
  'hard/SCSI-BLOCK-ZERO': [DISK_BELIEVERS.blocks, REFERENCE],
  'hard/SCSI-BLOCK-ODD': [DISK_BELIEVERS.blocks, REFERENCE],
  'hard/SCSI-CAPACITY': [DISK_BELIEVERS.end, REFERENCE],
  'hard/UART-ONES': [UART_BELIEVERS.drains, UART],
  'hard/UART-THRE': [UART_BELIEVERS.prints, UART],
  'hard/UART-DATA': [UART_BELIEVERS.drains, UART],
  'hard/DHCP': [PEERS.leasesBelieving, PEERS.leases],
  'hard/METADATA': [PEERS.fetchesBelieving, PEERS.fetches],
  ...fieldProofs,
};

const namesOf = (clause: string) => LIES.filter((lie) => lie.clause === clause).map(({ name }) => name);

test('the good drivers fall for no lie about a field', () => {
  const { verdicts } = met(
    REFERENCE,
    FIELD_LIES.map(({ name }) => name),
  );

  expect(verdicts.filter(({ clause, outcome }) => clause.startsWith('hard/') && outcome === 'fail')).toEqual(
    [],
  );
});

describe.each(FIELD_LIES.map(({ name, clause }) => [name, clause] as const))('%s', (name, clause) => {
  const [falls, bears] = PROOFS[clause]!;

  test.each([
    [falls, 'fail'],
    [bears, 'pass'],
  ] as const)('is told, and ends in its way, %#', (model, how) => {
    const { verdicts } = met(model, [name]);

    expect(verdicts.find((verdict) => verdict.clause === clause)!.outcome).toBe(how);
  });
});

/** A driver that meets one lie, or none. */
function met(model: DriverModel, scenarios: readonly string[], machine: MachineOptions = {}) {
  return conform(model, { hostile: true, scenarios, machine: { patience: PATIENCE, ...machine } });
}

function outcome(model: DriverModel, clause: HardId, machine?: MachineOptions) {
  return met(model, namesOf(clause), machine).verdicts.find((verdict) => verdict.clause === clause)!.outcome;
}

// Those of a gVNIC are in cards.slow.test.ts, those of an NVMe controller in nvme.slow.test.ts.
test('each clause of hardness has its lie, and each lie its clause', () => {
  expect([...new Set(LIES.map(({ clause }) => clause))].sort()).toEqual([...HARD_IDS].sort());
  const others = HARD_IDS.filter((id) => !/^hard\/(?:GVNIC|NVME)-/.test(id));
  expect(Object.keys(PROOFS).sort()).toEqual(others.sort());
  expect(new Set(LIES.map(({ name }) => name)).size).toBe(LIES.length);
});

test('the text of a clause begins as a demand, and its advice is in whole sentences', () => {
  const bad = HARD_IDS.filter(
    (id) =>
      !/^A driver (MUST|SHOULD) survive .*[.]$/.test(CLAUSES[id].text) || !/[.]$/.test(CLAUSES[id].advice),
  );

  expect(bad).toEqual([]);
});

describe.each(Object.entries(PROOFS))('%s', (clause, [falls, bears, machine]) => {
  test(`a driver that "${falls.name}" falls for it`, () => {
    expect(outcome(falls, clause as HardId, machine)).toBe('fail');
  });

  test(`the driver "${bears.name}" is told it, and bears it`, () => {
    expect(outcome(bears, clause as HardId, machine)).toBe('pass');
  });
});

/** The good card driver, which takes back whatever id it is given. */
const BELIEVES_IDS: DriverModel = (() => {
  const good = virtioNet();
  const attach = (port: GuestPort, bdf: number) => {
    const nic = good.attach(port, bdf);
    for (const { queue } of nicOf([nic]).card.receivers)
      Object.assign(queue, { lent: new Proxy({}, { get: () => 1, set: () => true }) });
    return nic;
  };
  return {
    name: 'takes any id',
    drivers: [{ ...good, attach }],
    run: (_, [nic]) => void (nic as NicDriver).receive(),
  };
})();

describe('a used id of a packed ring', () => {
  const machine: MachineOptions = { virtio: 'modern', ringFeatures: ['RING_PACKED'] };

  test.each(['hard/USED-ID-FREE', 'hard/USED-ID-RANGE'] as const)(
    'that is none brings a driver down that takes any, %s',
    (clause) => {
      expect(outcome(BELIEVES_IDS, clause, machine)).toBe('fail');
    },
  );

  test.each(['hard/USED-ID-FREE', 'hard/USED-ID-TWICE', 'hard/USED-ID-RANGE'] as const)(
    'is borne by a driver that knows what it lent, %s',
    (clause) => {
      expect(outcome(REFERENCE, clause, machine)).toBe('pass');
    },
  );
});

describe('a report', () => {
  const HONEST = 'a machine as its firmware leaves it';

  test('of a driver that conforms and falls says both', () => {
    const report = met(UART_BELIEVERS.prints, [HONEST, ...namesOf('hard/UART-THRE')]);

    expect(report).toMatchObject({ hard: false, stopped: [] });
    expect(failureOf(report)!.message).toContain('and falls for 1 of 1 lie');
  });

  test('without the option has no word of it', () => {
    const report = conform(UART, { scenarios: [HONEST] });

    expect(report.hard).toBe(null);
    expect(report.verdicts.filter(({ clause }) => clause.startsWith('hard/'))).toEqual([]);
  });
});
