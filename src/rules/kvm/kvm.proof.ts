import * as reg from '../../kvm/registers.ts';
import { scripts } from '../script.proof.ts';
import type { KVM_AREAS } from './areas.ts';
import type { KVM_MSRS } from './msrs.ts';
import { AT, CLOCK, END, Guest, guest, OTHER, STEAL, withClock } from './script-rig.proof.ts';

const F = reg.FEATURES.mask;
const FEWER = 0x0103_7eff & ~F.ASYNC_PF_VMEXIT & ~F.PV_SEND_IPI & ~F.POLL_CONTROL;
const LEAF = reg.HYPERVISOR_LEAF;

export const KVM_MSR_PROOFS = scripts<Guest, keyof typeof KVM_MSRS>(
  (journal, clock) => new Guest(journal, clock, FEWER),
  {
    'kvm/HYPERVISOR': { breaks: (k) => k.asks(LEAF), keeps: (k) => k.asks(1, LEAF) },
    'kvm/SIGNATURE': {
      breaks: (k) => {
        k.asks(1, LEAF + 1);
        k.writes(CLOCK, 0);
      },
      keeps: (k) => k.finds().writes(CLOCK, 0),
    },
    'kvm/FEATURES': {
      breaks: (k) => {
        k.asks(1, LEAF);
        k.writes(CLOCK, 0);
      },
      keeps: (k) => k.finds().writes(CLOCK, 0),
    },
    'kvm/MSR-FEATURE': {
      breaks: (k) => k.finds().writes(reg.POLL_CONTROL.offset, 0),
      keeps: (k) => k.finds().writes(reg.ASYNC_PF_INT.offset, 0xf3),
    },
    'kvm/NEW-PAIR': {
      breaks: (k) => k.finds().writes(reg.SYSTEM_TIME.offset, 0),
      keeps: (k) => k.finds().writes(CLOCK, 0),
    },
    'kvm/RESERVED': {
      breaks: (k) => k.finds().writes(reg.ASYNC_PF_INT.offset, 0x1f3),
      keeps: (k) => k.finds().writes(reg.ASYNC_PF_INT.offset, 0xf3),
    },
    'kvm/ENABLE': {
      breaks: (k) => k.finds().writes(CLOCK, AT),
      keeps: (k) => withClock(k).writes(CLOCK, AT),
    },
    'kvm/APF-VECTOR': {
      breaks: (k) => k.finds().writes(reg.ASYNC_PF_EN.offset, AT | 9),
      keeps: (k) => {
        k.finds().writes(reg.ASYNC_PF_INT.offset, 0xf3);
        k.writes(reg.ASYNC_PF_EN.offset, AT | 9);
      },
    },
    'kvm/APF-DELIVERY': {
      breaks: (k) => k.finds().writes(reg.ASYNC_PF_EN.offset, AT | 5),
      keeps: (k) => k.finds().writes(reg.ASYNC_PF_EN.offset, AT | 1),
    },
    'kvm/EOI-TWICE': { breaks: (k) => k.serves(true, true), keeps: (k) => k.serves(true, false) },
    'kvm/HYPERCALL': {
      breaks: (k) => k.finds().calls(reg.HYPERCALL.SEND_IPI),
      keeps: (k) => k.finds().calls(reg.HYPERCALL.KICK_CPU),
    },
  },
);

export const KVM_AREA_PROOFS = scripts<Guest, keyof typeof KVM_AREAS>(guest, {
  'kvm/ALIGNMENT': { breaks: (k) => k.finds().writes(CLOCK, AT | 3), keeps: (k) => void withClock(k) },
  'kvm/RAM': { breaks: (k) => k.finds().writes(CLOCK, END | 1), keeps: (k) => void withClock(k) },
  'kvm/PAGE': {
    breaks: (k) => k.finds().writes(CLOCK, 0x2ff0 | 1),
    keeps: (k) => k.finds().writes(CLOCK, 0x2fe1),
  },
  'kvm/OWN': {
    breaks: (k) => withClock(k).writes(CLOCK, AT | 1, 1),
    keeps: (k) => withClock(k).writes(CLOCK, (AT + 32) | 1, 1),
  },
  'kvm/ZEROED': {
    breaks: (k) => {
      k.memory.slice(AT, 1)![0] = 5;
      k.finds().writes(STEAL, AT | 1);
    },
    keeps: (k) => k.finds().writes(STEAL, AT | 1),
  },
  'kvm/FREED': {
    breaks: (k) => withClock(k).frees(AT),
    keeps: (k) => {
      withClock(k).writes(CLOCK, 0);
      k.frees(AT);
    },
  },
  'kvm/EVERY-CLOCK': {
    breaks: (k) => {
      withClock(k).load(AT, 2);
      k.ticks(1);
    },
    keeps: (k) => {
      withClock(k).writes(CLOCK, OTHER | 1, 1);
      k.load(OTHER, 2);
      k.ticks(1);
    },
  },
  'kvm/APF-TOKEN': {
    breaks: (k) => {
      k.finds().writes(reg.ASYNC_PF_INT.offset, 0xf3);
      k.writes(reg.ASYNC_PF_EN.offset, AT | 9);
      k.memory.slice(AT + 4, 1)![0] = 7;
      k.writes(reg.ASYNC_PF_ACK.offset, 1);
    },
    keeps: (k) => {
      k.finds().writes(reg.ASYNC_PF_INT.offset, 0xf3);
      k.writes(reg.ASYNC_PF_EN.offset, AT | 9);
      k.writes(reg.ASYNC_PF_ACK.offset, 1);
    },
  },
});
