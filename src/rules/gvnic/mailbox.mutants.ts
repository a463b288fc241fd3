import { behind, behindMemory } from '../../conformance/broken/behind.ts';
import { changeBytes } from '../../conformance/broken/behind-gvnic.ts';
import { type BrokenDriver, breaking } from '../../conformance/broken/broken-driver.ts';
import { FRAME } from '../../conformance/reference.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import type { Register } from '../../core/register.ts';
import { type GvnicDriver, gvnic } from '../../guest/index.ts';
import { barAddress } from '../../guest/pci/bars.ts';
import { GVNIC_BAR } from '../../gvnic/registers/bar0.ts';
import * as reg from '../../gvnic/registers/mailbox.ts';
import { gceN1 } from '../../machine/gce-n1.ts';

const { MAILBOX_OPCODE: OPCODE, mailbox_desc: desc } = reg;
const { DD, BUF } = reg.MAILBOX_FLAGS.mask;
/** Slots of the good driver's rings; and one request more than are to be outstanding. */
const [SLOTS, MANY] = [64, 49];
const [COUNT, COOKIES] = [1 << 6, 0xffff];

const onMailbox = (use: (nic: GvnicDriver) => void) =>
  breaking(gvnic({ interrupts: 'polled' }), use, () =>
    gceN1({ nics: [{ type: 'gvnic', gvnic: { mailbox: true, offer: ['NIC_TIMESTAMP'] } }] }),
  );
const broken = onMailbox((nic) => nic.post(FRAME));
const asksTime = onMailbox((nic) => nic.time());

const isRequest = (slot: Uint8Array) => desc.decode(slot).destination === reg.MAILBOX_DESTINATION;
const baseOf = (port: GuestPort, bdf: number) => barAddress(port, bdf, GVNIC_BAR.registers)?.address ?? 0;
const placeOf = (port: GuestPort, bdf: number, { offset }: Pick<Register, 'offset'>, from = reg.MAILBOX_AT) =>
  baseOf(port, bdf) + from + offset;

/** The slot of each request goes through `change`. */
const changeRequest = (port: GuestPort, change: (slot: DataView) => void) =>
  changeBytes(port, desc.size, (slot) => {
    if (isRequest(slot)) change(new DataView(slot.buffer));
  });

/** Writes of words of BAR0, from one offset up to another, that `isDropped` says are not made. */
const drops =
  (from: number, to: number, isDropped: (value: number) => boolean) => (port: GuestPort, bdf: number) => {
    const base = baseOf(port, bdf);
    return behind(port, {
      write: (address, value, width) => {
        const offset = address - base;
        if (offset < from || offset >= to || !isDropped(value)) port.write(address, value, width);
      },
    });
  };

/** The address is written behind the length. */
function enablesEarly(port: GuestPort, bdf: number): GuestPort {
  const [low, length] = [placeOf(port, bdf, reg.TX_BASE_LOW), placeOf(port, bdf, reg.TX_LENGTH)];
  let base = 0;
  return behind(port, {
    write: (address, value, width) => {
      if (address === low) base = value;
      else port.write(address, value, width);
      if (address === length) port.write(low, base, width);
    },
  });
}

/** Buffers are stored once the device has looked at the first request. */
function givesLate(port: GuestPort, bdf: number): GuestPort {
  const tail = placeOf(port, bdf, reg.TX_TAIL);
  const late: (() => void)[] = [];
  let isLate = true;
  const memory = behindMemory(port.memory, (address, value, width) =>
    port.memory.store(address, value, width),
  );
  return behind(port, {
    memory: {
      ...memory,
      write: (address, from) => {
        const bytes = from.slice();
        const isBuffer = bytes.length === desc.size && desc.decode(bytes).length === reg.MAILBOX_BUFFER;
        if (isLate && isBuffer && desc.decode(bytes).flags === BUF)
          late.push(() => port.memory.write(address, bytes));
        else port.memory.write(address, bytes);
      },
    },
    write: (address, value, width) => {
      port.write(address, value, width);
      if (address !== tail || value === 0 || !isLate) return;
      isLate = false;
      for (const give of late) give();
      port.write(placeOf(port, bdf, reg.RX_TAIL), SLOTS - 1, 4);
    },
  });
}

/** The request for the clock is posted so many times; cookies are `step` apart. */
const repeats = (times: number, step: number) => (port: GuestPort, bdf: number) => {
  const tail = placeOf(port, bdf, reg.TX_TAIL);
  let last = { at: 0, slot: new Uint8Array(desc.size) };
  return behind(port, {
    memory: {
      ...behindMemory(port.memory, (address, value, width) => port.memory.store(address, value, width)),
      write: (address, from) => {
        if (from.length === desc.size && isRequest(from)) last = { at: address, slot: from.slice() };
        port.memory.write(address, from);
      },
    },
    write: (address, value, width) => {
      const { opcode, cookie } = desc.decode(last.slot);
      if (address !== tail || opcode !== OPCODE.GET_INFO_NIC_TSTAMP_REG)
        return port.write(address, value, width);
      const ring = last.at - ((value + SLOTS - 1) % SLOTS) * desc.size;
      for (let i = 1; i < times; i++) {
        const slot = last.slot.slice();
        new DataView(slot.buffer).setUint16(desc.offset.cookie, (cookie + i * step) & COOKIES, true);
        port.memory.write(ring + ((value - 1 + i) % SLOTS) * desc.size, slot);
      }
      port.write(address, (value - 1 + times) % SLOTS, width);
    },
  });
};

const OTHER: Readonly<Record<number, number>> = {
  [OPCODE.ENABLE_RX_QUEUES]: OPCODE.ENABLE_TX_QUEUES,
  [OPCODE.ENABLE_TX_QUEUES]: OPCODE.ENABLE_RX_QUEUES,
};
const exchanges = (slot: DataView) => {
  const opcode = slot.getUint32(desc.offset.opcode, true);
  slot.setUint32(desc.offset.opcode, OTHER[opcode] ?? opcode, true);
};

/** It enables transmit queues, then receive queues, and takes each answer for the other's. */
function enablesLast(port: GuestPort): GuestPort {
  const writing = changeRequest(port, exchanges);
  return behind(writing, {
    memory: {
      ...behindMemory(writing.memory, (address, value, width) => port.memory.store(address, value, width)),
      read: (address, into) => {
        port.memory.read(address, into);
        if (into.length === desc.size && (into[0]! & DD) !== 0) exchanges(new DataView(into.buffer));
      },
    },
  });
}

const CONTROL = reg.MAILBOX_RESET_AT + reg.RESET_CONTROL.offset;

export const MUTANTS: readonly BrokenDriver[] = [
  broken(
    'sets up a mailbox that was not reset',
    'gvnic/MBX-RESET',
    drops(CONTROL, CONTROL + 4, () => true),
  ),
  broken('enables a ring of requests before it has a place', 'gvnic/MBX-RING', enablesEarly),
  broken('posts a request before there is a buffer', 'gvnic/MBX-BUFFERS', givesLate),
  broken('leaves DD in a slot', 'gvnic/MBX-SLOT', (port) =>
    changeRequest(port, (slot) => slot.setUint16(0, slot.getUint16(0, true) | DD, true)),
  ),
  broken('posts requests to nowhere', 'gvnic/MBX-REQUEST', (port) =>
    changeRequest(port, (slot) => slot.setUint16(desc.offset.destination, 0, true)),
  ),
  asksTime('posts a request twice', 'gvnic/MBX-COOKIE', repeats(2, 0)),
  asksTime('posts 49 requests at once', 'gvnic/MBX-MOST', repeats(MANY, COUNT)),
  broken('enables transmit queues first', 'gvnic/MBX-FIRST', enablesLast),
  broken(
    'writes no doorbell before a queue is enabled',
    'gvnic/MBX-TAIL',
    drops(0, reg.MAILBOX_AT, (value) => value === 0),
  ),
];
