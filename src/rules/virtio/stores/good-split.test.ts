import { describe, expect, test } from 'vitest';
import { VIRTQ_DESC_F } from '../../../virtio/registers.ts';
import { AT, storesRig } from './rig.ts';

const { NEXT, WRITE } = VIRTQ_DESC_F;

const BUFFER = 0x5000;
const OTHER = 0x7000;

describe('nothing is said of a driver of a split ring that', () => {
  test('writes descriptors once and moves only avail.idx from then on', () => {
    const rig = storesRig();
    for (let i = 0; i < 4; i++) rig.desc(i, BUFFER + i * 64, 64, 0);
    for (let i = 0; i < 4; i++) rig.entry(i, i);

    for (let position = 0; position < 12; position++) {
      rig.idx(position + 1);
      rig.take(position % 4);
      rig.use(position, position % 4, 0);
      rig.look();
      rig.lookUp(position % 4);
    }

    expect(rig.broken).toEqual([]);
  });

  test('writes the last descriptor of a chain with NEXT, to itself, and then without', () => {
    const rig = storesRig();
    rig.desc(0, BUFFER, 64, NEXT, 1);
    rig.desc(1, OTHER, 64, NEXT | WRITE, 1);
    rig.desc(1, OTHER, 64, WRITE, 1);
    rig.entry(0, 0);
    rig.idx(1);

    rig.take(0);

    expect(rig.broken).toEqual([]);
  });

  test('fills ring and index before it hands the ring over', () => {
    const rig = storesRig();
    rig.rings.reset();
    rig.idx(1);
    rig.entry(0, 2);
    rig.desc(2, BUFFER, 64, 0);

    rig.place();
    rig.rings.statusChanged(4);
    rig.take(2);

    expect(rig.broken).toEqual([]);
  });

  test('moves avail.idx before DRIVER_OK and fills in the rest after it', () => {
    const rig = storesRig();
    rig.rings.reset();
    rig.place();
    rig.idx(1);
    rig.desc(2, BUFFER, 64, 0);
    rig.entry(0, 2);

    rig.rings.statusChanged(4);
    rig.take(2);

    expect(rig.broken).toEqual([]);
  });

  test('zeroes all of the ring between its set-up and DRIVER_OK', () => {
    const rig = storesRig();
    rig.rings.reset();
    rig.idx(1);
    rig.place();
    rig.ram.fill(AT.desc, 0, 0x3000);

    rig.rings.statusChanged(4);

    expect(rig.broken).toEqual([]);
  });

  test('writes flags and idx of the available ring in one store of 32 bits', () => {
    const rig = storesRig();
    rig.desc(1, BUFFER, 64, 0);
    rig.entry(0, 1);
    rig.ram.store(AT.driver, 0x0001_0000, 4);
    rig.take(1);
    rig.use(0, 1, 0);
    rig.look();

    rig.ram.fill(BUFFER, 1, 64);

    expect(rig.broken).toEqual([]);
  });

  test('stores avail.idx in two bytes, across 256, in a ring as large', () => {
    const rig = storesRig({ size: 256 });
    for (let position = 0; position < 255; position++) {
      rig.post(position, position, BUFFER, 64);
      rig.take(position);
      rig.use(position, position, 0);
      rig.look();
    }
    rig.entry(255, 255);
    rig.desc(255, BUFFER, 64, 0);

    rig.ram.store(AT.driver + 3, 1, 1);
    rig.entry(0, 7);
    rig.ram.store(AT.driver + 2, 0, 1);
    rig.take(255);

    expect(rig.broken).toEqual([]);
  });

  test.each([
    ['begins a chain anew, in the other order', [0, 1, 2], [1, 0]],
    ['gives a chain up, and takes one of its descriptors', [0, 1, 2], [0]],
    ['gives up two, and takes one of their descriptors', [1, 0, 2], [0, 1]],
  ])('%s', (_what, given, taken) => {
    const rig = storesRig();
    for (const chain of [[0, 1, 2], given, taken])
      for (const [i, slot] of chain.entries())
        rig.desc(slot, BUFFER + 64 * i, 64, i + 1 < chain.length ? 1 : 0, chain[i + 1] ?? 0);
    rig.entry(0, taken[0]!);
    rig.idx(1);

    rig.take(taken[0]!);

    expect(rig.broken).toEqual([]);
  });

  test('copies the used ring out, with the field behind it, and looks at that field', () => {
    const rig = storesRig();
    rig.post(0, 0, BUFFER, 64);
    rig.take(0);
    rig.use(0, 0, 0);
    rig.look();

    rig.ram.read(AT.device, new Uint8Array(4 + 8 * 4 + 2));
    rig.ram.load(AT.device + 4 + 8 * 4, 2);

    expect(rig.broken).toEqual([]);
  });

  test('stores its used_event behind entries that it fills once', () => {
    const rig = storesRig();
    for (let position = 0; position < 9; position++) {
      if (position < 4) rig.entry(position, 0);
      rig.desc(0, BUFFER, 64, 0);
      rig.ram.store(AT.driver + 4 + 2 * 4, position, 2);
      rig.idx(position + 1);
      rig.take(0);
      rig.use(position, 0, 0);
      rig.look();
    }

    expect(rig.broken).toEqual([]);
  });

  test('copies the whole ring in, of which only what is new differs', () => {
    const rig = storesRig();
    rig.post(0, 0, BUFFER, 64);
    rig.take(0);
    const ring = new Uint8Array(0x1000);
    rig.device.read(AT.desc, ring);
    ring[16 + 1] = 0x70;
    ring[16 + 8] = 64;

    rig.ram.write(AT.desc, ring);
    rig.entry(1, 1);
    rig.idx(2);
    rig.take(1);

    expect(rig.broken).toEqual([]);
  });

  test('stores the value to a descriptor in flight that it has already', () => {
    const rig = storesRig();
    rig.post(0, 0, BUFFER, 64);
    rig.take(0);

    rig.desc(0, BUFFER, 64, 0);
    rig.ram.fill(BUFFER, 0, 64);

    expect(rig.broken).toEqual([]);
  });

  test('writes the entry of a later lap while an older chain is still outstanding', () => {
    const rig = storesRig();
    for (let i = 0; i < 4; i++) rig.post(i, i, BUFFER + i * 64, 64);
    for (let i = 0; i < 4; i++) rig.take(i);
    rig.use(0, 3, 0);
    rig.look();
    rig.lookUp(0);

    rig.post(4, 3, OTHER, 32);
    rig.take(3);

    expect(rig.broken).toEqual([]);
  });

  test('polls used.idx, and reads a whole element at once', () => {
    const rig = storesRig();
    rig.post(0, 0, BUFFER, 64);
    for (let i = 0; i < 5; i++) rig.look();
    rig.take(0);
    rig.use(0, 0, 0);
    rig.look();

    rig.ram.read(AT.device + 4, new Uint8Array(8));

    expect(rig.broken).toEqual([]);
  });

  test('reads the whole used ring at once', () => {
    const rig = storesRig();
    rig.post(0, 0, BUFFER, 64);
    rig.take(0);
    rig.use(0, 0, 0);

    rig.ram.read(AT.device, new Uint8Array(4 + 4 * 8));
    rig.lookUp(0);

    expect(rig.broken).toEqual([]);
  });

  test('reads used.idx once and then a whole lap of entries', () => {
    const rig = storesRig();
    for (let lap = 0; lap < 3; lap++) {
      for (let i = 0; i < 4; i++) rig.post(4 * lap + i, i, BUFFER, 64);
      for (let i = 0; i < 4; i++) rig.take(i);
      for (let i = 0; i < 4; i++) rig.use(4 * lap + i, i, 0);
      rig.look();
      for (let i = 0; i < 4; i++) rig.lookUp(i);
    }

    expect(rig.broken).toEqual([]);
  });

  test('moves used_event while chains are under way', () => {
    const rig = storesRig();
    rig.post(0, 0, BUFFER, 64);

    rig.ram.store(AT.driver + 4 + 2 * 4, 1, 2);
    rig.ram.load(AT.device + 4 + 8 * 4, 2);
    rig.take(0);
    rig.ram.store(AT.driver + 4 + 2 * 4, 2, 2);

    expect(rig.broken).toEqual([]);
  });

  test('is big-endian, by the legacy interface', () => {
    const rig = storesRig({ endian: 'be', legacy: true });
    for (let position = 0; position < 9; position++) {
      rig.ram.fill(BUFFER, position, 64);
      rig.post(position, position % 4, BUFFER, 64);
      rig.take(position % 4);
      rig.use(position, position % 4, 0);
      rig.look();
      rig.lookUp(position % 4);
    }

    expect(rig.broken).toEqual([]);
  });

  test('wraps the indices at 65536', () => {
    const rig = storesRig();
    for (let position = 0; position < 65_544; position++) {
      rig.post(position, position % 4, BUFFER, 64);
      rig.take(position % 4);
      rig.use(position, position % 4, 0);
      rig.look();
      rig.lookUp(position % 4);
    }

    rig.ram.fill(BUFFER, 1, 64);

    expect(rig.broken).toEqual([]);
  });
});
