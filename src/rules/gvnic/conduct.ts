import type { Nanos } from '../../core/bits.ts';
import type { Journal } from '../../core/journal.ts';
import type { Register } from '../../core/register.ts';
import type { Rules } from '../../core/rule.ts';
import { Watch } from '../../core/watch.ts';
import type { DqoPacket, GqiPacket, GvnicEvents } from '../../gvnic/events.ts';
import { DEVICE_STATUS } from '../../gvnic/registers/bar0.ts';
import { type GvnicFacts, SOURCE } from './facts.ts';

/** Drivers look at device_status at an interrupt, or every few seconds. */
export const RESET_WITHIN: Nanos = 5_000_000_000;
const { LINK_STATUS } = DEVICE_STATUS.mask;

/** Rules for what a driver does of its own when the device has something that is no queue's. */
export const GVNIC_CONDUCT = {
  'gvnic/RESET-ASKED': {
    where: SOURCE,
    text: 'A driver MUST reset the device, and set it up anew, when the device asks for that.',
    advice:
      'Read device_status at the interrupt behind those of the blocks, or every second; at RESET release the admin queue and begin anew. With a mailbox do so when rx_length reads 0.',
    on: 'asked',
    kept: (k) => k.waited < RESET_WITHIN,
    said: (k) => `the device asked for a reset, and got none for ${Math.floor(k.waited / 1e9)} s`,
  },
  'gvnic/LINK-DOWN': {
    where: SOURCE,
    text: 'Send nothing while the link is down, and read device_status again at the interrupt behind those of the blocks.',
    advice: 'Stop the queues when LINK_STATUS is clear, and start them when it is set.',
    on: 'sent',
    when: (k) => k.hasLooked,
    kept: (k) => k.isUp,
    said: () => 'a packet was sent, and the link was down when it was read last',
  },
} as const satisfies Rules<ConductWatch>;

/** Watches what a driver does about its card's status. */
export class ConductWatch implements Partial<GvnicEvents> {
  /** Since the device asked for a reset. */
  waited: Nanos = 0;
  /** The driver has read the status of the link, which was up. */
  hasLooked = false;
  isUp = true;
  private askedAt: Nanos | null = null;
  private readonly facts: GvnicFacts;
  private readonly journal: Journal;
  private readonly on;

  constructor(facts: GvnicFacts, journal: Journal) {
    this.facts = facts;
    this.journal = journal;
    this.on = new Watch(journal, GVNIC_CONDUCT).on;
    journal.beforeReading(() => this.look());
  }

  get subject(): string {
    return this.facts.subject;
  }

  resetAsked(): void {
    this.askedAt ??= this.journal.now;
  }

  /** What the driver asked for, it gets. */
  reset(): void {
    if (this.askedAt === null) return;
    this.waited = this.journal.now - this.askedAt;
    this.askedAt = null;
    this.on.asked.tell(this);
  }

  registerRead(register: Register | null, _offset: number, _width: number, value: number): void {
    if (register !== (DEVICE_STATUS as Register)) return;
    this.hasLooked = true;
    this.isUp = (value & LINK_STATUS) !== 0;
  }

  gqiPacket(_packet: GqiPacket): void {
    this.on.sent.tell(this);
  }

  dqoPacket(_packet: DqoPacket): void {
    this.on.sent.tell(this);
  }

  /** A reset that is still due is told of once its time is over. */
  private look(): void {
    if (this.askedAt === null || this.journal.now - this.askedAt < RESET_WITHIN) return;
    this.reset();
  }
}
