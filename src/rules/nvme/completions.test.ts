import { expect, test } from 'vitest';
import { AccessTrail } from '../../core/access.ts';
import { Journal } from '../../core/journal.ts';
import * as reg from '../../nvme/registers/bar0.ts';
import { ADMIN, cqe, NVM, STATUS } from '../../nvme/registers/commands.ts';
import { suspectedIn } from '../suspected.ts';
import { COMPLETIONS, give, makeWatch, type NvmeScript, prepared, SUBMISSIONS } from './script-rig.proof.ts';

const READY = 1;
const ENTRIES = 8;
const SECOND = 1_000_000_000;

/** What a driver with a pair of I/O queues is suspected of, that stops a while after it took `taken` of these phases. */
function suspected(
  phases: readonly number[],
  taken: number,
  pause: number,
  does: (script: NvmeScript) => void = () => {},
): string | null {
  const clock = { now: 0 };
  const journal = new Journal(clock, new AccessTrail(clock));
  const script = makeWatch(journal);
  prepared(script);
  const bytes = script.memory.slice(COMPLETIONS + reg.PAGE, ENTRIES * cqe.size)!;
  for (const [i, phase] of phases.entries()) bytes[i * cqe.size + cqe.offset.status] = phase;
  clock.now = 1;
  journal.trail.ring({ name: '', describe: () => '' }, 0, 0, 4, 0);
  script.events.doorbellWritten(0x1008, 4, 1, READY, true);
  for (let i = 0; i < taken; i++) script.events.completionRung(1, (i + 1) % ENTRIES, ENTRIES, i, i + 1);
  does(script);
  clock.now += pause;
  return suspectedIn(journal);
}

const LAP = [1, 1, 1, 1, 1, 1, 1, 1];

test.each([
  [
    'an entry of the first lap',
    [1, 1, 1, 0, 0, 0, 0, 0],
    2,
    'entry 2 of completion queue 1 was not taken, which has phase 1; 1 wait there',
  ],
  [
    'one behind the wrap',
    [0, 0, 1, 1, 1, 1, 1, 1],
    8,
    'entry 0 of completion queue 1 was not taken, which has phase 0; 2 wait there',
  ],
  [
    'all of a full queue',
    LAP,
    0,
    'entry 0 of completion queue 1 was not taken, which has phase 1; 7 wait there',
  ],
])('a driver that stops and left %s is suspected of it', (_what, phases, taken, said) => {
  expect(suspected(phases, taken, SECOND)).toBe(`nvme/CQ-HEAD: nvme0: ${said}`);
});

test('and of what keeps the interrupt back', () => {
  expect(suspected([1], 0, SECOND, (script) => (script.heldBack = 'INTMS masks its interrupts'))).toMatch(
    /1 wait there: INTMS masks its interrupts$/,
  );
});

test('a driver whose last command was refused is suspected of that', () => {
  const refused = (script: NvmeScript) => {
    give(script, { opcode: ADMIN.GET_LOG_PAGE, cid: 7 });
    script.events.answered(0, 7, STATUS.INVALID_LOG_PAGE, 0);
  };

  expect(suspected([], 0, 1, refused)).toBe(
    'nvme0: opcode 02, command 7 of queue 0, was answered with status 109, invalid log page',
  );
});

test('a driver that stops with a command behind the doorbell is suspected of it, though it reset the controller', () => {
  const said = suspected([], 0, 1, ({ memory, events }) => {
    memory.ranges[0]!.bytes[SUBMISSIONS + reg.PAGE] = NVM.READ;
    events.stopped();
  });

  expect(said).toBe('nvme0: entry 0 of submission queue 1 was filled in, and the doorbell says 0');
});

test('a Compare that differs is no refusal', () => {
  const differs = (script: NvmeScript) => {
    give(script, { opcode: NVM.COMPARE, nsid: 1 }, 1);
    script.events.answered(1, 0, STATUS.COMPARE_FAILURE, 0);
  };

  expect(suspected([], 0, 1, differs)).toBeNull();
});

test.each([
  ['took all', LAP, 8, SECOND],
  ['stops at once', LAP, 0, 1],
])('a driver that %s is suspected of nothing', (_what, phases, taken, pause) => {
  expect(suspected(phases, taken, pause)).toBeNull();
});

/** What is said of a driver that was told of an event, and looked at it; then it does something. */
function afterEvent(does: (script: NvmeScript) => void): readonly string[] {
  const clock = { now: 0 };
  const journal = new Journal(clock, new AccessTrail(clock));
  const script = makeWatch(journal);
  prepared(script);
  give(script, { opcode: ADMIN.ASYNC_EVENT_REQUEST, cid: 9 });
  script.events.answered(0, 9, 0, 0x4_0002);
  give(script, { opcode: ADMIN.GET_LOG_PAGE, cdw10: 0x3ff_0004 });
  does(script);
  script.end();
  return journal.findings.map(({ said }) => said);
}
const READ = { opcode: NVM.READ, nsid: 1, prp1: 0x8000n };

test('a driver that works on, and asks for no other event, is told', () => {
  const said = 'an event was told, and no other request for events was sent';

  expect(afterEvent((script) => give(script, READ, 1))).toEqual([said]);
});

test.each([
  [
    'asks for another event',
    (k: NvmeScript) => {
      give(k, { opcode: ADMIN.ASYNC_EVENT_REQUEST });
      give(k, READ, 1);
    },
  ],
  ['is at its end', (k: NvmeScript) => give(k, { opcode: ADMIN.DELETE_SQ, cdw10: 1 })],
])('a driver that %s is not', (_what, does) => {
  expect(afterEvent(does)).toEqual([]);
});
