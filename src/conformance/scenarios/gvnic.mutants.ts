import type { GuestPort } from '../../core/guest-port.ts';
import { MMIO } from '../../core/places.ts';
import { type GvnicDriver, gvnic } from '../../guest/index.ts';
import { barAddress } from '../../guest/pci/bars.ts';
import { COMMAND_STATUS } from '../../gvnic/registers/admin.ts';
import { DEVICE_STATUS, GVNIC_BAR } from '../../gvnic/registers/bar0.ts';
import { device_descriptor, device_option } from '../../gvnic/registers/descriptor.ts';
import {
  DQO_COMPLETION_TYPE,
  DQO_RX_ERROR,
  DQO_RX_LENGTH,
  DQO_TX_COMPLETION,
  dqo_rx_buffer,
  dqo_rx_completion,
} from '../../gvnic/registers/dqo.ts';
import { negotiate_reply } from '../../gvnic/registers/mailbox.ts';
import type { MachineOptions } from '../../machine/options.ts';
import { attachedBehind, behind } from '../broken/behind.ts';
import type { DriverModel } from '../model/model.ts';
import type { DriverUses } from '../model/uses.ts';
import { referenceUses, useDevices } from '../reference.ts';
import { stateless } from './rig.ts';

const GQI: MachineOptions = { nics: [{ type: 'gvnic' }] };
const MAILBOX: MachineOptions = { nics: [{ type: 'gvnic', gvnic: { mailbox: true } }] };
const DQO: MachineOptions = { nics: [{ type: 'gvnic', gvnic: { formats: ['DQO_RDA'] } }] };
/** Entries of a short ring. */
const LAP = 256;
const { PACKET, MISS } = DQO_COMPLETION_TYPE;
const { TYPE } = DQO_TX_COMPLETION.mask;
const [MISSED, DONE] = [MISS << DQO_TX_COMPLETION.shift.TYPE, PACKET << DQO_TX_COMPLETION.shift.TYPE];

type Mistake = (port: GuestPort, bdf: number) => GuestPort;

const { read: _read, write: _write, flush: _flush, ...uses } = referenceUses;

function mistaken(name: string, mistake: Mistake, use: DriverUses = {}): DriverModel {
  return {
    name,
    drivers: [attachedBehind(gvnic({ interrupts: 'polled' }), mistake)],
    run: useDevices,
    use: { ...uses, ...use },
  };
}

/** What the driver reads of RAM, so many bytes at once, is other than it is. */
const reading = (length: number, change: (bytes: Uint8Array) => void) => (port: GuestPort) =>
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
const loading = (change: (value: number, width: number) => number) => (port: GuestPort) =>
  behind(port, {
    memory: {
      ...memoryOf(port),
      load: (address, width) => change(port.memory.load(address, width), width),
    },
  });

function memoryOf({ memory }: GuestPort): GuestPort['memory'] {
  return {
    load: (address, width) => memory.load(address, width),
    store: (address, value, width) => memory.store(address, value, width),
    read: (address, into) => memory.read(address, into),
    write: (address, from) => memory.write(address, from),
    fill: (address, value, length) => memory.fill(address, value, length),
    fence: () => memory.fence(),
  };
}

/** Buffers come back in the order in which it gave them. */
function takesInOrder(port: GuestPort): GuestPort {
  const given: number[] = [];
  const reads = reading(dqo_rx_completion.size, (bytes) => {
    const view = new DataView(bytes.buffer);
    const { buf_id } = dqo_rx_completion.offset;
    const isCompletion = view.getUint8(0) === 1;
    if (isCompletion) view.setUint16(buf_id, given.shift() ?? 0, true);
  })(port);
  return behind(reads, {
    // Only where it begins anew.
    allocate: (bytes, align) => {
      given.length = 0;
      return port.allocate(bytes, align);
    },
    memory: {
      ...memoryOf(reads),
      write: (address, from) => {
        if (from.length === dqo_rx_buffer.size) given.push(dqo_rx_buffer.decode(from).buf_id);
        port.memory.write(address, from);
      },
    },
  });
}

/** A completion with an error is looked at again and again. */
function waitsForErrors(port: GuestPort): GuestPort {
  return reading(dqo_rx_completion.size, (bytes) => {
    if (bytes[0] === 1 && (bytes[1]! & DQO_RX_ERROR) !== 0) for (;;) port.read(MMIO.LOCAL_APIC, 4);
  })(port);
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

/** A card that has one which is unknown has none. */
function wantsKnown(bytes: Uint8Array): void {
  const { caps } = negotiate_reply.offset;
  if (bytes.subarray(caps + 1, caps + 8).some((byte) => byte !== 0)) bytes[caps] = 0;
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

/** A device that does not know a command failed. */
function wantsVerify(port: GuestPort): GuestPort {
  const refused = COMMAND_STATUS.UNIMPLEMENTED;
  return loading((value, width) =>
    width === 4 && swapped(value) === refused ? swapped(COMMAND_STATUS.INTERNAL) : value,
  )(port);
}

function swapped(value: number): number {
  return (((value & 0xff) << 24) | ((value & 0xff00) << 8) | ((value >>> 8) & 0xff00) | (value >>> 24)) >>> 0;
}

/** Takes each option that it finds. */
function takesOptions(port: GuestPort): GuestPort {
  return behind(port, {
    memory: {
      ...memoryOf(port),
      read: (address, into) => {
        port.memory.read(address, into);
        if (isDescriptor(into)) forgetNeeds(into);
      },
    },
  });
}

function isDescriptor(bytes: Uint8Array): boolean {
  return (
    bytes.length > device_descriptor.size && device_descriptor.decode(bytes).total_length === bytes.length
  );
}

/** Of each option: behind its number and its length comes what it needs. */
function forgetNeeds(bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const { option_length, required_features_mask } = device_option.offset;
  for (let at = device_descriptor.size; at + device_option.size <= bytes.length; ) {
    view.setUint32(at + required_features_mask, 0);
    at += device_option.size + view.getUint16(at + option_length);
  }
}

export const MUTANTS = stateless([
  {
    // DPDK before August 2025.
    scenario: 'buffers that a card uses in another order than they were given',
    by: /as it came out of use\.receive|did not come/,
    machine: DQO,
    model: mistaken('takes buffers in the order in which it gave them', takesInOrder),
  },
  {
    // DPDK before August 2025.
    scenario: 'frames that a card found to be damaged',
    machine: DQO,
    model: mistaken('goes on for ever at a damaged frame', waitsForErrors),
  },
  {
    // DPDK before March 2026.
    scenario: 'a card that asks to be reset',
    by: /RESET-ASKED/,
    machine: GQI,
    model: mistaken('never looks at the status', neverAsks),
  },
  {
    // Linux before its fix.
    scenario: 'frames that have no time',
    by: /use\.stamp\(\) returned/,
    machine: DQO,
    model: mistaken(
      'gives each frame a time',
      reading(dqo_rx_completion.size, (bytes) => {
        if (bytes[0] === 1) bytes[dqo_rx_completion.offset.timestamp_valid] = 1;
      }),
    ),
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
    scenario: 'options of a card that they do not know',
    machine: GQI,
    model: mistaken('takes options that need something', takesOptions),
  },
  {
    scenario: 'a card that takes 199 ms for a command',
    machine: GQI,
    model: mistaken('waits 100 ms for a command', (port) =>
      behind(port, { wait: (until, limit) => port.wait(until, Math.min(limit, 100_000_000)) }),
    ),
  },
  {
    scenario: 'a card from before drivers said what they support',
    machine: GQI,
    model: mistaken('wants its support known', wantsVerify),
  },
  {
    scenario: 'so many frames that the rings of a card go round several times',
    machine: DQO,
    model: mistaken('expects the same generation in each lap', forgetsLaps),
  },
  {
    scenario: 'events and capabilities of a mailbox that they do not know',
    machine: MAILBOX,
    model: mistaken('wants to know each capability', reading(negotiate_reply.size, wantsKnown)),
  },
]);
