import { describe, expect, test } from 'vitest';
import {
  ANY_LAYOUT,
  READ_BLOCK_0,
  REQUEST,
  ScsiRig,
  TEST_UNIT_READY,
  text,
  WRITE_BLOCK_0,
} from './scsi-rig.ts';

const start = () => new ScsiRig().start(ANY_LAYOUT);
const GOOD = { response: 0, status: 0, sense: '', residual: 0 };
const block = (value: number) => new Uint8Array(512).fill(value);

describe('a request', () => {
  test('reads: the blocks follow the response', () => {
    const rig = start();
    rig.medium.write(0, block(0x5a), 0, 512);
    const head = rig.put({ cdb: READ_BLOCK_0, room: 512 });
    rig.kick(REQUEST);
    expect([rig.answer(head), text(rig.data(head)), rig.guests[REQUEST]!.take(), rig.said]).toEqual([
      GOOD,
      text(block(0x5a)),
      [[head, 108 + 512]],
      [],
    ]);
  });

  test('writes: the blocks are on the medium, and only the response is written to RAM', () => {
    const rig = start();
    const head = rig.put({ cdb: WRITE_BLOCK_0, out: block(0xa5) });
    rig.kick(REQUEST);
    const onMedium = new Uint8Array(512);
    rig.medium.read(0, onMedium, 0, 512);
    expect([rig.answer(head), text(onMedium), rig.guests[REQUEST]!.take()]).toEqual([
      GOOD,
      text(block(0xa5)),
      [[head, 108]],
    ]);
  });

  test('of several in one kick is answered in order, with one interrupt for all', () => {
    const rig = start();
    const heads = [1, 2, 3].map(() => rig.put({ cdb: TEST_UNIT_READY }));
    const levels: boolean[] = [];
    rig.links[3]!.onChange = (level) => levels.push(level);
    rig.kick(REQUEST);
    expect([rig.guests[REQUEST]!.take().map(([head]) => head), levels]).toEqual([heads, [true]]);
  });

  test.each([
    ['peripheral', '01 01 00 00', 0],
    ['flat', '01 01 40 00', 0],
    ['of a target that is not there', '01 09 40 00', 3],
    ['of another kind than 01', 'c1 01 40 00', 3],
    ['of a kind that has no level', '01 01 80 00', 3],
  ])('has a LUN field: %s', (_kind, lun, response) => {
    expect(start().run({ cdb: TEST_UNIT_READY, lun })).toEqual({ ...GOOD, response });
  });

  test.each(['c1 01 40 00', '01 01 80 00', '00 01 00 00'])('with %s for a LUN is a finding', (lun) => {
    const rig = start();
    rig.run({ cdb: TEST_UNIT_READY, lun });
    expect(rig.said).toEqual([`IMP-1: the LUN field is ${lun.replaceAll(' ', '')}00000000`]);
  });

  test('to a LUN that the target lacks is answered by the target', () => {
    expect(start().run({ cdb: TEST_UNIT_READY, lun: '01 01 40 05' })).toEqual({
      ...GOOD,
      status: 2,
      sense: '5/25/0',
    });
  });
});

describe('room and data', () => {
  test('more than the command moves is reported by residual', () => {
    const rig = start();
    const head = rig.put({ cdb: READ_BLOCK_0, room: 1024 });
    rig.kick(REQUEST);
    expect([rig.answer(head), rig.guests[REQUEST]!.take()]).toEqual([
      { ...GOOD, residual: 512 },
      [[head, 108 + 512]],
    ]);
  });

  test('more than is to be written is reported by residual', () => {
    expect(start().run({ cdb: WRITE_BLOCK_0, out: new Uint8Array(1536) })).toEqual({
      ...GOOD,
      residual: 1024,
    });
  });

  test('less than the command asks for is OVERRUN, and nothing moves', () => {
    const rig = start();
    const head = rig.put({ cdb: READ_BLOCK_0, room: 511 });
    rig.kick(REQUEST);
    expect([rig.answer(head), rig.data(head)[0], rig.guests[REQUEST]!.take()]).toEqual([
      { ...GOOD, response: 1, residual: 511 },
      0xdb,
      [[head, 108]],
    ]);
  });

  test.each([
    ['a read with something sent along', { cdb: READ_BLOCK_0, out: block(1) }],
    ['a write with room for an answer', { cdb: WRITE_BLOCK_0, room: 512 }],
    ['a read with neither', { cdb: READ_BLOCK_0 }],
  ])('of the wrong direction is OVERRUN: %s', (_what, ask) => {
    expect(start().run(ask).response).toBe(1);
  });

  test('both ways at once is FAILURE, with a finding, and nothing is executed', () => {
    const rig = start();
    const answer = rig.run({ cdb: WRITE_BLOCK_0, out: block(7), room: 512 });
    const onMedium = new Uint8Array(1);
    rig.medium.read(0, onMedium, 0, 1);
    expect([answer.response, onMedium[0], rig.said]).toEqual([
      9,
      0,
      [
        'IMP-3: a request carries 512 bytes behind its header of 51, and has room for 512 bytes, but INOUT was not negotiated',
      ],
    ]);
  });

  test('in more segments than seg_max is a finding, and is executed', () => {
    const rig = start();
    const guest = rig.guests[REQUEST]!;
    guest.offer(guest.chain(rig.header({ cdb: READ_BLOCK_0 }), 108, 128, 128, 128, 64, 64));
    rig.kick(REQUEST);
    expect([guest.take().map(([, length]) => length), rig.said]).toEqual([
      [108 + 512],
      ['IMP-4: a request has 5 data segments in one direction, but seg_max is 4'],
    ]);
  });
});

describe('a chain', () => {
  test('may be split anywhere with ANY_LAYOUT', () => {
    const rig = start();
    const guest = rig.guests[REQUEST]!;
    rig.medium.write(0, block(0x5a), 0, 512);
    const header = rig.header({ cdb: READ_BLOCK_0 });
    const head = guest.chain(header.slice(0, 20), header.slice(20), 100, 8 + 500, 12);
    guest.offer(head);
    rig.kick(REQUEST);
    expect([guest.take(), rig.said]).toEqual([[[head, 108 + 512]], []]);
    expect([...guest.buffer(head, 3).subarray(7, 9), guest.buffer(head, 4)[11]]).toEqual([0xdb, 0x5a, 0x5a]);
  });

  test('needs, without ANY_LAYOUT, a buffer for the header and one for the response', () => {
    const rig = new ScsiRig({ ringFeatures: [] }).start();
    const guest = rig.guests[REQUEST]!;
    rig.run({ cdb: READ_BLOCK_0, room: 512 });
    const good = rig.said;
    guest.offer(guest.chain(new Uint8Array([...rig.header({ cdb: WRITE_BLOCK_0 }), ...block(0)]), 108));
    guest.offer(guest.chain(rig.header({ cdb: READ_BLOCK_0 }), 108 + 512));
    rig.kick(REQUEST);
    expect([good, rig.said, guest.take().length]).toEqual([
      [],
      [
        'FRAME-LEG-D1: the first descriptor that the device reads has 563 bytes, but a request header has 51',
        'FRAME-LEG-D2: the first descriptor that the device writes has 620 bytes, but a response has 108',
      ],
      3,
    ]);
  });

  test('too short for a request is FAILURE, with a finding', () => {
    const rig = start();
    const guest = rig.guests[REQUEST]!;
    const head = guest.chain(rig.header({ cdb: TEST_UNIT_READY }).slice(0, 50), 108);
    guest.offer(head);
    rig.kick(REQUEST);
    expect([guest.buffer(head, 1)[11], guest.take(), rig.said]).toEqual([
      9,
      [[head, 108]],
      ['IMP-2: a request has 50 readable and 108 writable bytes'],
    ]);
  });

  test('too short for a response is returned with nothing written, and a finding', () => {
    const rig = start();
    const guest = rig.guests[REQUEST]!;
    const head = guest.chain(rig.header({ cdb: TEST_UNIT_READY }), 107);
    guest.offer(head);
    rig.kick(REQUEST);
    expect([guest.buffer(head, 1)[11], guest.take(), rig.said]).toEqual([
      0xdb,
      [[head, 0]],
      ['IMP-2: a request has 51 readable and 107 writable bytes'],
    ]);
  });

  test('too short does not use the data of an earlier request', () => {
    const rig = start();
    const guest = rig.guests[REQUEST]!;
    rig.run({ cdb: READ_BLOCK_0, room: 512 });
    const head = guest.chain(new Uint8Array(10), 108);
    guest.offer(head);
    rig.kick(REQUEST);
    expect(text(guest.buffer(head, 1).subarray(0, 12))).toBe('000000000000000000000009');
  });

  test('with task_attr, prio or crn is a finding', () => {
    const rig = start();
    for (const tagging of ['010000', '000200', '000003']) rig.run({ cdb: TEST_UNIT_READY, tagging });
    expect(rig.said).toEqual([
      'REQ-D2: task_attr is 1, prio 0, crn 0',
      'REQ-D2: task_attr is 0, prio 2, crn 0',
      'REQ-D2: task_attr is 0, prio 0, crn 3',
    ]);
  });
});

describe('the configuration', () => {
  test('has the values of the options', () => {
    const rig = new ScsiRig({ seg_max: 126, cmd_per_lun: 16, max_target: 252, max_lun: 0 });
    const words = Array.from({ length: 9 }, (_, i) => rig.in(0x14 + 4 * i, 4));
    expect(words).toEqual([1, 126, 0xffff, 16, 16, 96, 32, (252 << 16) >>> 0, 0]);
  });

  test('lets sense_size and cdb_size be set, which change the shape of requests until a reset', () => {
    const rig = start();
    rig.out(0x14 + 20, 20, 4);
    rig.out(0x14 + 24, 16, 4);
    [rig.senseSize, rig.cdbSize] = [20, 16];
    rig.device.capacityChanged(1, 0);
    const head = rig.put({ cdb: TEST_UNIT_READY });
    rig.kick(REQUEST);
    expect([rig.answer(head), rig.guests[REQUEST]!.take(), rig.said]).toEqual([
      { ...GOOD, status: 2, sense: '6/2a/9' },
      [[head, 32]],
      [],
    ]);
    rig.out(0x12, 0, 1);
    expect([rig.in(0x14 + 20, 4), rig.in(0x14 + 24, 4)]).toEqual([96, 32]);
  });

  test('lets data begin right after the shorter header and the shorter response', () => {
    const rig = start();
    rig.out(0x14 + 20, 20, 4);
    rig.out(0x14 + 24, 16, 4);
    [rig.senseSize, rig.cdbSize] = [20, 16];
    const written = rig.run({ cdb: WRITE_BLOCK_0, out: block(0x5a) });
    const head = rig.put({ cdb: READ_BLOCK_0, room: 512 });
    rig.kick(REQUEST);
    expect([written, rig.answer(head), text(rig.data(head))]).toEqual([GOOD, GOOD, text(block(0x5a))]);
  });

  test('makes bytes beyond a short cdb_size zero, whatever an earlier command had there', () => {
    const rig = start();
    rig.run({ cdb: READ_BLOCK_0, room: 512 });
    rig.out(0x14 + 24, 6, 4);
    rig.cdbSize = 6;
    expect(rig.run({ cdb: '28 00 00000000', room: 512 })).toEqual({ ...GOOD, residual: 512 });
  });

  test('cuts sense data at sense_size, 0 included', () => {
    const rig = start();
    rig.out(0x14 + 20, 0, 4);
    rig.senseSize = 0;
    rig.device.capacityChanged(1, 0);
    expect(rig.run({ cdb: TEST_UNIT_READY })).toEqual({ ...GOOD, status: 2 });
  });

  test('accepts sizes that no request can have', () => {
    const rig = start();
    rig.out(0x14 + 20, 0xffff_ffff, 4);
    rig.out(0x14 + 24, 0xffff_ffff, 4);
    const head = rig.put({ cdb: TEST_UNIT_READY });
    rig.kick(REQUEST);
    expect([rig.guests[REQUEST]!.take(), rig.journal.count('virtio/SCSI-IMP-2')]).toEqual([[[head, 0]], 1]);
  });

  test('ignores writes to other fields, with a finding', () => {
    const rig = start();
    rig.out(0x14 + 19, 9, 1);
    rig.out(0x14 + 28, 9, 1);
    expect([rig.in(0x14 + 16, 4), rig.in(0x14 + 28, 2), rig.said]).toEqual([
      16,
      0,
      [
        'CFG-D1: byte 19 of the configuration was written with 09',
        'CFG-D1: byte 28 of the configuration was written with 09',
      ],
    ]);
  });
});
