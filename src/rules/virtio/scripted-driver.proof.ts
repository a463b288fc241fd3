import { BitSet } from '../../core/bit-set.ts';
import type { Width } from '../../core/bits.ts';
import type { Journal } from '../../core/journal.ts';
import type { Register } from '../../core/register.ts';
import type { Interface, Oddity, VirtioEvents } from '../../virtio/events.ts';
import { NET_FEATURE } from '../../virtio/net/registers.ts';
import * as legacy from '../../virtio/registers.ts';
import * as modern from '../../virtio/transport/modern/registers.ts';
import { scripts } from '../script.proof.ts';
import { NET_FEATURE_RULES } from './net/features.ts';
import { judgeVirtio } from './watches.ts';

/** Features that a driver of a NIC should accept. */
const TO_BE_TAKEN: readonly number[] = [NET_FEATURE.MTU, NET_FEATURE.MAC];

/** The features offered: those of a NIC, of all kinds of rings, and meaningless bits. */
const OFFERED = [
  ...Array.from({ length: 24 }, (_, bit) => bit).filter((bit) => !TO_BE_TAKEN.includes(bit)),
  ...[24, 25, 27, 28, 29, 30],
  ...Array.from({ length: 9 }, (_, i) => 32 + i),
  ...[44, 58],
];
const ODDITIES: readonly Oddity[] = [
  'reserved type',
  'reserved BAR',
  'second',
  'second to a padded',
  'second to a long',
];

/** For proofs: a driver of one interface that reports its steps to a watch, one word each; numbers are hexadecimal. */
class ScriptedDriver {
  readonly watch: VirtioEvents;
  private by: Interface = 'legacy';
  private readonly requested = new BitSet();
  private word = 0;

  /** @param offered feature bits. */
  constructor(journal: Journal, interfaces: readonly Interface[], offered: readonly number[] = OFFERED) {
    const offers = BitSet.of(offered);
    this.watch = judgeVirtio(
      {
        name: 'net0',
        virtioId: legacy.VIRTIO_ID.net,
        subject: () => 'net0 (00:04.0)',
        role: (queue) => `queue ${queue}`,
        queueName: (queue) => `net0, queue ${queue}`,
        interfaces,
        offers: { legacy: offers, modern: offers },
        queueSizes: [8, 8, 0, 8],
        numQueues: 3,
        vectors: 3,
        oddities: interfaces.includes('modern') ? ODDITIES : [],
        featureRules: NET_FEATURE_RULES,
      },
      journal,
    );
    this.by = interfaces[0]!;
    this.offered = offers;
    this.watch.reset(true);
    // A function without the legacy interface: the driver reads where the structures are.
    if (!interfaces.includes('legacy')) this.watch.capabilityRead();
  }

  private readonly offered: BitSet;

  /** `name`, `name=value` or `name:width`. */
  play(script: string): void {
    for (const [, name, value = '0', width] of script.matchAll(/([\w-]+)(?:=([0-9a-f]+))?(?::(\d))?/g))
      this.step(name!, Number.parseInt(value, 16), width === undefined ? null : (Number(width) as Width));
  }

  private step(name: string, value: number, width: Width | null): void {
    const { watch } = this;
    const isLegacy = this.by === 'legacy';
    const register = (isLegacy ? LEGACY : MODERN)[name];
    if (register !== undefined) this.access(register, value, width);
    else if (name === 'legacy' || name === 'modern') this.by = name;
    else if (name === 'reset') this.reset();
    else if (name === 'read') this.readStatus(value);
    else if (name === 'status') this.writeStatus(value);
    else if (name === 'refused') this.writeStatus(value, 0x08);
    else if (name === 'accept') this.accept(value);
    else if (name === 'gap') watch.read(this.by, null, value, width ?? 1);
    else if (name === 'isr') {
      watch.read(this.by, isLegacy ? legacy.ISR_STATUS : modern.isr_status, 0, width ?? 1);
      watch.isrTaken(0);
    } else if (name === 'enable') this.enable(value);
    else if (name === 'kick') this.kick(value, width);
    else if (name === 'kick-nowhere') this.watch.notifyWritten('modern', -1, 2, 2, value);
    else if (name === 'config') watch.configAccessed(this.by, value, width ?? 1, 1, false);
    else if (name === 'set-config') watch.configAccessed(this.by, value, width ?? 1, 1, true);
    else if (name === 'position') watch.positionTold(0, value, true);
    else if (name === 'wrong-position') watch.positionTold(0, value, false);
    else if (name === 'msix') watch.msixSwitched(true);
    else if (name === 'interrupt') watch.interrupted();
    else if (name === 'look') watch.capabilityRead();
    else if (name === 'decoy') watch.decoyUsed(ODDITIES[value]!, 'a capability', 0);
    else if (name === 'astray') watch.structureMissed(value, 4);
    else if (name === 'set-capability') watch.configSpaceWritten(8, 4);
    else if (name === 'set-command') watch.configSpaceWritten(-1, 2);
    else if (name === 'window') watch.windowUsed(4, value, 4, null);
    else if (name === 'window-outside') watch.windowUsed(4, value, 4, 'outside');
    else if (name === 'window-unaligned') watch.windowUsed(4, value, 4, 'unaligned');
    else throw new RangeError(`no step is called ${name}`);
  }

  /** A name alone reads the register; with a value, or with `set-` before it, it is written. */
  private access({ register, write }: Step, value: number, width: Width | null): void {
    const { watch } = this;
    const { offset } = register;
    if (register === modern.driver_feature_select) this.word = value;
    if (write) watch.written(this.by, register, offset, width ?? register.width, value);
    else watch.read(this.by, register, offset, width ?? register.width);
  }

  private get status(): Register {
    return this.by === 'legacy' ? legacy.DEVICE_STATUS : modern.device_status;
  }

  private reset(): void {
    this.watch.written(this.by, this.status, this.status.offset, 1, 0);
    this.watch.reset(false);
    this.requested.clear();
    this.agree();
  }

  private readStatus(value: number): void {
    this.watch.read(this.by, this.status, this.status.offset, 1);
    this.watch.statusRead(value);
  }

  private writeStatus(value: number, dropped = 0): void {
    this.watch.written(this.by, this.status, this.status.offset, 1, value);
    this.watch.statusChanged(value & ~dropped, dropped);
  }

  private accept(value: number): void {
    const register = this.by === 'legacy' ? legacy.DRIVER_FEATURES : modern.driver_feature;
    this.watch.written(this.by, register, register.offset, 4, value);
    this.requested.words[this.word] = value;
    this.agree();
  }

  private agree(): void {
    const accepted = new BitSet();
    for (const word of accepted.words.keys())
      accepted.words[word] = this.requested.words[word]! & this.offered.words[word]!;
    this.watch.negotiated(accepted, this.by === 'legacy');
  }

  private enable(value: number): void {
    const { queue_enable } = modern;
    this.watch.written('modern', queue_enable, queue_enable.offset, 2, value);
    if (value === 1) this.watch.enabled(0);
  }

  /** Kicks queue 0 with `value`; on a legacy function, queue `value`. */
  private kick(value: number, width: Width | null): void {
    const [queue, offset] = this.by === 'legacy' ? [value, legacy.QUEUE_NOTIFY.offset] : [0, 0];
    this.watch.notifyWritten(this.by, queue, offset, width ?? 2, value);
    this.watch.kicked(queue, true);
  }
}

interface Step {
  readonly register: Register;
  readonly write: boolean;
}

const read = (register: Register): Step => ({ register, write: false });
const write = (register: Register): Step => ({ register, write: true });

const LEGACY: Readonly<Record<string, Step>> = {
  offer: read(legacy.DEVICE_FEATURES),
  'set-offer': write(legacy.DEVICE_FEATURES),
  size: read(legacy.QUEUE_SIZE),
  select: write(legacy.QUEUE_SELECT),
  queue: write(legacy.QUEUE_ADDRESS),
  vector: write(legacy.QUEUE_MSIX_VECTOR),
  'read-vector': read(legacy.QUEUE_MSIX_VECTOR),
};

const MODERN: Readonly<Record<string, Step>> = {
  'offer-word': write(modern.device_feature_select),
  offer: read(modern.device_feature),
  'set-offer': write(modern.device_feature),
  word: write(modern.driver_feature_select),
  select: write(modern.queue_select),
  'set-size': write(modern.queue_size),
  desc: write(modern.queue_desc),
  driver: write(modern.queue_driver),
  device: write(modern.queue_device),
  'reset-queue': write(modern.queue_reset),
  'read-reset': read(modern.queue_reset),
  vector: write(modern.queue_msix_vector),
  'read-vector': read(modern.queue_msix_vector),
};

/** Steps that break a rule, and steps that keep it. */
type Rows<Id extends string> = Readonly<Record<Id, readonly [breaks: string, keeps: string]>>;

/** Scripts of drivers for a function with these interfaces. */
export function driverScripts<Id extends string>(
  interfaces: readonly Interface[],
  rows: Rows<Id>,
  offered?: readonly number[],
) {
  const made = Object.entries<readonly [string, string]>(rows).map(([id, [breaks, keeps]]) => [
    id,
    {
      breaks: (driver: ScriptedDriver) => driver.play(breaks),
      keeps: (driver: ScriptedDriver) => driver.play(keeps),
    },
  ]);
  return scripts<ScriptedDriver, Id>(
    (journal) => new ScriptedDriver(journal, interfaces, offered),
    Object.fromEntries(made),
  );
}
