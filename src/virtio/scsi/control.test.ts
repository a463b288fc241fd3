import { describe, expect, test } from 'vitest';
import { hex } from '../../core/bytes-rig.ts';
import { MemoryMedium } from '../../media/memory.ts';
import { ANY_LAYOUT, CONTROL, REQUEST, ScsiRig, TEST_UNIT_READY, text } from './scsi-rig.ts';

const ABORT_TASK = 0;
const ABORT_TASK_SET = 1;
const CLEAR_ACA = 2;
const CLEAR_TASK_SET = 3;
const I_T_NEXUS_RESET = 4;
const LOGICAL_UNIT_RESET = 5;
const QUERY_TASK = 6;
const QUERY_TASK_SET = 7;

const OK = 0;
const ABORTED = 2;
const RESET = 4;
const SUCCEEDED = 10;
const LATENCY = 50_000;
const PENDING = 0xdb;
const DISK = '01 01 40 00';
const OTHER_LUN = '01 01 40 03';
const OTHER_TARGET = '01 02 40 00';

/** Disks at target 1, LUN 0 and 3, and at target 2; requests 10 and 11 to the first, 12 and 13 to the others. */
function setUp() {
  const rig = new ScsiRig({ latency: LATENCY, max_lun: 3 }).start(ANY_LAYOUT);
  rig.device.addDisk(1, 3, new MemoryMedium(512));
  rig.device.addDisk(2, 0, new MemoryMedium(512));
  for (const { units } of rig.device.targets.values())
    for (const unit of units.values()) while (unit.takeAttention() !== null);
  const heads = [DISK, DISK, OTHER_LUN, OTHER_TARGET].map((lun, i) =>
    rig.put({ cdb: TEST_UNIT_READY, lun, id: BigInt(10 + i) }),
  );
  rig.kick(REQUEST);
  const responses = () => heads.map((head) => rig.guests[REQUEST]!.buffer(head, 1)[11]);
  return { rig, responses };
}

describe('task management', () => {
  test.each([
    ['ABORT_TASK ends the one task', ABORT_TASK, [PENDING, ABORTED, PENDING, PENDING]],
    ['ABORT_TASK_SET ends those of the unit', ABORT_TASK_SET, [ABORTED, ABORTED, PENDING, PENDING]],
    ['CLEAR_TASK_SET ends those of the unit', CLEAR_TASK_SET, [ABORTED, ABORTED, PENDING, PENDING]],
    ['LOGICAL_UNIT_RESET ends those of the unit', LOGICAL_UNIT_RESET, [RESET, RESET, PENDING, PENDING]],
    ['I_T_NEXUS_RESET ends those of the target', I_T_NEXUS_RESET, [RESET, RESET, RESET, PENDING]],
  ])('%s, at once, and the others continue', (_what, subtype, at) => {
    const { rig, responses } = setUp();
    const response = rig.manage(subtype, DISK, 11n);
    const then = responses();
    rig.clock.advance(LATENCY);
    expect([response, then, responses(), rig.said]).toEqual([
      OK,
      at,
      at.map((one) => (one === PENDING ? 0 : one)),
      [],
    ]);
  });

  test('is done before it is answered: the aborted request is used first', () => {
    const { rig } = setUp();
    const order: string[] = [];
    rig.links[3]!.onChange = () =>
      order.push(`${rig.guests[REQUEST]!.usedIdx} used, ${rig.guests[CONTROL]!.usedIdx} answered`);
    rig.manage(ABORT_TASK, DISK, 10n);
    expect(order).toEqual(['1 used, 0 answered']);
  });

  test.each([
    ['LOGICAL_UNIT_RESET', LOGICAL_UNIT_RESET, ['6/29/0', '', '']],
    ['I_T_NEXUS_RESET', I_T_NEXUS_RESET, ['6/29/0', '6/29/0', '']],
  ])('%s leaves a unit attention on each unit that it reset', (_what, subtype, senses) => {
    const { rig } = setUp();
    rig.manage(subtype);
    rig.clock.advance(LATENCY);
    const heads = [DISK, OTHER_LUN, OTHER_TARGET].map((lun) => rig.put({ cdb: TEST_UNIT_READY, lun }));
    rig.kick(REQUEST);
    rig.clock.advance(LATENCY);
    expect(heads.map((head) => rig.answer(head).sense)).toEqual(senses);
  });

  test.each([
    ['QUERY_TASK of a task that is there', QUERY_TASK, 10n, SUCCEEDED],
    ['QUERY_TASK of another unit’s task', QUERY_TASK, 12n, OK],
    ['QUERY_TASK of an id whose low half is there', QUERY_TASK, 10n + 2n ** 32n, OK],
    ['QUERY_TASK_SET while there are tasks', QUERY_TASK_SET, 99n, SUCCEEDED],
  ])('%s', (_what, subtype, id, response) => {
    const { rig, responses } = setUp();
    expect([rig.manage(subtype, DISK, id), responses()]).toEqual([
      response,
      [PENDING, PENDING, PENDING, PENDING],
    ]);
  });

  test('compares all 64 bits of an id', () => {
    const { rig } = setUp();
    const id = 99n + 2n ** 40n;
    rig.put({ cdb: TEST_UNIT_READY, id });
    rig.kick(REQUEST);
    expect([rig.manage(QUERY_TASK, DISK, 99n), rig.manage(QUERY_TASK, DISK, id)]).toEqual([OK, SUCCEEDED]);
  });

  test('finds nothing once all requests are answered', () => {
    const { rig } = setUp();
    rig.clock.advance(LATENCY);
    expect([
      rig.manage(QUERY_TASK, DISK, 10n),
      rig.manage(QUERY_TASK_SET),
      rig.manage(ABORT_TASK, DISK, 10n),
    ]).toEqual([OK, OK, OK]);
  });

  test.each([
    ['CLEAR_ACA', CLEAR_ACA, DISK, 11, []],
    ['a function that does not exist', 8, DISK, 11, ['IMP-6: task management function 8 does not exist']],
    ['a target that is not there', ABORT_TASK, '01 09 40 00', 3, []],
    ['a nexus that is not there', I_T_NEXUS_RESET, '01 09 40 00', 3, []],
    ['a LUN that is not there', LOGICAL_UNIT_RESET, '01 01 40 05', 12, []],
    [
      'a LUN field that is none',
      ABORT_TASK,
      'c1 01 40 00',
      3,
      ['IMP-6: the LUN field of task management is c101400000000000'],
    ],
  ])('refuses %s', (_what, subtype, lun, response, said) => {
    const { rig, responses } = setUp();
    expect([rig.manage(subtype, lun), rig.said]).toEqual([response, said]);
    expect(responses()).toEqual([PENDING, PENDING, PENDING, PENDING]);
  });

  test('I_T_NEXUS_RESET addresses a target, not a LUN', () => {
    const { rig } = setUp();
    expect(rig.manage(I_T_NEXUS_RESET, '01 01 40 05')).toBe(OK);
  });
});

describe('asynchronous notification', () => {
  test.each([
    ['a query', '01000000'],
    ['a subscription', '02000000'],
  ])('knows no events: %s', (_what, type) => {
    const rig = new ScsiRig().start(ANY_LAYOUT);
    const head = rig.send(CONTROL, hex(`${type} 0101400000000000 ff000000`), 5);
    expect([text(rig.guests[CONTROL]!.buffer(head, 1)), rig.guests[CONTROL]!.take(), rig.said]).toEqual([
      '0000000000',
      [[head, 5]],
      [],
    ]);
  });
});

describe('a control request', () => {
  test.each([
    ['of a type that does not exist', '03000000 0101400000000000 00000000', 5, 3, 16],
    ['of the highest type', 'ffffffff 0101400000000000 00000000', 5, 0xffff_ffff, 16],
    ['that is too short for task management', '00000000 00000000 0101400000000000', 1, 0, 16],
    ['that is too short for notification', '01000000 0101400000000000', 5, 1, 12],
    ['that leaves no room for its answer', '01000000 0101400000000000 00000000', 4, 1, 16],
    ['that is hardly there', '0000', 1, null, 2],
  ])('%s is returned with nothing written, and a finding', (_what, bytes, room, type, length) => {
    const rig = new ScsiRig().start(ANY_LAYOUT);
    const head = rig.send(CONTROL, hex(bytes), room);
    expect([rig.guests[CONTROL]!.take(), rig.guests[CONTROL]!.buffer(head, 1)[0], rig.said]).toEqual([
      [[head, 0]],
      0xdb,
      [
        `IMP-6: a control request ${type === null ? 'too short for a type' : `of type ${type}`} has ${length} readable and ${room} writable bytes`,
      ],
    ]);
  });
});
