import { scripts } from '../../script.proof.ts';
import { AT, StoresRig } from './rig.ts';
import type { STORES } from './stores.ts';

const BUFFER = 0x5000;
/** Flags of an available packed descriptor on the first lap. */
const AVAIL = 0x80;
/** And on the second lap. */
const USED = 0x8000;
const NEXT = 1;

const lendPacked = (rig: StoresRig) => {
  rig.slot(0, BUFFER, 64, 1, AVAIL);
  rig.take(1);
};
const giveBackPacked = (rig: StoresRig) => {
  rig.usePacked(0, 1, 0);
  rig.lookAt(0);
};

type Packed = Extract<keyof typeof STORES, `virtio/PACKED-${string}`>;

export const PACKED_STORES_PROOFS = scripts<StoresRig, Packed>(
  (journal) => new StoresRig(journal, { packed: true }),
  {
    'virtio/PACKED-BARRIER-D1': {
      breaks: (rig) => {
        rig.flags(0, AVAIL);
        rig.slot(0, BUFFER, 64, 1, null);
      },
      keeps: (rig) => rig.slot(0, BUFFER, 64, 1, AVAIL),
    },
    'virtio/PACKED-DESC-D2': {
      breaks: (rig) => {
        lendPacked(rig);
        rig.ram.store(AT.desc + 8, 32, 4);
      },
      keeps: (rig) => {
        lendPacked(rig);
        giveBackPacked(rig);
        rig.ram.store(AT.desc + 8, 32, 4);
      },
    },
    'virtio/PACKED-DESC-D1': {
      breaks: (rig) => {
        lendPacked(rig);
        rig.usePacked(0, 1, 0);
        rig.slot(0, BUFFER, 32, 1, null);
      },
      keeps: (rig) => {
        lendPacked(rig);
        giveBackPacked(rig);
        for (const i of [1, 2, 3]) rig.slot(i, BUFFER, 32, i + 1, AVAIL);
      },
    },
    'virtio/PACKED-SG-D4': {
      breaks: (rig) => {
        for (const i of [0, 1, 2]) rig.slot(i, BUFFER, 32, i, AVAIL);
        rig.slot(3, BUFFER, 32, 3, AVAIL | NEXT);
      },
      keeps: (rig) => {
        for (const i of [0, 1]) rig.slot(i, BUFFER, 32, i, AVAIL);
        rig.slot(3, BUFFER, 32, 3, AVAIL);
        rig.slot(2, BUFFER, 32, 3, AVAIL | NEXT);
      },
    },
    'virtio/PACKED-SG-D5': {
      breaks: (rig) => {
        for (const i of [0, 1, 2, 3]) rig.slot(i, BUFFER, 32, i, AVAIL);
        rig.slot(0, BUFFER + 64, 32, 4, USED);
      },
      keeps: (rig) => {
        for (const i of [0, 1, 2, 3]) rig.slot(i, BUFFER, 32, i, AVAIL);
        rig.usePacked(0, 0, 0);
        rig.lookAt(0);
        rig.slot(0, BUFFER + 64, 32, 4, USED);
      },
    },
    'virtio/PACKED-IMP-15': {
      breaks: (rig) => rig.slot(0, BUFFER, 64, 1, USED),
      keeps: (rig) => rig.slot(0, BUFFER, 64, 1, AVAIL),
    },
    'virtio/PACKED-IMP-12': {
      breaks: (rig) => {
        lendPacked(rig);
        rig.usePacked(0, 1, 0);
        rig.ram.load(AT.desc + 12, 2);
      },
      keeps: (rig) => {
        lendPacked(rig);
        giveBackPacked(rig);
        rig.ram.load(AT.desc + 12, 2);
      },
    },
  },
);
