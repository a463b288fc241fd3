import type { GuestPort } from '../../core/guest-port.ts';
import { type GvnicDriver, gvnic } from '../../guest/index.ts';
import { barAddress } from '../../guest/pci/bars.ts';
import { ADMINQ_PFN, DEVICE_STATUS, GVNIC_BAR } from '../../gvnic/registers/bar0.ts';
import {
  DQO_COMPLETION_TYPE,
  DQO_RX_LENGTH,
  DQO_RX_STATUS,
  DQO_TX_COMPLETION,
  dqo_rx_completion,
} from '../../gvnic/registers/dqo.ts';
import type { MachineOptions } from '../../machine/options.ts';
import { attachedBehind, behind } from '../broken/behind.ts';
import type { DriverModel } from '../model/model.ts';
import type { DriverUses } from '../model/uses.ts';
import { referenceUses, useDevices } from '../reference.ts';
import { stateless } from './rig.ts';

export const GQI: MachineOptions = { nics: [{ type: 'gvnic' }] };
export const MAILBOX: MachineOptions = { nics: [{ type: 'gvnic', gvnic: { mailbox: true } }] };
export const DQO: MachineOptions = { nics: [{ type: 'gvnic', gvnic: { formats: ['DQO_RDA'] } }] };
/** Doorbells of a card that hands out others. */
const OTHERS = [0x121, 0x221, 0x321];
/** Entries of a short ring. */
const LAP = 256;
const { PACKET, MISS } = DQO_COMPLETION_TYPE;
const { TYPE } = DQO_TX_COMPLETION.mask;
const [MISSED, DONE] = [MISS << DQO_TX_COMPLETION.shift.TYPE, PACKET << DQO_TX_COMPLETION.shift.TYPE];

type Mistake = (port: GuestPort, bdf: number) => GuestPort;

const { read: _read, write: _write, flush: _flush, ...uses } = referenceUses;

export function mistaken(name: string, mistake: Mistake, use: DriverUses = {}): DriverModel {
  return {
    name,
    drivers: [attachedBehind(gvnic({ interrupts: 'polled' }), mistake)],
    run: useDevices,
    use: { ...uses, ...use },
  };
}

/** What the driver reads of RAM, so many bytes at once, is other than it is. */
export const reading = (length: number, change: (bytes: Uint8Array) => void) => (port: GuestPort) =>
  behind(port, {
    memory: {
      ...memoryOf(port),
      read: (address, into) => {
        port.memory.read(address, into);
        if (into.length === length) change(into);
      },
    },
  });

/** And so is what it loads. */
export const loading = (change: (value: number, width: number) => number) => (port: GuestPort) =>
  behind(port, {
    memory: {
      ...memoryOf(port),
      load: (address, width) => change(port.memory.load(address, width), width),
    },
  });

export function memoryOf({ memory }: GuestPort): GuestPort['memory'] {
  return {
    load: (address, width) => memory.load(address, width),
    store: (address, value, width) => memory.store(address, value, width),
    read: (address, into) => memory.read(address, into),
    write: (address, from) => memory.write(address, from),
    fill: (address, value, length) => memory.fill(address, value, length),
    fence: () => memory.fence(),
  };
}

/** From the second lap of a short ring on. */
function forgetsLaps(port: GuestPort): GuestPort {
  let taken = 0;
  const reads = reading(dqo_rx_completion.size, (bytes) => {
    if (bytes[0] === 1) taken++;
  })(port);
  return behind(reads, {
    memory: {
      ...memoryOf(reads),
      load: (address, width) => {
        const value = port.memory.load(address, width);
        return width === 2 && taken >= LAP ? value ^ DQO_RX_LENGTH.mask.GENERATION : value;
      },
    },
  });
}

/** It does not look at the status. */
function neverAsks(port: GuestPort, bdf: number): GuestPort {
  const at = (barAddress(port, bdf, GVNIC_BAR.registers)?.address ?? 0) + DEVICE_STATUS.offset;
  const { LINK_STATUS } = DEVICE_STATUS.mask;
  return behind(port, {
    read: (address, width) => (address === at ? LINK_STATUS << 24 : port.read(address, width)),
  });
}

/** It looks at the link when it polls, and never sends again once that was down. */
function givesUp(): DriverUses {
  const over = new WeakSet<object>();
  return {
    send: (frame, handles, ...more) => {
      if (!over.has(handles[0] as object)) return uses.send!(frame, handles, ...more);
    },
    receive: (handles, ...more) => {
      const nic = handles[0] as GvnicDriver;
      if (!nic.linkUp) over.add(nic);
      return uses.receive!(handles, ...more);
    },
  };
}

/** Its first queue's are where they usually are. */
function usualDoorbell(value: number, width: number): number {
  const index = swapped(value);
  return width === 4 && OTHERS.includes(index) ? swapped(index & ~0xff) : value;
}

/** Once: then it believes that the device is reset. */
function looksOnce(port: GuestPort, bdf: number): GuestPort {
  const at = (barAddress(port, bdf, GVNIC_BAR.registers)?.address ?? 0) + ADMINQ_PFN.offset;
  let isAsked = false;
  return behind(port, {
    write: (address, value, width) => {
      isAsked = address === at && value === 0;
      port.write(address, value, width);
    },
    read: (address, width) => {
      const value = port.read(address, width);
      if (address !== at || !isAsked) return value;
      isAsked = false;
      return 0;
    },
  });
}

export function swapped(value: number): number {
  return (((value & 0xff) << 24) | ((value & 0xff00) << 8) | ((value >>> 8) & 0xff00) | (value >>> 24)) >>> 0;
}

export const MUTANTS = stateless([
  {
    // DPDK before March 2026.
    scenario: 'a card that asks to be reset',
    by: /RESET-ASKED/,
    machine: GQI,
    model: mistaken('never looks at the status', neverAsks),
  },
  {
    scenario: 'a card that asks to be reset',
    by: /AQ-WAIT/,
    machine: GQI,
    model: mistaken('looks once whether its card is reset', looksOnce),
  },
  {
    scenario: 'a card that hands out other doorbells and counters',
    machine: GQI,
    model: mistaken('has the doorbells of a card in its code', loading(usualDoorbell)),
  },
  {
    scenario: 'drivers that are stopped and started, several times',
    by: /^NotStoppedError: net0 was not reset by use\.stop\(\)$/,
    machine: GQI,
    model: mistaken('leaves its card running', (port) => port, { stop: () => {} }),
  },
  {
    scenario: 'a card whose link is down for a while',
    by: /did not come out at the wire$/,
    machine: GQI,
    model: mistaken('gives up when its link fails', (port) => port, givesUp()),
  },
  {
    scenario: 'packets that miss, and are sent later',
    machine: DQO,
    model: mistaken(
      'takes a packet that missed for one that was sent',
      loading((value, width) => (width === 2 && (value & TYPE) === MISSED ? (value & ~TYPE) | DONE : value)),
    ),
  },
  {
    scenario: 'segments that a card joins, and headers that it splits off',
    by: /what TCP carries/,
    machine: DQO,
    model: mistaken(
      'takes each buffer for a packet',
      reading(dqo_rx_completion.size, (bytes) => {
        if (bytes[0] === 1) bytes[dqo_rx_completion.offset.status]! |= DQO_RX_STATUS.mask.END_OF_PACKET;
      }),
    ),
  },
  {
    scenario: 'a card that takes 199 ms for a command',
    machine: GQI,
    model: mistaken('waits 100 ms for a command', (port) =>
      behind(port, { wait: (until, limit) => port.wait(until, Math.min(limit, 100_000_000)) }),
    ),
  },
  {
    scenario: 'so many frames that the rings of a card go round several times',
    machine: DQO,
    model: mistaken('expects the same generation in each lap', forgetsLaps),
  },
]);
