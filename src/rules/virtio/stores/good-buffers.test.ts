import { describe, expect, test } from 'vitest';
import { storesRig } from './rig.ts';

const BUFFER = 0x5000;
const OTHER = 0x7000;
const TABLE = 0x6000;
const NEXT = 1;
const WRITE = 2;
const INDIRECT = 4;

describe('nothing is said of buffers of a driver that', () => {
  test('posts a chain again at once, with the same buffers', () => {
    const rig = storesRig();
    for (let position = 0; position < 9; position++) {
      rig.post(position, 0, BUFFER, 64, WRITE);
      rig.take(0);
      rig.use(position, 0, 10);
      rig.look();
      rig.lookUp(position % 4);
      rig.ram.read(BUFFER, new Uint8Array(10));
    }

    expect(rig.broken).toEqual([]);
  });

  test('keeps indirect tables in a pool', () => {
    const rig = storesRig();
    for (let position = 0; position < 6; position++) {
      const table = TABLE + (position % 2) * 64;
      rig.desc(0, BUFFER, 16 + position, NEXT, 1, table);
      rig.desc(1, OTHER, 16, WRITE, 0, table);
      rig.ram.fill(BUFFER, position, 16);
      rig.post(position, position % 4, table, 32, INDIRECT);
      rig.take(position % 4);
      rig.use(position, position % 4, 16);
      rig.look();
    }

    expect(rig.broken).toEqual([]);
  });

  test('touches buffers that the device writes before it posts them, and after they came back', () => {
    const rig = storesRig();
    rig.ram.fill(BUFFER, 0xdb, 64);
    rig.ram.load(BUFFER, 4);
    rig.post(0, 0, BUFFER, 64, WRITE);
    rig.take(0);
    rig.use(0, 0, 10);
    rig.look();

    rig.ram.fill(BUFFER, 0, 64);
    rig.ram.load(BUFFER + 60, 4);

    expect(rig.broken).toEqual([]);
  });

  test('copies each buffer of a chain out, and the device wrote only into the first', () => {
    const rig = storesRig();
    rig.desc(0, BUFFER, 16, WRITE | NEXT, 1);
    rig.desc(1, OTHER, 64, WRITE);
    rig.entry(0, 0);
    rig.idx(1);
    rig.take(0);
    rig.use(0, 0, 12);
    rig.look();

    rig.ram.read(BUFFER, new Uint8Array(16));
    rig.ram.read(OTHER, new Uint8Array(64));

    expect(rig.broken).toEqual([]);
  });

  test('copies a buffer out in pieces, and the device wrote only the first of them', () => {
    const rig = storesRig();
    rig.post(0, 0, BUFFER, 64, WRITE);
    rig.take(0);
    rig.use(0, 0, 10);
    rig.look();

    for (let at = 0; at < 64; at += 16) rig.ram.read(BUFFER + at, new Uint8Array(16));

    expect(rig.broken).toEqual([]);
  });

  test('copies the whole buffer out and looks only at what came', () => {
    const rig = storesRig();
    rig.post(0, 0, BUFFER, 64, WRITE);
    rig.take(0);
    rig.use(0, 0, 10);
    rig.look();

    rig.ram.read(BUFFER, new Uint8Array(64));

    expect(rig.broken).toEqual([]);
  });

  test('relies on the interrupt, and reads the answer before used.idx', () => {
    const rig = storesRig();
    rig.post(0, 0, BUFFER, 64, WRITE);
    rig.take(0);
    rig.use(0, 0, 64);

    rig.ram.load(BUFFER, 4);
    rig.desc(0, OTHER, 32, WRITE);

    expect(rig.broken).toEqual([]);
  });

  test('has two chains read the same buffer', () => {
    const rig = storesRig();
    rig.post(0, 0, BUFFER, 64);
    rig.post(1, 1, BUFFER, 64);
    rig.take(0);
    rig.take(1);
    rig.use(0, 0, 0);
    rig.use(1, 1, 0);
    rig.look();

    rig.ram.fill(BUFFER, 1, 64);

    expect(rig.broken).toEqual([]);
  });

  test('reads, with one buffer for both, what it gave to the device', () => {
    const rig = storesRig();
    rig.desc(0, BUFFER, 64, NEXT, 1);
    rig.desc(1, BUFFER, 64, WRITE);
    rig.entry(0, 0);
    rig.idx(1);
    rig.take(0);

    rig.ram.load(BUFFER, 4);

    expect(rig.broken).toEqual([]);
  });
});
