import { expect, test } from 'vitest';
import { AccessTrail } from '../../core/access.ts';
import { Journal } from '../../core/journal.ts';
import type { GvnicEvents } from '../../gvnic/events.ts';
import * as reg from '../../gvnic/registers/bar0.ts';
import { makeWatch } from './script-rig.proof.ts';

/** What is said of a driver, by what its device hears. */
function saidOf(does: (events: GvnicEvents) => void): readonly string[] {
  const clock = { now: 0 };
  const journal = new Journal(clock, new AccessTrail(clock));
  does(makeWatch(journal));
  return journal.findings.map(({ clause, said }) => `${clause}: ${said}`);
}

test.each<[string, (events: GvnicEvents) => void, string]>([
  [
    'an address of commands that is given without bus mastering',
    (events) => {
      const { offset } = reg.ADMINQ_BASE_ADDRESS_LO;
      events.registerWritten(reg.ADMINQ_BASE_ADDRESS_LO as never, offset, 4, 0x1000, false);
    },
    'gvnic/REG-MASTER: adminq_base_address_lo was written while bus mastering was off',
  ],
  [
    'descriptors that are given without bus mastering',
    (events) => {
      events.doorbellWritten(0x400, 4, true, false);
      events.transmitRung(0, 1, 256, 1);
    },
    'gvnic/REG-MASTER: the doorbell of a transmit queue was written while bus mastering was off',
  ],
  [
    'buffers that are given without bus mastering',
    (events) => {
      events.doorbellWritten(0x800, 4, true, false);
      events.buffersRung(0, 8, 8, 256);
    },
    'gvnic/REG-MASTER: the doorbell of a receive queue was written while bus mastering was off',
  ],
  [
    'a count of descriptors that falls back',
    (events) => events.transmitRung(0, 3, 256, -2),
    'gvnic/TX-COUNT: the doorbell of transmit queue 0 fell back by 2',
  ],
  [
    'a count of buffers that falls back',
    (events) => events.receiveRung(0, 512, 1024, -512),
    'gvnic/RX-COUNT: the doorbell of receive queue 0 fell back by 512',
  ],
  [
    'a tail that passes what the device has yet to take, or falls back behind it',
    (events) => events.tailRung(0, 3, 256, 254, true, 259),
    'gvnic/DQO-TAIL: the tail of transmit queue 0 is 3, by which 259 descriptors are outstanding, of 256 slots',
  ],
])('%s is named', (_what, does, said) => {
  expect(saidOf(does)).toEqual([said]);
});
