import type { GuestPort } from '../../core/guest-port.ts';
import { MMIO } from '../../core/places.ts';
import { COMMAND_STATUS } from '../../gvnic/registers/admin.ts';
import { device_descriptor, device_option } from '../../gvnic/registers/descriptor.ts';
import { DQO_RX_ERROR, dqo_rx_buffer, dqo_rx_completion } from '../../gvnic/registers/dqo.ts';
import { negotiate_reply } from '../../gvnic/registers/mailbox.ts';
import { behind } from '../broken/behind.ts';
import { DQO, GQI, loading, MAILBOX, memoryOf, mistaken, reading, swapped } from './gvnic.mutants.ts';
import { stateless } from './rig.ts';

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

/** A card that has one which is unknown has none. */
function wantsKnown(bytes: Uint8Array): void {
  const { caps } = negotiate_reply.offset;
  if (bytes.subarray(caps + 1, caps + 8).some((byte) => byte !== 0)) bytes[caps] = 0;
}

/** A device that does not know a command failed. */
function wantsVerify(port: GuestPort): GuestPort {
  const refused = COMMAND_STATUS.UNIMPLEMENTED;
  return loading((value, width) =>
    width === 4 && swapped(value) === refused ? swapped(COMMAND_STATUS.INTERNAL) : value,
  )(port);
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
    scenario: 'options of a card that they do not know',
    machine: GQI,
    model: mistaken('takes options that need something', takesOptions),
  },
  {
    scenario: 'a card from before drivers said what they support',
    machine: GQI,
    model: mistaken('wants its support known', wantsVerify),
  },
  {
    scenario: 'events and capabilities of a mailbox that they do not know',
    machine: MAILBOX,
    model: mistaken('wants to know each capability', reading(negotiate_reply.size, wantsKnown)),
  },
]);
