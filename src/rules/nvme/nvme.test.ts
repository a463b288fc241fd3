import { expect, test } from 'vitest';
import { AccessTrail } from '../../core/access.ts';
import { Journal } from '../../core/journal.ts';
import * as reg from '../../nvme/registers/bar0.ts';
import { ADMIN, cqe, NVM, sqe } from '../../nvme/registers/commands.ts';
import { suspectedIn } from '../suspected.ts';
import { COMPLETIONS, give, makeWatch, type NvmeScript, prepared, SUBMISSIONS } from './script-rig.proof.ts';

const READY = 1;
/** A page of data, of which each command has a block. */
const DATA = 0x8000;
const ENTRIES = 8;
const BLOCK = 512;

/** What is said of a driver with a pair of I/O queues, by what it does. */
function saidOf(does: (script: NvmeScript) => void): readonly string[] {
  const clock = { now: 0 };
  const journal = new Journal(clock, new AccessTrail(clock));
  const script = makeWatch(journal);
  prepared(script);
  does(script);
  return journal.findings.map(({ clause, said }) => `${clause}: ${said}`);
}

/** Commands 1, 2 and so on read a block each to these addresses; none is fetched yet. */
function submit({ events, memory }: NvmeScript, ...places: readonly number[]): void {
  const { bytes } = memory.ranges[0]!;
  for (const [i, place] of places.entries()) {
    const slot = i % ENTRIES;
    const fields = { opcode: NVM.READ, nsid: 1, cid: i + 1, prp1: BigInt(place) };
    sqe.encode(fields, bytes, SUBMISSIONS + reg.PAGE + slot * sqe.size);
    events.submissionRung(1, (slot + 1) % ENTRIES, ENTRIES, slot, slot);
  }
}

test('memory that is given back before its command is fetched is used again', () => {
  const said = saidOf((script) => {
    submit(script, DATA);
    script.free(DATA);
  });

  expect(said).toEqual([
    'nvme/DATA-BUSY: command 1 of queue 1 is outstanding, and its memory at 00008000 was used again',
  ]);
});

test('memory of one command in two of the same doorbell is used again', () => {
  expect(saidOf((script) => submit(script, DATA, DATA))).toEqual([
    'nvme/DATA-BUSY: command 1 of queue 1 is outstanding, and its memory at 00008000 was used again',
  ]);
});

test('a command that changes behind its doorbell has the memory that it names then', () => {
  const said = saidOf((script) => {
    submit(script, DATA);
    const entry = sqe.encode({ opcode: NVM.READ, nsid: 1, cid: 2, prp1: BigInt(DATA + reg.PAGE) });
    script.events.commanded(1, new DataView(entry.buffer));
    script.free(DATA);
  });

  expect(said).toEqual(['nvme/SQE-WHOLE: byte 2 of command 2 of queue 1 changed behind its doorbell']);
});

/** A command of slot 0 is submitted, and fetched at once; then `late` is stored into a slot. */
const storing =
  (slot: number, late: Partial<{ byte: number; looks: boolean; bulk: boolean }>) => (script: NvmeScript) => {
    const { stores, memory } = script;
    const at = SUBMISSIONS + reg.PAGE + slot * sqe.size + (late.byte ?? 0);
    submit(script, DATA);
    script.events.commanded(1, new DataView(memory.slice(SUBMISSIONS + reg.PAGE, sqe.size)!.slice().buffer));
    script.events.answered(1, 1, 0, 0);
    if (late.looks) stores.loaded(COMPLETIONS + reg.PAGE + 12, 4, 0);
    if (late.bulk) stores.writing(at, Uint8Array.of(9, 9));
    else stores.stored(at, 4, 9, 0);
  };
const LATE = 'changed behind its doorbell';

test.each([
  ['a word of a command', { byte: 24 }, `nvme/SQE-WHOLE: byte 24 of command 1 of queue 1 ${LATE}`],
  ['some bytes of one', { byte: 40, bulk: true }, `nvme/SQE-WHOLE: byte 40 of command 1 of queue 1 ${LATE}`],
])('%s that is stored behind the doorbell is told, though the controller was faster', (_what, late, said) => {
  expect(saidOf(storing(0, late))).toEqual([said]);
});

test.each([
  ['the next entry', 1, {}],
  ['the same, once completions were looked for', 0, { looks: true }],
])('%s may be stored then', (_what, slot, late) => {
  expect(saidOf(storing(slot, late))).toEqual([]);
});

test('a list of addresses that is given back before its command is completed is used again', () => {
  const [list, pages] = [DATA, [0x9000, 0xa000, 0xb000]];
  const said = saidOf((script) => {
    const { memory, events } = script;
    const [first, ...rest] = pages;
    for (const [i, page] of rest.entries()) memory.find(list, 16)!.view.setUint32(list + i * 8, page, true);
    const fields = { opcode: NVM.WRITE, nsid: 1, prp1: BigInt(first!), prp2: BigInt(list), cdw12: 23 };
    const entry = sqe.encode(fields, memory.slice(SUBMISSIONS + reg.PAGE, sqe.size)!);
    events.submissionRung(1, 1, ENTRIES, 0, 0);
    events.commanded(1, new DataView(entry.slice().buffer));
    script.free(list);
  });

  expect(said).toEqual([
    'nvme/DATA-BUSY: command 0 of queue 1 is outstanding, and its memory at 00008000 was used again',
  ]);
});

test.each([
  [
    'a queue that is there already',
    (k: NvmeScript) => k.events.queueMade(true, 2, COMPLETIONS + reg.PAGE, 8),
    'nvme/QUEUE-MEMORY: memory of completion queue 1 was given to submission queue 2',
  ],
  [
    'the deletion of a queue that is not there',
    (k: NvmeScript) => give(k, { opcode: ADMIN.DELETE_SQ, cdw10: 2 }),
    'nvme/QUEUE-ID: submission queue 2 was to be deleted, which is not there',
  ],
  [
    'that of the admin queue',
    (k: NvmeScript) => give(k, { opcode: ADMIN.DELETE_CQ, cdw10: 0 }),
    'nvme/QUEUE-ID: completion queue 0 was to be deleted, which is for admin commands',
  ],
  [
    'an admin command in an I/O queue, and nothing else,',
    (k: NvmeScript) => give(k, { opcode: ADMIN.IDENTIFY, cdw10: 1 }, 1),
    'nvme/OPCODE: opcode 06 was sent to queue 1',
  ],
])('%s is told', (_what, does, said) => {
  expect(saidOf(does)).toEqual([said]);
});

test('commands may have a block of one page each', () => {
  const blocks = Array.from({ length: ENTRIES }, (_, i) => DATA + i * BLOCK);

  expect(saidOf((script) => submit(script, ...blocks))).toEqual([]);
});

test('an address that was left out is told by what it is for', () => {
  expect(saidOf(({ events }) => events.prp('second', 0, 512))).toEqual([
    'nvme/PRP-RAM: command 0 of queue 0: the second address is 0',
  ]);
});

test('a tail that is written once bus mastering is off is told, and a head is not', () => {
  const said = saidOf(({ events }) => {
    events.doorbellWritten(0x100c, 4, 1, READY, false);
    events.doorbellWritten(0x1008, 4, 1, READY, false);
  });

  expect(said).toEqual(['nvme/EN-MASTER: a tail was written while bus mastering was off']);
});

const SECOND = 1_000_000_000;

/** What a driver with a pair of I/O queues is suspected of, that stops a while after it took `taken` of these phases. */
function suspected(phases: readonly number[], taken: number, pause: number): string | null {
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

test.each([
  ['took all', LAP, 8, SECOND],
  ['stops at once', LAP, 0, 1],
])('a driver that %s is suspected of nothing', (_what, phases, taken, pause) => {
  expect(suspected(phases, taken, pause)).toBeNull();
});
