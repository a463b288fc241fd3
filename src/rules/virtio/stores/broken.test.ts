import { describe, expect, test } from 'vitest';
import { AT, storesRig } from './rig.ts';

const BUFFER = 0x5000;
const TABLE = 0x6000;
const NEXT = 1;
const WRITE = 2;
const INDIRECT = 4;
const AVAIL = 0x80;
const USED = 0x8000;

describe('a driver of a split ring', () => {
  test('that fills in a descriptor after avail.idx passed it breaks a rule, and the finding names the field', () => {
    const rig = storesRig();
    rig.entry(0, 3);
    rig.idx(1);

    rig.desc(3, BUFFER, 64, WRITE);
    rig.take(3);

    expect(rig.said).toEqual(['virtio/VQ-BARRIER-D1: avail.idx moved to 1 before desc[3].addr was written']);
  });

  test.each([
    ['at the next place in the ring', (rig: ReturnType<typeof storesRig>) => rig.entry(1, 3), 1, 0],
    ['and counts the index from 1', (rig: ReturnType<typeof storesRig>) => rig.entry(1, 3), 2, 0],
    [
      'and makes the one behind it available, too',
      (rig: ReturnType<typeof storesRig>) => rig.entry(0, 3),
      2,
      1,
    ],
  ])('that stores an entry %s makes one available that was never stored', (_how, store, idx, slot) => {
    const rig = storesRig();
    rig.desc(3, BUFFER, 64, WRITE);
    store(rig);
    rig.idx(idx);

    expect(rig.said).toEqual([
      `virtio/VQ-BARRIER-D1: avail.idx moved to ${idx} before avail.ring[${slot}] was written`,
    ]);
  });

  test('that stores entries without end stores none of the second lap', () => {
    const rig = storesRig();
    for (let position = 0; position < 4; position++) {
      rig.post(position, position, BUFFER, 64);
      rig.take(position);
      rig.use(position, position, 0);
      rig.look();
    }
    rig.desc(3, BUFFER, 64, 0);
    rig.entry(4, 3);
    rig.idx(5);

    expect(rig.said).toEqual([
      'virtio/VQ-BARRIER-D1: avail.idx moved to 5 before avail.ring[0], and not avail.ring[4], was written',
    ]);
  });

  test.each([
    ['has head 0 in its first entry, without a store', 1, []],
    ['filled its ring before the device knew it', 4, [0, 1, 2]],
  ])('that %s is right', (_how, idx, before) => {
    const rig = storesRig();
    for (const head of before) rig.device.store(AT.driver + 4 + 2 * head, head, 2);
    for (let slot = before.length; slot < idx && idx > 1; slot++) rig.entry(slot, slot);
    rig.idx(idx);

    expect(rig.said).toEqual([]);
  });

  test('that stores no entry where its head lies already is right', () => {
    const rig = storesRig();
    rig.desc(0, BUFFER + 64, 64, WRITE);
    rig.desc(3, BUFFER, 64, WRITE);
    rig.entry(0, 3);
    rig.idx(1);

    rig.idx(2);

    expect(rig.said).toEqual([]);
  });

  test('that is late once is judged on as before: the device took the late value', () => {
    const rig = storesRig();
    rig.idx(1);
    rig.entry(0, 3);
    rig.desc(3, BUFFER, 64, 0);
    rig.take(3);

    rig.ram.store(BUFFER, 1, 4);

    expect(rig.broken).toEqual(['virtio/VQ-BARRIER-D1', 'virtio/CLEAN-D2']);
  });

  test.each([
    ['copies out what lies behind the bytes that came', 60, 4],
    ['copies out the rest of a buffer but not its beginning', 62, 2],
  ])('that %s breaks a rule', (_what, from, length) => {
    const rig = storesRig();
    rig.post(0, 0, BUFFER, 64, WRITE);
    rig.take(0);
    rig.use(0, 0, 60);
    rig.look();

    rig.ram.read(BUFFER + from, new Uint8Array(length));

    expect(rig.broken).toEqual(['virtio/VQ-USED-D2']);
  });

  test.each([
    ['at once', [0, 0], 0],
    ['behind another', [0, 1, 0], 0],
    ['at the end', [0, 1, 1], 1],
    ['and goes on', [0, 1, 0, 2], 0],
  ])('that takes one descriptor twice for a chain, %s, loses what it held', (_when, taken, twice) => {
    const rig = storesRig();
    for (const [i, slot] of taken.entries())
      rig.desc(slot, BUFFER + 64 * i, 64, i + 1 < taken.length ? NEXT : 0, taken[i + 1] ?? 0);
    rig.entry(0, 0);
    rig.idx(1);

    rig.take(0);

    expect(rig.said).toEqual([
      `virtio/VQ-IMP-32: descriptor ${twice} was written twice for chain 0: what it held first is lost, and what came between`,
    ]);
  });

  test('may not change the indirect table of a chain that the device has', () => {
    const rig = storesRig();
    rig.desc(0, BUFFER, 64, NEXT, 1, TABLE);
    rig.desc(1, BUFFER + 64, 64, WRITE, 0, TABLE);
    rig.post(0, 2, TABLE, 32, INDIRECT);
    rig.take(2);

    rig.ram.store(TABLE + 24, 32, 4);

    expect(rig.said).toEqual([
      'virtio/CLEAN-D1: the table of descriptor 2, desc[1].len was changed while the device had chain 2',
    ]);
  });

  test('may not write the table of a chain for the next one before the device has taken it', () => {
    const rig = storesRig();
    rig.desc(0, BUFFER, 64, 0, 0, TABLE);
    rig.post(0, 2, TABLE, 16, INDIRECT);

    rig.ram.store(TABLE, BUFFER + 64, 4);

    expect(rig.said).toEqual([
      'virtio/CLEAN-D1: the table of descriptor 2, desc[0].addr was changed while the device had chain 2',
    ]);
  });

  test('is judged by what it copies over ring and buffers, as by what it stores', () => {
    const rig = storesRig();
    rig.post(0, 0, BUFFER, 64);
    rig.take(0);

    rig.ram.fill(AT.desc, 0, 64);

    expect(rig.said).toEqual(['virtio/CLEAN-D1: desc[0].addr was changed while the device had chain 0']);
  });

  test('may not change a buffer of many pages anywhere', () => {
    const rig = storesRig();
    rig.post(0, 1, 0x2_0000, 0x8_0000);
    rig.take(1);

    rig.ram.store(0x9_8000, 1, 1);

    expect(rig.said).toEqual([
      'virtio/CLEAN-D2: 00098000 was rewritten while the device had chain 1, which reads it',
    ]);
  });

  test('may not read the entry that it waits for', () => {
    const rig = storesRig();
    rig.post(0, 0, BUFFER, 64);
    rig.take(0);
    rig.look();

    rig.lookUp(0);

    expect(rig.said[0]).toBe('virtio/VQ-IMP-22: used.ring[0].id was read when used.idx had been read as 0');
  });

  test.each([
    ['kept its position over a reset', 1, 3, 'used.ring[3].id'],
    ['counts entries without end', 4, 4, 'used.ring[4], of 4,'],
  ])('may not read entries that there are not, as one that %s', (_how, used, slot, field) => {
    const rig = storesRig();
    for (let position = 0; position < used; position++) {
      rig.post(position, position, BUFFER + 64 * position, 64);
      rig.take(position);
      rig.use(position, position, 0);
    }
    const seen = rig.look();

    rig.lookUp(slot);

    expect(rig.said[0]).toBe(`virtio/VQ-IMP-22: ${field} was read when used.idx had been read as ${seen}`);
  });

  test('gets a finding with the store that began it, the store that broke it, and the ring', () => {
    const rig = storesRig();
    rig.post(0, 0, BUFFER, 64);
    rig.take(0);
    for (let i = 0; i < 9; i++) rig.ram.store(AT.driver, i % 2, 2);

    rig.ram.store(AT.desc + 8, 32, 4);

    const { accesses, skipped, facts } = rig.journal.findings[0]!.evidence;
    const [oldest, newest] = [accesses[0]!, accesses.at(-1)!];
    expect(newest).toMatchObject({
      space: 'ram',
      write: true,
      value: 32,
      text: 'net0, transmit queue 1 desc[0].len',
    });
    expect([oldest.text, oldest.value, skipped]).toEqual(['net0, transmit queue 1 avail.idx', 1, 6]);
    expect(facts).toEqual([
      'ring    avail.idx 1, used.idx 0, the device took 1',
      '        avail.ring[1] = 0',
      '        desc[0] = 00005000, 32 bytes, flags 0000, next 0',
    ]);
  });
});

describe('a driver of a packed ring', () => {
  test('that shows a head before its list breaks a rule, and the finding names the missing descriptor', () => {
    const rig = storesRig({ packed: true });
    rig.slot(0, BUFFER, 64, 1, AVAIL | NEXT);

    rig.slot(1, BUFFER + 64, 64, 1, AVAIL | WRITE);
    rig.take(1);

    expect(rig.said).toEqual([
      'virtio/PACKED-SG-D6: the flags of the head of buffer 1 were written before those of descriptor 1 of its list',
    ]);
  });

  test.each([1, 3])('that goes on at slot %i of another lap, as before a reset, is not seen', (slot) => {
    const rig = storesRig({ packed: true });

    rig.slot(slot, BUFFER, 64, 1, USED);

    expect(rig.said).toEqual([
      `virtio/PACKED-IMP-15: desc[${slot}].flags was written with the wrong wrap counter: the device does not see it`,
    ]);
  });

  test('whose list goes round the end of the ring and keeps the wrap counter breaks the rule on that', () => {
    const rig = storesRig({ packed: true });
    for (const i of [0, 1, 2]) {
      rig.slot(i, BUFFER, 64, 1, AVAIL);
      rig.take(1);
      rig.usePacked(i, 1, 0);
      rig.lookAt(i);
    }
    rig.slot(3, BUFFER, 64, 1, null);
    rig.slot(0, BUFFER + 64, 64, 1, AVAIL | WRITE);

    rig.flags(3, AVAIL | NEXT);

    expect(rig.said).toEqual([
      'virtio/PACKED-IMP-15: desc[0].flags was written with the wrong wrap counter: the device does not see it',
    ]);
  });

  test('may not change a descriptor that the device took', () => {
    const rig = storesRig({ packed: true });
    rig.slot(0, BUFFER, 64, 1, AVAIL);
    rig.take(1);

    rig.ram.fill(AT.desc, 0, 16);

    expect(rig.said).toEqual([
      'virtio/PACKED-DESC-D2: desc[0].addr was changed while the device had buffer 1',
    ]);
  });
});
