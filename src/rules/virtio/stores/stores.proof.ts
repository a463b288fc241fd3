import { scripts } from '../../script.proof.ts';
import { AT, StoresRig } from './rig.ts';
import type { STORES } from './stores.ts';

const BUFFER = 0x5000;
const LONG = 100_000_000;
const WRITE = 2;
const NEXT = 1;

/** The device has the chain of descriptor 0. */
const lend = (rig: StoresRig, flags = 0) => {
  rig.post(0, 0, BUFFER, 64, flags);
  rig.take(0);
};
/** It comes back, and the driver sees it. */
const giveBack = (rig: StoresRig, written: number) => {
  rig.use(0, 0, written);
  rig.look();
};
/** The device has two chains, and the second comes back first. */
const lendTwo = (rig: StoresRig) => {
  for (const head of [0, 1]) rig.post(head, head, BUFFER + 64 * head, 64);
  for (const head of [0, 1]) rig.take(head);
};
const giveBackSecond = (rig: StoresRig) => {
  rig.use(0, 1, 0);
  rig.look();
};
/** Touches what the device writes, while it has it, and after it came back. */
const touches = (touch: (rig: StoresRig) => void) => ({
  breaks: (rig: StoresRig) => {
    lend(rig, WRITE);
    touch(rig);
  },
  keeps: (rig: StoresRig) => {
    lend(rig, WRITE);
    giveBack(rig, 64);
    touch(rig);
  },
});
/** It comes back while the driver wants no interrupts; then the driver asks for them again. */
const asksLate = (rig: StoresRig) => {
  rig.wantInterrupts(false);
  lend(rig);
  rig.use(0, 0, 0);
  rig.wantInterrupts(true);
};
/** Two come back, and the interrupt handler takes so many. */
const serves = (rig: StoresRig, count: number) => {
  for (const head of [0, 1]) {
    rig.post(head, head, BUFFER + 64 * head, 64);
    rig.take(head);
    rig.use(head, head, 0);
  }
  rig.journal.handler = 1;
  rig.look();
  for (let i = 0; i < count; i++) rig.lookUp(i);
  rig.journal.handler = 0;
};
export const STORES_PROOFS = scripts<StoresRig, Exclude<keyof typeof STORES, `virtio/PACKED-${string}`>>(
  (journal, clock) => new StoresRig(journal, { clock }),
  {
    'virtio/VQ-BARRIER-D1': {
      breaks: (rig) => {
        rig.desc(1, BUFFER, 64, 0);
        rig.idx(1);
        rig.entry(0, 1);
      },
      keeps: (rig) => {
        rig.desc(1, BUFFER, 64, 0);
        rig.entry(0, 1);
        rig.idx(1);
      },
    },
    'virtio/CLEAN-D1': {
      breaks: (rig) => {
        lend(rig);
        rig.desc(0, BUFFER, 32, 0);
      },
      keeps: (rig) => {
        lend(rig);
        giveBack(rig, 0);
        rig.desc(0, BUFFER, 32, 0);
      },
    },
    'virtio/CLEAN-D2': {
      breaks: (rig) => {
        lend(rig);
        rig.ram.fill(BUFFER, 0xaa, 64);
      },
      keeps: (rig) => {
        lend(rig);
        giveBack(rig, 0);
        rig.ram.fill(BUFFER, 0xaa, 64);
      },
    },
    'virtio/VQ-IMP-24': {
      breaks: (rig) => {
        rig.post(0, 0, BUFFER, 64, WRITE);
        rig.post(1, 1, BUFFER + 32, 64, WRITE);
        rig.kick();
      },
      keeps: (rig) => {
        rig.post(0, 0, BUFFER, 64, WRITE);
        rig.post(1, 1, BUFFER + 64, 64, WRITE);
        rig.kick();
      },
    },
    'virtio/VQ-IMP-25': {
      breaks: (rig) => {
        rig.post(0, 0, AT.device - 32, 64, WRITE);
        rig.kick();
      },
      keeps: (rig) => {
        rig.post(0, 0, AT.device - 64, 64, WRITE);
        rig.kick();
      },
    },
    'virtio/VQ-IMP-35': {
      breaks: (rig) => {
        rig.post(0, 0, 0xb_8000, 64);
        rig.kick();
      },
      keeps: (rig) => {
        rig.post(0, 0, 0x9_0000, 64, WRITE);
        rig.kick();
      },
    },
    'virtio/VQ-IMP-26': {
      breaks: (rig) => {
        rig.free(AT.driver, 4096);
        rig.reset();
      },
      keeps: (rig) => {
        rig.reset();
        rig.free(AT.driver, 4096);
      },
    },
    'virtio/VQ-IMP-28': {
      breaks: (rig) => rig.ram.store(AT.device, 1, 2),
      keeps: (rig) => {
        lend(rig);
        giveBack(rig, 0);
        rig.ram.store(AT.device + 4, 0xffff, 4);
        rig.reset();
      },
    },
    'virtio/VQ-IMP-32': {
      breaks: (rig) => {
        lend(rig);
        rig.desc(1, BUFFER + 64, 64, NEXT, 0);
        rig.entry(1, 1);
        rig.idx(2);
        rig.take(1);
      },
      keeps: (rig) => {
        lend(rig);
        giveBack(rig, 0);
        rig.desc(1, BUFFER + 64, 64, NEXT, 0);
        rig.entry(1, 1);
        rig.idx(2);
        rig.take(1);
      },
    },
    'virtio/VQ-IMP-22': {
      breaks: (rig) => {
        lend(rig);
        rig.use(0, 0, 0);
        rig.lookUp(0);
      },
      keeps: (rig) => {
        lend(rig);
        giveBack(rig, 0);
        rig.lookUp(0);
      },
    },
    'virtio/VQ-IMP-23': touches((rig) => void rig.ram.load(BUFFER, 1)),
    'virtio/VQ-IMP-38': touches((rig) => rig.ram.store(BUFFER, 1, 1)),
    'virtio/VQ-IMP-39': {
      breaks: (rig) => {
        lendTwo(rig);
        giveBackSecond(rig);
        rig.ram.fill(BUFFER, 0xaa, 64);
      },
      keeps: (rig) => {
        lendTwo(rig);
        giveBackSecond(rig);
        rig.ram.fill(BUFFER + 64, 0xaa, 64);
      },
    },
    'virtio/VQ-IMP-34': {
      breaks: (rig) => {
        asksLate(rig);
        rig.pass(LONG);
        rig.reset();
      },
      keeps: (rig) => {
        asksLate(rig);
        rig.look();
        rig.pass(LONG);
        rig.reset();
      },
    },
    'virtio/VQ-IMP-37': {
      breaks: (rig) => {
        serves(rig, 1);
        rig.pass(LONG);
        rig.reset();
      },
      keeps: (rig) => {
        serves(rig, 2);
        rig.pass(LONG);
        rig.reset();
      },
    },
    'virtio/VQ-USED-D2': {
      breaks: (rig) => {
        lend(rig, WRITE);
        giveBack(rig, 60);
        rig.ram.load(BUFFER + 60, 4);
      },
      keeps: (rig) => {
        lend(rig, WRITE);
        giveBack(rig, 60);
        rig.ram.load(BUFFER + 56, 4);
      },
    },
  },
);
