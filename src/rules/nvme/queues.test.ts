import { expect, test } from 'vitest';
import { ADMIN, sqe } from '../../nvme/registers/commands.ts';
import { give, type NvmeScript, SUBMISSIONS, saidOf } from './script-rig.proof.ts';

const ENTRIES = 8;
/** Where another queue is. */
const DATA = 0x8000;

/** Admin commands in one doorbell. */
function giveAtOnce(script: NvmeScript, ...commands: readonly Parameters<typeof give>[1][]): void {
  const { bytes } = script.memory.ranges[0]!;
  for (const [cid, fields] of commands.entries())
    sqe.encode({ ...fields, cid }, bytes, SUBMISSIONS + cid * sqe.size);
  script.events.submissionRung(0, commands.length, ENTRIES, 0, 0);
  for (const [cid, fields] of commands.entries()) {
    give(script, { ...fields, cid });
    if (fields.opcode === ADMIN.CREATE_CQ) script.events.queueMade(false, 2, DATA, ENTRIES);
    if (fields.opcode === ADMIN.DELETE_SQ) script.events.queueGone(true, 1);
  }
}

test('a queue that is created by the doorbell of the queue that it names is told', () => {
  const place = { cdw10: 0x7_0002, cdw11: 0x2_0001, prp1: BigInt(DATA) };
  const said = saidOf((script) =>
    giveAtOnce(
      script,
      { opcode: ADMIN.CREATE_CQ, ...place, cdw11: 1 },
      { opcode: ADMIN.CREATE_SQ, ...place },
    ),
  );

  expect(said).toEqual([
    'nvme/SQ-CQ: submission queue 2 names completion queue 2, which was not there yet when the command was given',
  ]);
});

test('a queue that is deleted by the doorbell of the queue that completes there is told', () => {
  const said = saidOf((script) =>
    giveAtOnce(script, { opcode: ADMIN.DELETE_SQ, cdw10: 1 }, { opcode: ADMIN.DELETE_CQ, cdw10: 1 }),
  );

  expect(said).toEqual([
    'nvme/CQ-DELETE: completion queue 1 still had a submission queue when its deletion was given',
  ]);
});
