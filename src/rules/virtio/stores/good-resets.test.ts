import { describe, expect, test } from 'vitest';
import { AT, type StoresRig, storesRig } from './rig.ts';

const BUFFER = 0x5000;
const OTHER = 0x7000;
const TABLE = 0x6000;
const WRITE = 2;

describe('nothing is said of a driver that', () => {
  test('takes everything back after a reset', () => {
    const rig = storesRig();
    rig.post(0, 0, BUFFER, 64);
    rig.post(1, 1, OTHER, 64, WRITE);
    rig.take(0);
    rig.take(1);
    rig.rings.reset();

    retake(rig);

    expect(rig.broken).toEqual([]);
  });

  test('takes everything back after a reset of the queue', () => {
    const rig = storesRig();
    rig.post(0, 0, BUFFER, 64);
    rig.take(0);
    rig.rings.forgotten(0);

    retake(rig);

    expect(rig.broken).toEqual([]);
  });

  test('moves its ring elsewhere and uses the old place for something else', () => {
    const rig = storesRig();
    rig.post(0, 0, BUFFER, 64);
    rig.take(0);
    rig.move();
    retake(rig);

    rig.post(0, 3, BUFFER, 64);
    rig.take(3);

    expect(rig.broken).toEqual([]);
  });

  test('has its chains put back by a device that found no room in them', () => {
    const rig = storesRig();
    rig.post(0, 0, BUFFER, 64, WRITE);
    rig.post(1, 1, OTHER, 64, WRITE);
    rig.take(0);
    rig.take(1);
    rig.rings.putBack(0, 2);
    rig.post(2, 2, TABLE, 64, WRITE);
    rig.take(0);
    rig.take(1);
    rig.take(2);
    for (let i = 0; i < 3; i++) rig.use(i, i, 64);
    rig.look();

    rig.post(3, 0, BUFFER, 64, WRITE);

    expect(rig.broken).toEqual([]);
  });

  test('learns of a run of chains by its last only, with IN_ORDER', () => {
    const rig = storesRig({ inOrder: true });
    for (let i = 0; i < 3; i++) rig.post(i, i, BUFFER + 64 * i, 64, WRITE);
    for (let i = 0; i < 3; i++) rig.take(i);
    rig.use(0, 2, 10);
    rig.device.store(AT.device + 2, 3, 2);
    rig.look();
    rig.lookUp(0);

    rig.ram.read(BUFFER, new Uint8Array(64));
    rig.ram.read(BUFFER + 64, new Uint8Array(64));
    rig.post(3, 3, OTHER, 64, WRITE);
    rig.desc(1, OTHER, 8, WRITE);

    expect(rig.broken).toEqual([]);
  });

  test('reads beyond the used length of a legacy device, which may write anything there', () => {
    const rig = storesRig({ legacy: true });
    rig.post(0, 0, BUFFER, 64, WRITE);
    rig.take(0);
    rig.use(0, 0, 0);
    rig.look();

    rig.ram.load(BUFFER + 60, 4);

    expect(rig.broken).toEqual([]);
  });
});

function retake(rig: StoresRig): void {
  rig.ram.fill(BUFFER, 1, 64);
  rig.ram.load(OTHER, 4);
  rig.ram.fill(AT.desc, 0xff, 0x3000);
}
