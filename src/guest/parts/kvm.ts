import { KvmGuest } from '../drivers/kvm.ts';
import type { Part } from './part.ts';

/** What a guest learned of KVM by sharing its clock. */
export interface KvmFacts {
  /** EAX of the second leaf. */
  readonly features: number;
  /** The rate of the TSC as its clock has it. */
  readonly tscKHz: number;
  /** The seconds since 1970. */
  readonly date: number;
}

/** KVM, if it answers, and offers a clock. The host stops writing to RAM when it was probed. */
export const kvmPart: Part<KvmGuest, KvmFacts> = {
  find: (port) => {
    const guest = KvmGuest.open(port);
    return guest === null ? [] : [{ at: 0, attach: () => guest }];
  },
  probe: (guest) => {
    const facts = { features: guest.features, tscKHz: guest.tscKHz, date: guest.date() };
    guest.close();
    return facts;
  },
};
