import type { GuestPort } from '../../core/guest-port.ts';
import { COM_PORTS } from '../../core/places.ts';
import { type NicDriver, UartDriver, virtioNet } from '../../guest/index.ts';
import { BROKEN_DRIVERS } from '../../rules/all.mutants.ts';
import { IER, IIR, RBR } from '../../serial/registers.ts';
import { LEGACY_QUEUE_ALIGN, legacyQueueLayout, QUEUE_NOTIFY } from '../../virtio/registers.ts';
import { behind, headerAddress } from '../broken/behind.ts';
import { entriesOf } from '../broken/rewrite-rings.ts';
import type { DriverModel } from '../model/model.ts';
import { driverBehind, stateless } from './rig.ts';

/** Virtual nanoseconds that a driver waits for a frame to be taken: longer than the delays of other scenarios. */
const [SHORT, SHORTER] = [4_000_000, 1_000_000];
const FRAMES = 12;
const [COM1] = COM_PORTS;
/** Received data is available, and it has waited for long. */
const DATA = [2, 6];

/** Sixty bytes, broadcast, with a mark that no frame of the suite has. */
const FRAME = Uint8Array.from({ length: 60 }, (_, i) =>
  i < 6 ? 0xff : i === 12 ? 0x88 : i === 13 ? 0xb5 : 0xa7,
);
const isMine = (frame: Uint8Array) => frame[20] === 0xa7;

/** Gives up when a frame is not taken soon. */
function impatient(interrupts: 'polled' | 'intx', patience: number): DriverModel {
  return driverBehind(
    `waits for ${patience} ns`,
    virtioNet({ interrupts }),
    (port) => port,
    (nic, port) => {
      const begin = port.now();
      nic.send(FRAME);
      if (port.now() - begin > patience) throw new Error('the card is dead');
    },
  );
}

/**
 * Kicks no queue with a non-zero avail_event, though EVENT_IDX was not negotiated: its rings lie where they are
 * allocated.
 */
function heedsEvents(port: GuestPort, bdf: number): GuestPort {
  const notify = headerAddress(port, bdf) + QUEUE_NOTIFY.offset;
  const events: number[] = [];
  return behind(port, {
    allocate: (bytes, align) => {
      const at = port.allocate(bytes, align);
      const size = align === LEGACY_QUEUE_ALIGN ? entriesOf(bytes) : undefined;
      if (size !== undefined) events.push(at + legacyQueueLayout(size).used + 4 + 8 * size);
      return at;
    },
    out: (at, value, width) => {
      if (at !== notify || port.memory.load(events[value]!, 2) === 0) port.out(at, value, width);
    },
  });
}

/** Sends, and counts the frames that a wire sends back. */
function counts(nic: NicDriver): void {
  let came = 0;
  for (let i = 0; i < FRAMES; i++) nic.send(FRAME);
  for (let frame = nic.receiveWithin(SHORTER); frame !== null; frame = nic.receiveWithin(SHORTER))
    if (isMine(frame)) came++;
  if (came > 0 && came < FRAMES) throw new Error(`${came} of ${FRAMES} frames came back`);
}

/** Reads what IIR says is there, and looks at no error. */
const believes: DriverModel = {
  name: 'takes each character for good',
  drivers: [],
  run: (port) => {
    new UartDriver(port, COM1).open();
    port.out(COM1 + IER.offset, IER.mask.ERBFI, 1);
    while (port.wait(() => DATA.includes(IIR.decode(port.in(COM1 + IIR.offset, 1)).ID), SHORT))
      port.in(COM1 + RBR.offset, 1);
  },
};

export const MUTANTS = stateless([
  { scenario: 'interrupts that come late', model: impatient('intx', SHORT) },
  {
    scenario: 'devices that notice kicks late',
    also: ['devices that notice kicks late, and ask not to be kicked meanwhile'],
    model: impatient('polled', SHORTER),
  },
  {
    scenario: 'devices that notice kicks late, and ask not to be kicked meanwhile',
    model: BROKEN_DRIVERS.find(({ clause }) => clause === 'virtio/VQ-AVSUP-D3')!.model,
  },
  {
    scenario: 'rings that say elsewhere that no kick is needed',
    model: driverBehind(
      'heeds avail_event without EVENT_IDX',
      virtioNet({ interrupts: 'polled' }),
      heedsEvents,
      (nic) => nic.send(FRAME),
    ),
  },
  {
    scenario: 'a link that flaps while frames are under way',
    model: driverBehind('thinks that no frame is lost', virtioNet(), (port) => port, counts),
  },
  {
    scenario: 'a balloon that is filled and emptied, and an entropy device',
    model: BROKEN_DRIVERS.find(({ clause }) => clause === 'virtio/RNG-OP-D1')!.model,
  },
  { scenario: 'serial lines with noise, and modems that hang up', model: believes },
]);
