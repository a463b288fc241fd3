import { describe, expect, test } from 'vitest';
import { type StoresRig, storesRig } from './rig.ts';

const BUFFER = 0x5000;
const NEXT = 1;
const WRITE = 2;
const AVAIL = 0x80;

describe('a chain that comes back before an older one', () => {
  /** The device has two chains, and the second comes back. */
  function overtaken(): StoresRig {
    const rig = storesRig();
    for (const head of [0, 1]) rig.post(head, head, BUFFER + 64 * head, 64, WRITE);
    for (const head of [0, 1]) rig.take(head);
    rig.use(0, 1, 64);
    rig.look();
    return rig;
  }

  test.each<[string, (rig: StoresRig) => void]>([
    ['reads what the older one is to bring', (rig) => void rig.ram.load(BUFFER, 4)],
    ['frees the memory of the older one', (rig) => rig.free(BUFFER, 64)],
    ['makes the older one available again', (rig) => rig.post(2, 0, BUFFER, 64, WRITE)],
    [
      'lends the memory of the older one again',
      (rig) => {
        rig.post(2, 2, BUFFER, 64, WRITE);
        rig.kick();
      },
    ],
    [
      'lets another chain run into the older one',
      (rig) => {
        rig.desc(2, BUFFER + 256, 64, NEXT | WRITE, 0);
        rig.entry(2, 2);
        rig.idx(3);
        rig.kick();
      },
    ],
  ])('was taken for that by a driver that %s', (_, does) => {
    const rig = overtaken();
    does(rig);

    expect(rig.said).toEqual([
      'virtio/VQ-IMP-39: chain 1 came back, and the driver took it for chain 0, the next in order, which the device still has',
    ]);
  });

  test('was not, where it was made available again before', () => {
    const rig = overtaken();
    rig.post(2, 1, BUFFER + 64, 64, WRITE);
    rig.ram.load(BUFFER, 4);

    expect(rig.broken).toEqual(['virtio/VQ-IMP-23']);
  });

  test('was taken for that in a packed ring, too', () => {
    const rig = storesRig({ packed: true });
    for (const id of [0, 1]) rig.slot(id, BUFFER + 64 * id, 64, id, AVAIL | WRITE);
    for (const id of [0, 1]) rig.take(id);
    rig.usePacked(0, 1, 64);
    rig.lookAt(0);
    rig.ram.load(BUFFER, 4);

    expect(rig.broken).toEqual(['virtio/VQ-IMP-39']);
  });
});
