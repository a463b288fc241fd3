import type { GuestPort } from '../../core/guest-port.ts';
import { barAddress, nvme } from '../../guest/index.ts';
import { readRegister } from '../../guest/pci/config.ts';
import { COMMAND, MSIX_ENTRY_SIZE, VECTOR_CONTROL } from '../../pci/registers.ts';
import { behind, rewriteConfig } from '../broken/behind.ts';
import { referenceUses as good, useDevices } from '../reference.ts';
import { behindPort, nicOf, type ScenarioMutant, using } from './rig.ts';

const { BUS_MASTER, INTERRUPT_DISABLE } = COMMAND.mask;
const NIC = 0x20;
const PAGE = 4096;
const CREDITS = 40;

/** Bits of Command keep their values, whatever is written to them, while `when` is true. */
function keepsCommand(port: GuestPort, bdf: number, bits: number, when = () => true): GuestPort {
  return rewriteConfig(port, (at, value) =>
    at === COMMAND.offset && when() ? (value & ~bits) | (readRegister(port, bdf, COMMAND) & bits) : value,
  );
}

/** Entries of the MSI-X table, behind BAR1, are never masked; after a reset they are. */
function neverMasks(port: GuestPort, bdf: number): GuestPort {
  const table = barAddress(port, bdf, 1)?.address ?? 0;
  return behind(port, {
    write: (address, value, width) => {
      const at = address - table;
      const isControl = at >= 0 && at < PAGE && at % MSIX_ENTRY_SIZE === VECTOR_CONTROL.offset;
      if (!isControl || (value & 1) === 0) port.write(address, value, width);
    },
  });
}

/** Keeps a count of its own of outstanding buffers, across restarts. */
function givesNoCreditBack() {
  let credits = CREDITS;
  let out = 0;
  let last: unknown = null;
  return using({
    send: (frame, handles, ...more) => {
      const { lent } = nicOf(handles).card.transmitters[0]!;
      if (lent !== last) out = 0;
      last = lent;
      nicOf(handles).poll();
      credits += out - lent.size;
      out = lent.size;
      if (credits === 0) return false;
      const sent = good.send!(frame, handles, ...more);
      credits -= lent.size - out;
      out = lent.size;
      return sent;
    },
  });
}

/** Wipes sent data before the device has returned it. */
const wipesEarly = () =>
  using({
    stop: (handles, port, machine) => {
      for (const pages of nicOf(handles).card.transmitters[0]!.lent.values())
        for (const page of pages) port.memory.fill(page, 0, PAGE);
      good.stop!(handles, port, machine);
    },
  });

/** Checks whether Command is as it left it, and then uses no function. */
function trustsCommand() {
  let left = 0;
  return using(
    {
      suspend: (handles, port, machine) => {
        good.suspend!(handles, port, machine);
        left = readRegister(port, NIC, COMMAND);
      },
      resume: (handles, port, machine) => {
        if (readRegister(port, NIC, COMMAND) !== left) good.resume!(handles, port, machine);
      },
    },
    'msix',
  );
}

/** Turns lines on once, when it attaches. */
function turnsLinesOnOnce() {
  let attached = false;
  const model = behindPort(
    (port, bdf) => keepsCommand(port, bdf, INTERRUPT_DISABLE, () => attached),
    'intx',
    {
      ...good,
      suspend: (...given) => {
        attached = true;
        good.suspend!(...given);
      },
      resume: (...given) => {
        good.resume!(...given);
        attached = false;
      },
    },
  );
  return model;
}

const CRASH = 'a kernel that crashes, and another that starts without a reset of the machine';

export const MUTANTS: readonly ScenarioMutant[] = [
  {
    name: 'has its firmware make it a bus master',
    scenario: 'a machine at power-on, which has addresses and nothing else',
    by: /pci\/BUS-MASTER/,
    model: () => behindPort((port, bdf) => keepsCommand(port, bdf, BUS_MASTER)),
  },
  {
    name: 'leaves its NVMe controller running',
    scenario: 'drivers that are stopped and started, several times',
    by: /^NotStoppedError: nvme0 was not reset by use\.stop\(\)$/,
    machine: { nvme: [{}] },
    model: () => ({
      name: 'leaves its NVMe controller running',
      drivers: [nvme({ interrupts: 'polled' })],
      run: useDevices,
      use: { read: good.read!, write: good.write!, stop: () => {} },
    }),
  },
  {
    name: 'stays on the bus',
    scenario: 'drivers that are stopped and started, several times',
    by: /^NotStoppedError: scsi0 is a bus master still after use\.stop\(\)$/,
    model: () => behindPort((port, bdf) => keepsCommand(port, bdf, BUS_MASTER), 'polled', good),
    also: [
      'a machine at power-on, which has addresses and nothing else',
      'sleep in which the devices have no power',
      'sleep on a disk, from which another kernel reads them back',
    ],
  },
  {
    name: 'never has MSI-X entries masked',
    scenario: CRASH,
    by: /pci\/MSIX-MASKED/,
    model: () => behindPort(neverMasks, 'msix'),
  },
  {
    name: 'wipes what is under way before it stops',
    scenario: 'drivers that are stopped while much is under way',
    by: /virtio\/CLEAN-D2/,
    model: wipesEarly,
  },
  {
    name: 'waits for what was under way before a reset',
    scenario: 'a machine that is reset while much is under way',
    by: /^DataError: use\.send\(\) had no room for a frame for 0\.5 s$/,
    also: [
      'drivers that are stopped while much is under way',
      'a card that asks to be reset',
      'packets that miss, and are sent later',
      'so many frames that the rings of a card go round several times',
      'a card that hands out other doorbells and counters',
    ],
    model: givesNoCreditBack,
  },
  {
    name: 'wakes up as if it had not slept, where Command is as it was',
    scenario: 'sleep from which they are woken with everything as they left it',
    by: /Error: /,
    model: trustsCommand,
  },
  {
    name: 'forgets where its devices were',
    scenario: 'sleep in which the devices have no power',
    by: /^DriverError: .*BAR0 holds no I\/O address/,
    model: () =>
      using({
        suspend: (handles, port, machine) => {
          good.suspend!(handles, port, machine);
          for (const handle of handles) Object.assign(handle ?? {}, { saved: null });
        },
      }),
  },
  {
    name: 'turns its line on when it attaches, and never again',
    scenario: 'sleep on a disk, from which another kernel reads them back',
    by: /Error: /,
    model: turnsLinesOnOnce,
  },
];
