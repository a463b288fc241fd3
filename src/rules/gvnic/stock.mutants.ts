import { changeDoorbells } from '../../conformance/broken/behind-gvnic.ts';
import type { BrokenDriver } from '../../conformance/broken/broken-driver.ts';
import { breakingGvnic } from '../../conformance/broken/broken-gvnic.ts';
import { FRAME } from '../../conformance/reference.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import type { GvnicDriver } from '../../guest/index.ts';
import type { Machine } from '../../machine/machine.ts';
import { PATIENCE } from './stock.ts';

/** The first index of the doorbells of receive queues. */
const RECEIVE = 0x200;
/** More than a ring has. */
const FRAMES = 1100;
const POLLS = 20;
const EACH = PATIENCE / 10;

/** The doorbell of a receive queue is written so often, and no more. */
const ringing = (most: number) => (port: GuestPort, bdf: number) => {
  let count = 0;
  return changeDoorbells(port, bdf, RECEIVE, (write, address, value) => {
    if (count++ < most) write(address, value, 4);
  });
};

/** Takes all frames, and looks for more. */
export const takes = (nic: GvnicDriver) => {
  for (let i = 0; i < FRAMES; i++) nic.receive();
  for (let i = 0; i < POLLS; i++) nic.receiveWithin(EACH);
};

/** More frames come than the card has buffers. */
export const framesCome = (driver: BrokenDriver): BrokenDriver => ({
  ...driver,
  act: (machine: Machine, use) => {
    for (let i = 0; i < 2; i++) {
      use();
      for (let j = 0; j < FRAMES; j++) machine.nics[0]!.receive(FRAME);
    }
    use();
  },
});

/** Receive queues that are left without buffers. */
export const MUTANTS: readonly BrokenDriver[] = [
  framesCome(
    breakingGvnic('GQI_QPL', takes)(
      'fills its receive queue and does not say so',
      'gvnic/RX-STOCK',
      ringing(0),
    ),
  ),
  framesCome(breakingGvnic('DQO_RDA', takes)('never gives a buffer back', 'gvnic/RX-STOCK', ringing(1))),
];
