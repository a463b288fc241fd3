import { describe, expect, test } from 'vitest';
import { AT, storesRig } from './rig.ts';

const BUFFER = 0x5000;
const TABLE = 0x6000;
const NEXT = 1;
const WRITE = 2;
const INDIRECT = 4;
const AVAIL = 0x80;
const USED = 0x8000;

describe('nothing is said of a driver that', () => {
  test('sends one header with many frames', () => {
    const rig = storesRig();
    for (const i of [0, 1]) {
      rig.desc(2 * i, BUFFER, 12, NEXT, 2 * i + 1);
      rig.desc(2 * i + 1, BUFFER + 64 * (i + 1), 64, 0);
      rig.entry(i, 2 * i);
      rig.idx(i + 1);
    }
    rig.kick();

    expect(rig.broken).toEqual([]);
  });

  test('has the answer to a request written over the request', () => {
    const rig = storesRig();
    rig.desc(1, BUFFER, 64, WRITE);
    rig.desc(0, BUFFER, 64, NEXT, 1);
    rig.entry(0, 0);
    rig.idx(1);
    rig.kick();

    expect(rig.broken).toEqual([]);
  });

  test('lends a buffer that came back again, without having read the rest', () => {
    const rig = storesRig();
    rig.post(0, 0, BUFFER, 64, WRITE);
    rig.take(0);
    rig.use(0, 0, 64);
    rig.post(1, 1, BUFFER, 64, WRITE);
    rig.kick();

    expect(rig.broken).toEqual([]);
  });

  test('lends again after a reset, and uses the memory of a ring that is gone', () => {
    const rig = storesRig();
    rig.post(0, 0, BUFFER, 64, WRITE);
    rig.kick();
    rig.reset();
    rig.move();
    rig.rings.statusChanged(0x04);
    rig.desc(0, BUFFER, 64, WRITE);
    rig.desc(1, AT.device, 64, WRITE);
    rig.entry(0, 0);
    rig.entry(1, 1);
    rig.idx(2);
    rig.kick();

    expect(rig.broken).toEqual([]);
  });

  test('fills an entry that was still wrong before it kicks', () => {
    const rig = storesRig();
    rig.post(0, 0, BUFFER, 64, WRITE);
    rig.kick();
    rig.desc(1, BUFFER, 64, WRITE);
    rig.desc(2, BUFFER + 64, 64, WRITE);
    rig.entry(1, 1);
    rig.idx(2);
    rig.entry(1, 2);
    rig.kick();

    expect(rig.broken).toEqual(['virtio/VQ-BARRIER-D1']);
  });
});

describe('one header for all received frames', () => {
  const HEADER = BUFFER + 4096;

  function lendsBehind(rig: ReturnType<typeof storesRig>, head: number, header: number, data: number): void {
    rig.desc(head + 1, data, 1514, WRITE);
    rig.desc(head, header, 10, NEXT | WRITE, head + 1);
    rig.entry(head / 2, head);
    rig.idx(head / 2 + 1);
  }

  test('is no buffer that is lent twice', () => {
    const rig = storesRig();
    lendsBehind(rig, 0, HEADER, BUFFER);
    lendsBehind(rig, 2, HEADER, BUFFER + 1600);
    rig.kick();

    expect(rig.broken).toEqual([]);
  });

  test('does not excuse data buffers that are', () => {
    const rig = storesRig();
    lendsBehind(rig, 0, HEADER, BUFFER);
    lendsBehind(rig, 2, HEADER, BUFFER + 1513);
    rig.kick();

    expect(rig.broken).toEqual(['virtio/VQ-IMP-24']);
  });

  test('is not one that only overlaps another', () => {
    const rig = storesRig();
    lendsBehind(rig, 0, HEADER, BUFFER);
    lendsBehind(rig, 2, HEADER + 4, BUFFER + 1600);
    rig.kick();

    expect(rig.broken).toEqual(['virtio/VQ-IMP-24']);
  });
});

describe('a finding names a buffer that', () => {
  test('another chain has, and that chain', () => {
    const rig = storesRig();
    rig.post(0, 0, BUFFER, 64, WRITE);
    rig.post(1, 1, BUFFER + 63, 64, 0);
    rig.kick();

    expect(rig.said).toEqual([
      'virtio/VQ-IMP-24: 0000503f is lent in chain 1, and chain 0 of net0, transmit queue 1 has it already',
    ]);
  });

  test('the same chain has twice', () => {
    const rig = storesRig();
    rig.desc(1, BUFFER + 8, 8, WRITE);
    rig.desc(0, BUFFER, 64, NEXT | WRITE, 1);
    rig.entry(0, 0);
    rig.idx(1);
    rig.kick();

    expect(rig.broken).toEqual(['virtio/VQ-IMP-24']);
  });

  test('lies over an indirect table, or over a part of a ring', () => {
    const rig = storesRig();
    rig.desc(0, BUFFER, 64, 0, 0, TABLE);
    rig.post(0, 0, TABLE, 16, INDIRECT);
    rig.post(1, 1, TABLE + 8, 8, WRITE);
    rig.post(2, 2, AT.driver + 2, 2, WRITE);
    rig.kick();

    expect(rig.said).toEqual([
      'virtio/VQ-IMP-25: 00011002 is lent in chain 2 to be written, and is part of net0, transmit queue 1 avail.idx',
      'virtio/VQ-IMP-25: 00006008 is lent in chain 1 to be written, and is part of the indirect table of chain 0 of net0, transmit queue 1',
    ]);
  });

  test.each([
    ['the device reads', 0],
    ['the device writes', WRITE],
  ])('%s and the driver gives back', (_what, flags) => {
    const rig = storesRig();
    rig.post(0, 0, BUFFER, 64, flags);
    rig.take(0);

    rig.free(BUFFER - 16, 4096);

    expect(rig.said).toEqual([
      'virtio/CLEAN-D2: 00005000 was given back while the device had chain 0, to which it belongs',
    ]);
  });
});

describe('the memory of a ring', () => {
  test('that was given back before the device may look is missed as soon as it may', () => {
    const rig = storesRig();
    rig.reset();
    rig.place();
    rig.free(AT.driver, 4096);
    const before = rig.said;

    rig.rings.statusChanged(4);

    expect([before, rig.said]).toEqual([
      [],
      [
        'virtio/VQ-IMP-26: 00011000 was given back, but net0, transmit queue 1 is there, which the device may still use',
      ],
    ]);
  });

  test('may be given back before, if the ring is handed over again', () => {
    const rig = storesRig();
    rig.reset();
    rig.place();
    rig.free(AT.driver, 4096);

    rig.place();
    rig.rings.statusChanged(4);

    expect(rig.said).toEqual([]);
  });
});

describe('a driver of a packed ring', () => {
  test('that trims a descriptor that the device has, without making a list, breaks a rule once it comes back', () => {
    const rig = storesRig({ packed: true });
    for (const i of [0, 1, 2, 3]) rig.slot(i, BUFFER + 64 * i, 64, i, AVAIL);
    for (const i of [0, 1, 2, 3]) rig.take(i);

    rig.ram.store(AT.desc + 8, 32, 4);
    rig.usePacked(0, 0, 0);

    expect(rig.said).toEqual([
      'virtio/PACKED-DESC-D2: desc[0].len was changed while the device had buffer 0',
    ]);
  });

  test('that writes its list forward, over descriptors that the device has, had no room for it', () => {
    const rig = storesRig({ packed: true });
    for (const i of [0, 1, 2]) rig.slot(i, BUFFER + 64 * i, 64, i, AVAIL);
    rig.slot(3, BUFFER + 256, 64, 9, null);
    rig.slot(0, BUFFER + 512, 64, 9, USED);
    rig.flags(3, AVAIL | NEXT);

    expect(rig.said).toEqual([
      'virtio/PACKED-SG-D5: buffer 9 was written over descriptor 0, which the device has',
    ]);
  });

  test('may copy over a descriptor that it has seen to be used', () => {
    const rig = storesRig({ packed: true, size: 2 });
    rig.slot(0, BUFFER, 64, 0, AVAIL);
    rig.take(0);
    rig.usePacked(0, 0, 0);
    rig.lookAt(0);
    rig.slot(1, BUFFER, 64, 1, AVAIL);
    rig.ram.write(AT.desc, new Uint8Array(14).fill(1));

    expect(rig.broken).toEqual([]);
  });

  test('may not copy over one that it has not', () => {
    const rig = storesRig({ packed: true, size: 2 });
    rig.slot(0, BUFFER, 64, 0, AVAIL);
    rig.take(0);
    rig.usePacked(0, 0, 0);

    rig.ram.write(AT.desc, new Uint8Array(14).fill(1));

    expect(rig.broken).toEqual(['virtio/PACKED-DESC-D1']);
  });
});
