import * as reg from '../../kvm/registers.ts';
import { scripts } from '../script.proof.ts';
import type { KVM_READINGS } from './reading.ts';
import { AT, type Guest, guest, OTHER, STEAL, withClock } from './script-rig.proof.ts';

const WALL = reg.WALL_CLOCK_NEW.offset;
const { version, system_time, flags } = reg.pvclock_vcpu_time_info.offset;
const { GUEST_STOPPED } = reg.PVCLOCK_FLAGS.mask;

export const KVM_READING_PROOFS = scripts<Guest, keyof typeof KVM_READINGS>(guest, {
  'kvm/VERSION': {
    breaks: (k) => {
      withClock(k).pass();
      k.load(AT + system_time);
      k.ticks();
      k.load(AT + version, 2);
    },
    keeps: (k) => withClock(k).reads(),
  },
  'kvm/RECHECK': {
    breaks: (k) => {
      withClock(k).load(AT + version, 2);
      k.ticks();
      k.load(AT + system_time);
      k.end();
    },
    keeps: (k) => withClock(k).reads(),
  },
  'kvm/RETRY': {
    breaks: (k) => {
      withClock(k).reads(3);
      k.pass();
      k.end();
    },
    keeps: (k) => {
      withClock(k).reads(3);
      k.pass();
      k.reads();
    },
  },
  'kvm/TSC-INSIDE': {
    breaks: (k) => {
      withClock(k).ticks();
      k.load(AT + version, 2);
      k.load(AT + system_time);
      k.load(AT + version, 2);
      k.end();
    },
    keeps: (k) => withClock(k).reads(),
  },
  'kvm/READ-ONLY': {
    breaks: (k) => withClock(k).store(AT + version, 9, 4),
    keeps: (k) => {
      withClock(k).flags(1 | GUEST_STOPPED);
      k.store(AT + flags, 1, 1);
    },
  },
  'kvm/STOPPED': {
    breaks: (k) => {
      withClock(k).flags(1 | GUEST_STOPPED);
      k.reads();
      k.reads();
    },
    keeps: (k) => {
      withClock(k).flags(1 | GUEST_STOPPED);
      k.reads();
      k.store(AT + flags, 1, 1);
      k.reads();
    },
  },
  'kvm/LINE': {
    breaks: (k) => withClock(k).store(AT + 40, 1, 4),
    keeps: (k) => {
      withClock(k).flags(1 | GUEST_STOPPED);
      k.store(AT + flags, 1, 1);
      k.store(AT + 64, 1, 4);
    },
  },
  'kvm/DATE-REQUEST': {
    breaks: (k) => {
      withClock(k).writes(WALL, OTHER);
      for (let time = 0; time < 2; time++) {
        k.takes(OTHER, 0);
        k.reads();
      }
    },
    keeps: (k) => {
      withClock(k);
      for (let time = 0; time < 2; time++) {
        k.writes(WALL, OTHER);
        k.takes(OTHER, 0);
        k.reads();
      }
    },
  },
  'kvm/DATE-VERSION': {
    breaks: (k) => {
      withClock(k).writes(WALL, OTHER);
      k.pass();
      k.load(OTHER + 4);
      k.load(OTHER, 2);
      k.reads();
    },
    keeps: (k) => {
      withClock(k).writes(WALL, OTHER);
      k.takes(OTHER, 0);
      k.reads();
    },
  },
  'kvm/DATE-ORDER': {
    breaks: (k) => {
      withClock(k).writes(WALL, OTHER);
      k.reads();
      k.takes(OTHER, 0);
      k.end();
    },
    keeps: (k) => {
      withClock(k).writes(WALL, OTHER);
      k.takes(OTHER, 0);
      k.reads();
      k.end();
    },
  },
  'kvm/STEAL-VERSION': {
    breaks: (k) => {
      k.finds().writes(STEAL, OTHER | 1);
      k.pass();
      k.load(OTHER);
      k.end();
    },
    keeps: (k) => {
      k.finds().writes(STEAL, OTHER | 1);
      k.takes(OTHER, 8);
    },
  },
});
