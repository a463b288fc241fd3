import { describe, expect, test } from 'vitest';
import { AT, storesRig } from './rig.ts';

const BUFFER = 0x5000;
const OTHER = 0x7000;
const NEXT = 1;
const WRITE = 2;
const AVAIL = 0x80;
const USED = 0x8000;

const packed = (inOrder = false) => storesRig({ packed: true, inOrder });

describe('nothing is said of a driver of a packed ring that', () => {
  test('goes round it lap after lap', () => {
    const rig = packed();
    for (let n = 0; n < 21; n++) {
      const [slot, wrap] = [n % 4, Math.floor(n / 4) % 2 === 0];
      rig.ram.fill(BUFFER, n, 64);
      rig.slot(slot, BUFFER, 64, n % 3, wrap ? AVAIL : USED);
      rig.take(n % 3);
      rig.usePacked(slot, n % 3, 0, wrap);
      rig.lookAt(slot);
      rig.ram.load(AT.desc + 16 * slot + 12, 2);
      rig.ram.load(AT.desc + 16 * slot + 8, 4);
    }

    expect(rig.broken).toEqual([]);
  });

  test('writes id and flags in one store of 32 bits', () => {
    const rig = packed();
    rig.slot(0, BUFFER, 64, 1, null);
    rig.ram.store(AT.desc + 12, (AVAIL << 16) | 3, 4);
    rig.take(3);
    rig.usePacked(0, 3, 0);
    rig.ram.load(AT.desc + 12, 4);
    rig.ram.load(AT.desc + 8, 4);

    rig.ram.fill(BUFFER, 1, 64);

    expect(rig.broken).toEqual([]);
  });

  test('writes a whole descriptor at once, and a whole list', () => {
    const rig = packed();
    const bytes = new Uint8Array(32);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, BUFFER, true);
    view.setUint32(8, 64, true);
    view.setUint16(14, AVAIL | NEXT, true);
    view.setUint32(16, OTHER, true);
    view.setUint32(24, 64, true);
    view.setUint16(30, AVAIL | WRITE, true);

    rig.ram.write(AT.desc, bytes);
    rig.take(0);

    expect(rig.broken).toEqual([]);
  });

  test('writes the flags of the head last, of a list and of several lists', () => {
    const rig = packed();
    rig.slot(0, BUFFER, 64, 1, null);
    rig.slot(1, OTHER, 64, 1, AVAIL | WRITE);
    rig.slot(2, OTHER + 64, 64, 2, AVAIL | WRITE);

    rig.flags(0, AVAIL | NEXT);
    rig.take(1);
    rig.take(2);

    expect(rig.broken).toEqual([]);
  });

  test('changes its mind about a descriptor behind a head that is not shown yet', () => {
    const rig = packed();
    rig.slot(0, BUFFER, 64, 1, null);
    rig.slot(1, OTHER, 64, 1, AVAIL | WRITE);
    rig.ram.store(AT.desc + 16 + 8, 32, 4);

    rig.flags(0, AVAIL | NEXT);

    expect(rig.broken).toEqual([]);
  });

  test('fills the slot of a chain that is outstanding, once another one came back in it', () => {
    const rig = packed();
    for (let i = 0; i < 4; i++) rig.slot(i, BUFFER + 64 * i, 64, i, AVAIL);
    for (let i = 0; i < 4; i++) rig.take(i);
    rig.usePacked(0, 2, 0);
    rig.lookAt(0);

    rig.ram.fill(BUFFER + 128, 1, 64);
    rig.slot(0, OTHER, 32, 2, USED);
    rig.take(2);

    expect(rig.broken).toEqual([]);
  });

  test('reads descriptors of its own that are outstanding', () => {
    const rig = packed();
    rig.slot(0, BUFFER, 64, 1, AVAIL);
    rig.take(1);

    rig.ram.load(AT.desc + 12, 2);
    rig.ram.load(AT.desc + 8, 4);

    expect(rig.broken).toEqual([]);
  });

  test('learns of a run of buffers by its last only, with IN_ORDER', () => {
    const rig = packed(true);
    for (let i = 0; i < 3; i++) rig.slot(i, BUFFER + 64 * i, 64, i, AVAIL);
    for (let i = 0; i < 3; i++) rig.take(i);
    rig.usePacked(0, 2, 0);
    rig.lookAt(0);

    rig.ram.fill(BUFFER, 1, 192);
    for (let i = 0; i < 3; i++) rig.slot(i, OTHER, 32, i, null);

    expect(rig.broken).toEqual([]);
  });

  test('stores to its event structure, and reads the device’s', () => {
    const rig = packed();
    rig.slot(0, BUFFER, 64, 1, AVAIL);

    rig.ram.store(AT.driver, 1, 2);
    rig.ram.store(AT.driver + 2, 2, 2);
    rig.ram.load(AT.device + 2, 2);

    expect(rig.broken).toEqual([]);
  });

  test('takes everything back after a reset', () => {
    const rig = packed();
    rig.slot(0, BUFFER, 64, 1, AVAIL);
    rig.take(1);
    rig.rings.reset();

    rig.ram.fill(AT.desc, 0xff, 64);
    rig.ram.fill(BUFFER, 1, 64);

    expect(rig.broken).toEqual([]);
  });
});
