import type { BitSet } from '../core/bit-set.ts';
import { hex } from '../core/bits.ts';
import type { ClauseId } from '../core/clause.ts';
import type { Journal } from '../core/journal.ts';
import type { Bait } from './features/baits.ts';
import type { FeatureRule } from './features/offers.ts';
import { DEVICE_STATUS, FEATURE } from './registers.ts';
import { answerTo, type Rule, type Strictness } from './strictness.ts';

const { ACKNOWLEDGE, DRIVER, DRIVER_OK, FEATURES_OK, FAILED } = DEVICE_STATUS.mask;

/** What the rules must know of the device that they watch. */
export interface Watched {
  readonly name: string;
  readonly legacy: boolean;
  readonly strictness: Strictness;
  readonly offered: BitSet;
  readonly accepted: BitSet;
  readonly rules: readonly FeatureRule<ClauseId>[];
  readonly baits: readonly Bait[];
  anyQueueReady(): boolean;
}

/**
 * Watches a driver initialise a device (virtio 1.4, Driver Initialization) and says which step it got wrong. What
 * it records does not depend on how strict the device is: a method that returns a boolean says whether the device
 * goes along.
 */
export class InitRules {
  private readonly journal: Journal;
  private readonly device: Watched;
  private resetSeen = false;
  private resetPending = false;
  private featuresRead = false;
  private featuresWritten = false;
  private status = 0;

  constructor(journal: Journal, device: Watched) {
    this.journal = journal;
    this.device = device;
  }

  /** Power came on: no driver has been here. */
  powerOn(): void {
    this.resetSeen = this.resetPending = false;
    this.forget();
  }

  /** The driver wrote 0 to the status. */
  resetWritten(): void {
    this.forget();
    this.resetSeen = this.resetPending = true;
  }

  statusRead(value: number): void {
    if (value === 0) this.resetPending = false;
  }

  statusWritten(value: number): boolean {
    const before = this.status;
    this.status = value;
    this.check(
      'virtio/INIT-D1',
      before !== 0 || this.resetSeen,
      `the first status written was ${hex(value, 2)}, without a reset`,
    );
    this.touched();
    const goesAlong = [
      this.enforce(
        'virtio/STATUS-D2',
        (before & ~value) === 0,
        `status went from ${hex(before, 2)} to ${hex(value, 2)}, which drops ${DEVICE_STATUS.format(before & ~value)}`,
      ),
      (value & DRIVER) === 0 ||
        this.enforce(
          'virtio/INIT-D2',
          (value & ACKNOWLEDGE) !== 0,
          `status ${hex(value, 2)} has DRIVER without ACKNOWLEDGE`,
        ),
      this.enforce(
        'virtio/STATUS-D1',
        (value & ~before & DRIVER_OK) === 0 || (before & DRIVER) !== 0,
        `status went from ${hex(before, 2)} to ${hex(value, 2)}: DRIVER_OK came before DRIVER`,
      ),
      this.enforce(
        'virtio/STATUS-D3',
        (before & FAILED) === 0,
        `status ${hex(value, 2)} was written after FAILED, without a reset`,
      ),
      !this.device.legacy ||
        this.enforce(
          'virtio/INIT-LEG-D1',
          (value & FEATURES_OK) === 0,
          `status ${hex(value, 2)} has FEATURES_OK on a legacy device`,
        ),
    ].every(Boolean);
    if (value & ~before & DRIVER_OK) this.driverOk();
    return goesAlong;
  }

  /** The device dropped bits that the driver had set: the driver is not to blame for missing them. */
  statusDropped(bits: number): void {
    this.status &= ~bits;
  }

  /** Whether no feature was accepted without what it rests on. */
  dependenciesKept(): boolean {
    const { accepted, rules } = this.device;
    let kept = true;
    for (const { clause, bit, needs } of rules) {
      if (!accepted.has(bit)) continue;
      const met = needs.some((need) => accepted.has(need));
      this.check(clause, met, `bit ${bit} was accepted without ${needs.join(' or ')}`);
      kept &&= met;
    }
    return kept;
  }

  /** Looks at the features that no driver may take, when the negotiation is over. */
  checkBaits(): void {
    const { accepted, baits, legacy } = this.device;
    for (const { bit, clause } of baits)
      if (!legacy || bit < 32) this.check(clause, !accepted.has(bit), `bit ${bit} was accepted`);
  }

  offerRead(): void {
    this.touched();
    this.featuresRead = true;
  }

  /** @param word which 32 bits; @param value as the driver wrote them. */
  featuresAccepted(word: number, value: number): boolean {
    this.touched();
    this.featuresWritten = true;
    const said = `features were written while status was ${hex(this.status, 2)}`;
    const begun = this.enforce('virtio/INIT-D3', (this.status & DRIVER) !== 0, said);
    const open = !this.device.legacy || this.enforce('virtio/INIT-D4', (this.status & DRIVER_OK) === 0, said);
    const extra = (value & ~this.device.offered.words[word]!) >>> 0;
    this.check(
      'virtio/FEAT-D1',
      extra === 0,
      `${hex(value >>> 0, 8)} was accepted, of which ${hex(extra, 8)} was not offered`,
    );
    return begun && open;
  }

  queueSetUp(index: number): boolean {
    this.touched();
    return this.enforce(
      'virtio/INIT-D7',
      (this.status & DRIVER) !== 0 && (this.status & DRIVER_OK) === 0,
      `queue ${index} was set up while status was ${hex(this.status, 2)}`,
    );
  }

  /** Called at every kick, so it builds no text while all is well. */
  notified(index: number): void {
    this.touched();
    this.journal.met('virtio/INIT-D13');
    if ((this.status & DRIVER_OK) !== 0) return;
    const said = `queue ${index} was kicked while status was ${hex(this.status, 2)}`;
    this.journal.report('virtio/INIT-D13', this.device.name, said);
  }

  /** Whether the device goes along with what breaks `rule`. */
  goesAlong(rule: Rule): boolean {
    const answer = answerTo(rule, this.device.legacy, this.device.strictness);
    return answer === 'taken' || answer === 'dropped';
  }

  /** Any access other than a status read. */
  touched(): void {
    this.journal.met('virtio/RESET-D1');
    if (!this.resetPending) return;
    this.resetPending = false;
    const said = 'the device was used before its status read 0 after a reset';
    this.journal.report('virtio/RESET-D1', this.device.name, said);
  }

  private driverOk(): void {
    this.check(
      'virtio/INIT-D4',
      this.featuresRead && this.featuresWritten,
      this.featuresRead
        ? 'DRIVER_OK was set though no features were written'
        : 'DRIVER_OK was set though the offered features were not read',
    );
    this.check('virtio/INIT-D8', this.device.anyQueueReady(), 'DRIVER_OK was set though no queue was set up');
    if (!this.device.legacy) return;
    this.dependenciesKept();
    this.checkBaits();
    const { accepted, offered } = this.device;
    this.check('virtio/RFEAT-LEG-D2', !accepted.has(FEATURE.UNUSED_30), 'bit 30 was accepted');
    if (offered.has(FEATURE.ANY_LAYOUT))
      this.check(
        'virtio/RFEAT-LEG-D1',
        accepted.has(FEATURE.ANY_LAYOUT),
        'ANY_LAYOUT was offered and not accepted',
      );
  }

  private check(clause: ClauseId, kept: boolean, said: string): void {
    this.journal.met(clause);
    if (!kept) this.journal.report(clause, this.device.name, said);
  }

  private enforce(clause: ClauseId, kept: boolean, said: string): boolean {
    this.check(clause, kept, said);
    return kept || this.goesAlong(clause);
  }

  private forget(): void {
    this.status = 0;
    this.featuresRead = this.featuresWritten = false;
  }
}
