import { VIRTQ_DESC_F } from '../../../src/virtio/registers.ts';
import { BYTES, onRing, type Play, SIZE } from './play.ts';
import { SPLIT_PLAYS } from './split.ts';
import { STATE_PLAYS } from './state.ts';

const { NEXT, WRITE, INDIRECT } = VIRTQ_DESC_F;

/** What is said of rings is played on the one that an entropy device has. */
const asRing = (number: string): Play => onRing(SPLIT_PLAYS[number]!);

/** How tests of the entropy device are played, by their numbers. */
export const RNG_PLAYS: Readonly<Record<string, Play>> = {
  RNG0002: asRing('T0006'),
  RNG0003: asRing('T0009'),
  RNG0004: asRing('T0007'),
  RNG0005: asRing('T0005'),
  RNG0006: asRing('T0001'),
  RNG0007: asRing('T0003'),
  RNG0009: asRing('T0015'),
  RNG0010: asRing('T0019'),
  RNG0011: asRing('T0018'),
  RNG0013: onRing({
    act: (ring) => {
      ring.put(0, { address: ring.room(BYTES), length: BYTES }, NEXT | WRITE | INDIRECT, 1);
      ring.offer(0, 0);
      ring.kick();
    },
  }),
  RNG0015: onRing({
    act: (ring) => {
      const one = { address: ring.room(BYTES), length: BYTES };
      for (let i = 0; i < SIZE; i++) {
        ring.put(i, one, WRITE, 0);
        ring.offer(i, i);
      }
      ring.kick();
    },
  }),
  RNG0016: asRing('T0053'),
  RNG0017: STATE_PLAYS['S0004']!,
  RNG0022: asRing('T0063'),
  RNG0029: asRing('T0005'),
  RNG0030: asRing('T0105'),
  RNG0031: asRing('T0021'),
  RNG0032: onRing({
    features: ['INDIRECT_DESC'],
    act: (ring) => {
      const table = ring.room(32);
      ring.put(0, { address: ring.room(BYTES), length: BYTES }, WRITE | NEXT, 2, table);
      ring.put(0, { address: table, length: 32 }, INDIRECT, 0);
      ring.offer(0, 0);
      ring.kick();
    },
  }),
};
