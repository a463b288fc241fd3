import type { BitSet } from '../../../core/bit-set.ts';
import type { Width } from '../../../core/bits.ts';
import type { Journal } from '../../../core/journal.ts';
import type { Register } from '../../../core/register.ts';
import type { Rules } from '../../../core/rule.ts';
import { Watch } from '../../../core/watch.ts';
import type { Interface, VirtioEvents } from '../../../virtio/events.ts';
import { DEVICE_STATUS, FEATURE } from '../../../virtio/registers.ts';
import { device_status } from '../../../virtio/transport/modern/registers.ts';
import type { VirtioFacts } from '../facts.ts';

/**
 * How far a suspension has come, as the driver knows. `suspending`: SUSPEND was written. `suspended`: the status was
 * read as suspended. `resuming`: DRIVER_OK was requested. `working`: the status was read as working.
 */
type SuspendStep = 'working' | 'suspending' | 'suspended' | 'resuming';

const { DRIVER_OK, SUSPEND } = DEVICE_STATUS.mask;

const DEVICE_SUSPEND = 'virtio 1.4, Device Suspend';
const since = (k: SuspendWatch) => k.suspendedAt;
/** From the write of SUSPEND until DRIVER_OK is requested. */
const isDown = (k: SuspendWatch) => k.step === 'suspending' || k.step === 'suspended';

/** Rules of Device Suspend, with feature SUSPEND (43). */
export const SUSPENSION = {
  'virtio/SUSP-D2': {
    where: DEVICE_SUSPEND,
    text: 'A driver MUST read the status after setting SUSPEND until it has SUSPEND and no DRIVER_OK.',
    advice:
      'Read the status until the device says that it is suspended; this may take time, or need a reset.',
    on: 'resume',
    kept: (k) => k.step !== 'suspending',
    said: () => 'DRIVER_OK was asked for before the status had read SUSPEND without DRIVER_OK',
    since,
  },
  'virtio/SUSP-D3': {
    where: DEVICE_SUSPEND,
    text: 'A driver MUST NOT make a buffer available after writing SUSPEND.',
    advice: 'Hold back what is to be sent until the device is resumed.',
    on: 'resume',
    kept: (k) => k.filled.length === 0,
    said: (k) => `buffers were made available after SUSPEND was written, in ${k.filled.join(', ')}`,
    since,
  },
  'virtio/SUSP-D4': {
    where: DEVICE_SUSPEND,
    text: 'A driver MUST NOT kick a queue after writing SUSPEND.',
    advice: 'Stop transmission first, then suspend the device.',
    on: ['kicked', 'resumed'],
    when: (k) => isDown(k) || k.step === 'working',
    kept: (k) => !isDown(k),
    said: (k) => `${k.deed} after SUSPEND was written`,
    since,
  },
  'virtio/SUSP-D5': {
    where: DEVICE_SUSPEND,
    text: 'A driver MUST NOT write the device configuration after writing SUSPEND.',
    advice: 'Write it before suspending, or after the device is resumed: a suspended one ignores it.',
    on: ['configured', 'resumed'],
    when: (k) => isDown(k) || k.step === 'working',
    kept: (k) => !isDown(k),
    said: (k) => `${k.deed} after SUSPEND was written`,
    since,
  },
  'virtio/SUSP-D6': {
    where: DEVICE_SUSPEND,
    text: 'A driver MUST wait for a status with DRIVER_OK and no SUSPEND after it asked for DRIVER_OK again.',
    advice: 'Read the status until the device is resumed, and only then kick it.',
    on: ['kicked', 'configured', 'resumed'],
    when: (k) => !isDown(k),
    kept: (k) => k.step !== 'resuming',
    said: (k) => `${k.deed} before the status had read DRIVER_OK without SUSPEND`,
    since: (k) => k.resumedAt,
  },
} as const satisfies Rules<SuspendWatch>;

/** What is available in a queue now, as a text to compare; null where there is no ring, or it is not seen. */
type Availability = (queue: number) => string | null;

/** Watches a driver suspend and resume a device. */
export class SuspendWatch implements Partial<VirtioEvents> {
  step: SuspendStep = 'working';
  /** What the driver did: `receive queue 1 (queue 0) was kicked`. */
  deed = '';
  /** The queues in which buffers were made available since SUSPEND was written, by name. */
  filled: readonly string[] = [];
  suspendedAt = 0;
  resumedAt = 0;
  private accepted: BitSet | null = null;
  private before: readonly (string | null)[] = [];
  private live = false;
  private readonly facts: VirtioFacts;
  private readonly journal: Journal;
  private readonly availability: Availability;
  /** `resume`: DRIVER_OK is requested. `kicked`, `configured`: before the device works again. `resumed`: it does. */
  private readonly on;

  /** @param availability looks into the rings. */
  constructor(facts: VirtioFacts, journal: Journal, availability: Availability) {
    this.facts = facts;
    this.journal = journal;
    this.availability = availability;
    this.on = new Watch(journal, SUSPENSION).on;
  }

  get subject(): string {
    return this.facts.subject();
  }

  negotiated(accepted: BitSet): void {
    this.accepted = accepted;
  }

  reset(): void {
    this.step = 'working';
    this.live = false;
  }

  written(by: Interface, register: Register | null, _offset: number, _width: Width, value: number): void {
    if (by === 'legacy' || register !== device_status || value === 0) return;
    if (this.accepted?.has(FEATURE.SUSPEND) !== true) return;
    if (this.step === 'working') {
      if (this.live && (value & SUSPEND) !== 0) this.suspends();
      if ((value & DRIVER_OK) !== 0) this.live = true;
    } else if (this.step === 'suspended' && (value & DRIVER_OK) !== 0) this.resumes();
    // The device still has DRIVER_OK: a write that clears SUSPEND requests it.
    else if (this.step === 'suspending' && (value & SUSPEND) === 0) this.resumes();
  }

  statusRead(value: number): void {
    const state = value & (SUSPEND | DRIVER_OK);
    if (this.step === 'suspending' && state === SUSPEND) this.step = 'suspended';
    if (this.step !== 'resuming' || state !== DRIVER_OK) return;
    this.step = 'working';
    this.on.resumed.tell(this);
  }

  /** @returns whether the device works, so that kicks are allowed. */
  judgesKick(queue: number): boolean {
    if (this.step === 'working') return true;
    this.deed = `${this.facts.role(queue)} was kicked`;
    this.on.kicked.tell(this);
    return false;
  }

  configAccessed(by: Interface, _offset: number, _width: Width, _field: number, write: boolean): void {
    if (by === 'legacy' || !write || this.step === 'working') return;
    this.deed = 'the device configuration was written';
    this.on.configured.tell(this);
  }

  private suspends(): void {
    this.step = 'suspending';
    this.suspendedAt = this.journal.mark;
    this.before = this.facts.queueSizes.map((_, queue) => this.availability(queue));
  }

  private resumes(): void {
    const { before } = this;
    this.resumedAt = this.journal.mark;
    const differs = (queue: number) => before[queue] != null && before[queue] !== this.availability(queue);
    this.filled = before.flatMap((_, queue) => (differs(queue) ? [this.facts.role(queue)] : []));
    this.on.resume.tell(this);
    this.step = 'resuming';
  }
}
