import { expect, test } from 'vitest';
import * as reg from '../../nvme/registers/bar0.ts';
import { ADMIN, NVM, sqe } from '../../nvme/registers/commands.ts';
import {
  COMPLETIONS,
  give,
  type NvmeScript,
  RUNNING,
  SUBMISSIONS,
  saidOf,
  write,
} from './script-rig.proof.ts';

const READY = 1;
/** A page of data, of which each command has a block. */
const DATA = 0x8000;
const ENTRIES = 8;
const BLOCK = 512;

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
  [
    'half of a pair that is not offered',
    (k: NvmeScript) => give(k, { opcode: NVM.COMPARE, nsid: 1, flags: 1 }, 1),
    'nvme/OPCODE: opcode 05 was sent to queue 1 with FUSE 1',
  ],
  [
    'Identify of no namespace',
    (k: NvmeScript) => give(k, { opcode: ADMIN.IDENTIFY, cdw11: 1 }),
    'nvme/NSID: opcode 06, with CNS 00, was sent to namespace 0',
  ],
  [
    'a list of namespaces beyond the last',
    (k: NvmeScript) => give(k, { opcode: ADMIN.IDENTIFY, cdw10: 2, nsid: 0xffff_ffff }),
    'nvme/NSID: opcode 06, with CNS 02, was sent to namespace 4294967295',
  ],
  [
    'an Abort in a queue that is not there',
    (k: NvmeScript) => give(k, { opcode: ADMIN.ABORT, cdw10: 0x1_0007 }),
    'nvme/QUEUE-ID: a command of submission queue 7 was to be aborted, which is not there',
  ],
  [
    'a queue in no RAM',
    (k: NvmeScript) => give(k, { opcode: ADMIN.CREATE_CQ, cdw10: 0x7_0002, cdw11: 1 }),
    'nvme/QUEUE-ALIGN: completion queue 2 is at 00000000, where 128 bytes are not all RAM',
  ],
  [
    'an entry that nothing was written to',
    (k: NvmeScript) => {
      k.events.submissionRung(1, 1, ENTRIES, 0, 0);
      give(k, {}, 1);
    },
    'nvme/SQE-WHOLE: entry 0 of submission queue 1, of 8, was submitted and holds zeros alone',
  ],
  [
    'a register that is only read',
    (k: NvmeScript) => write(k.events, reg.CAP, 1),
    'nvme/REG-RESERVED: CAP was written with 00000001',
  ],
  [
    'a shutdown of no kind',
    (k: NvmeScript) => write(k.events, reg.CC, RUNNING | 0xc000, READY),
    'nvme/REG-RESERVED: CC was written with 0046c001',
  ],
  [
    'a list in what is read',
    (script: NvmeScript) => {
      const { events } = script;
      give(script, { opcode: NVM.READ, nsid: 1, prp1: BigInt(DATA) }, 1);
      events.prp('list', DATA + 8, 8);
      events.prp('entry', DATA, reg.PAGE);
    },
    'nvme/PRP-SECOND: the list of command 0 of queue 1 lies in its data',
  ],
  [
    'an entry of a list that was left out, and nothing else,',
    ({ events }: NvmeScript) => {
      events.prp('list', 8, 8);
      events.prp('entry', 0, reg.PAGE);
    },
    'nvme/PRP-RAM: command 0 of queue 0: the entry address is 0',
  ],
  [
    'a place without a register',
    (k: NvmeScript) => k.events.registerWritten(null, 0x18, 4, 1, READY, true),
    'nvme/REG-RESERVED: 18, where no register is, was written with 00000001',
  ],
  [
    'a reset of a subsystem that there is not',
    (k: NvmeScript) => write(k.events, reg.NSSR, 0x4e56_4d65),
    'nvme/REG-RESERVED: NSSR was written with 4e564d65',
  ],
  [
    'memory of a queue that is given back before the controller has stopped',
    (k: NvmeScript) => {
      write(k.events, reg.CC, 0, READY);
      k.events.stopped();
      k.free(COMPLETIONS + reg.PAGE);
    },
    'nvme/QUEUE-MEMORY: memory of completion queue 1 was given back, and CSTS.RDY was still 1',
  ],
  [
    'a shutdown that is begun and cut off by one write',
    (k: NvmeScript) => write(k.events, reg.CC, 0x4000, READY),
    'nvme/SHUT-WAIT: CC.EN was cleared while CSTS.SHST was 0, by the write that set CC.SHN',
  ],
  [
    'an admin queue in no RAM',
    (k: NvmeScript) => {
      write(k.events, reg.CC, 0, READY);
      write(k.events, reg.ACQ_UPPER, 1);
      write(k.events, reg.CC, RUNNING);
    },
    'nvme/AQ-ALIGN: ACQ has 100020000, where 128 bytes are not all RAM, when CC.EN is set',
  ],
])('%s is told', (_what, does, said) => {
  expect(saidOf(does)).toEqual([said]);
});

/** Command 1 moves a block, and is held; then memory is used. */
const holding = (opcode: number, uses: (stores: NvmeScript['stores']) => void, ends = false) =>
  saidOf(({ events, stores, memory }) => {
    const entry = sqe.encode({ opcode, nsid: 1, cid: 1, prp1: BigInt(DATA) });
    memory.slice(SUBMISSIONS + reg.PAGE, sqe.size)!.set(entry);
    events.submissionRung(1, 1, ENTRIES, 0, 0);
    events.commanded(1, new DataView(entry.buffer));
    events.held(1, new DataView(entry.buffer));
    if (ends) events.answered(1, 1, 0, 0);
    uses(stores);
  });
const HELD = 'nvme/DATA-BUSY: command 1 of queue 1 is outstanding, and its memory at 00008004';

test.each([
  ['what is to be read', NVM.READ, 'was read before its data was there', 'load'],
  ['what is to be read', NVM.READ, 'was written to', 'store'],
  ['what is to be written', NVM.WRITE, 'was written to', 'store'],
] as const)('%s is not touched while its command is held: %s %s, by a %s', (_what, opcode, deed, how) => {
  const said = holding(opcode, (stores) =>
    how === 'load' ? stores.loaded(DATA + 4, 4, 0) : stores.stored(DATA + 4, 4, 9, 0),
  );

  expect(said).toEqual([`${HELD} ${deed}`]);
});

test('what is to be written is not touched while a controller that looks late has not taken its command', () => {
  const said = saidOf((script) => {
    script.isLate = true;
    submit(script, DATA);
    script.stores.loaded(DATA + 4, 4, 0);
  });

  expect(said).toEqual([`${HELD} was read before its data was there`]);
});

test('what is written may be read, and what was read is there once the command has ended', () => {
  expect(holding(NVM.WRITE, (stores) => stores.loaded(DATA + 4, 4, 0))).toEqual([]);
  expect(holding(NVM.READ, (stores) => stores.loaded(DATA + 4, 4, 0), true)).toEqual([]);
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

test('a second address in the page of the first is told where what is read would meet', () => {
  const twice = (first: number, length: number, opcode: number = NVM.READ) =>
    saidOf((script) => {
      const { events } = script;
      give(script, { opcode, nsid: 1, prp1: BigInt(first) }, 1);
      events.prp('first', first, reg.PAGE - (first % reg.PAGE));
      events.prp('second', DATA, length);
    });

  expect(twice(DATA, 512)).toEqual([
    'nvme/PRP-SECOND: PRP1 and PRP2 of command 0 of queue 1 name the same page',
  ]);
  expect(twice(DATA, 512, NVM.WRITE)).toEqual([]);
  expect(twice(DATA + 2048, 2048)).toEqual([]);
});

test('a tail that is written once bus mastering is off is told, and a head is not', () => {
  const said = saidOf(({ events }) => {
    events.doorbellWritten(0x100c, 4, 1, READY, false);
    events.doorbellWritten(0x1008, 4, 1, READY, false);
  });

  expect(said).toEqual(['nvme/EN-MASTER: a tail was written while bus mastering was off']);
});
