import type { Nanos } from '../../core/bits.ts';
import type { Journal } from '../../core/journal.ts';
import type { Random } from '../../core/random.ts';
import type { Nic, VirtioNic } from '../../machine/devices/nic.ts';
import { BLOCK, type Medium } from '../../media/medium.ts';
import { judgeReport } from '../../rules/guest-report.ts';
import type { DeliveryKnows } from '../../rules/virtio/net/deliveries.ts';
import type { AnyMachine } from '../model/other-machine.ts';
import type { Wire } from '../probe/probed-machine.ts';
import { DataError, demandBytes, demandFrames, inOrderOf } from './differences.ts';
import type { Fixture } from './fixture.ts';

/** Virtual time that a driver may need to make room, and the number of retries. */
const A_WHILE: Nanos = 1_000_000;
const PATIENCE = 500;
/** Shorter ones are padded on a wire, longer ones need an MTU that none of our NICs reports. */
const [SHORTEST, LONGEST] = [60, 1514];
/** Of a payload, and of what lies in memory: one less, whole, one more. */
const EDGES = [SHORTEST, 61, 63, 64, 65, 127, 128, 129, 255, 256, 1023, 1024, 1500, 1513, LONGEST];
const ETHERTYPE_AT = 12;
/** For experiments: no receiver interprets it, and no device joins two of them. */
const EXPERIMENTAL = [0x88, 0xb5];

/** A broadcast, and a source other than our cards. */
export const [BROADCAST, PEER] = ['ff:ff:ff:ff:ff:ff', '02:00:00:00:00:01'] as const;

/** A gVNIC's driver knows the MTU of Compute Engine's networks, and sends nothing longer. */
const LONGEST_GVNIC = 1474;

type Sending = Pick<Nic, 'mac'> & Partial<Pick<Nic, 'type'>>;

/** Frames of every boundary length that a card's driver sends, as `framesOf` has them. */
export function framesOut(random: Random, count: number, { mac, type }: Sending): Uint8Array[] {
  const frames = framesOf(random, count, BROADCAST, mac);
  return type === 'gvnic' ? frames.map((frame) => frame.subarray(0, LONGEST_GVNIC)) : frames;
}

/** Frames of every boundary length, then of random ones, shuffled, with seeded bytes: `to` and `from` as MAC text. */
export function framesOf(random: Random, count: number, to: string, from: string): Uint8Array[] {
  const lengths = [...EDGES];
  while (lengths.length < count) lengths.push(SHORTEST + random.below(LONGEST + 1 - SHORTEST));
  return lengths.slice(0, count).map((length) => {
    const frame = new Uint8Array(length);
    random.fill(frame);
    frame.set([...bytesOf(to), ...bytesOf(from)]);
    frame.set(EXPERIMENTAL, ETHERTYPE_AT);
    return frame;
  });
}

/** A broadcast of random bytes. */
export function broadcastOf(random: Random, length: number): Uint8Array {
  const frame = new Uint8Array(length);
  random.fill(frame);
  frame.set(bytesOf(BROADCAST));
  frame.set(EXPERIMENTAL, ETHERTYPE_AT);
  return frame;
}

/**
 * Sends frames by the first card, each as soon as the driver has room, and reports whether it has room for one when the card
 * has given back all before it.
 *
 * @throws DataError if it never has.
 */
export function sendAll(
  { machine, send }: Pick<Fixture<Mover>, 'machine' | 'send'>,
  frames: readonly Uint8Array[],
): void {
  const nic = machine.nics[0]!;
  const before = nic.sentTotal;
  const tell = (lost: string | null) =>
    reportDelivery(machine.journal, { subject: nic.name!, oddity: 'many', lost });
  for (const [sent, frame] of frames.entries()) {
    if (sendSurely(machine, () => send(frame))) continue;
    const isBack = sent > 0 && nic.sentTotal - before === sent;
    if (isBack && nic.type === 'virtio' && nic.device!.isIdle) tell(`a frame after ${sent} others`);
    throw new DataError(`use.send() had no room for a frame for ${(PATIENCE * A_WHILE) / 1e9} s`);
  }
  if (nic.type === 'virtio' && frames.length > 1) tell(null);
}

/** What a card sent: queues of a gVNIC are served in no order, so that a driver may use each in turn. */
export function demandSent(
  { type }: Partial<Pick<Nic, 'type'>>,
  sent: readonly Uint8Array[],
  due: readonly Uint8Array[],
): void {
  demandFrames('out at the wire', type === 'gvnic' ? inOrderOf(due, sent) : sent, due);
}

/** Sends frames by the first card, and demands that they leave. */
export function demandSending(
  fixture: Pick<Fixture<Mover>, 'machine' | 'send'>,
  frames: readonly Uint8Array[],
): void {
  const { machine } = fixture;
  const nic = machine.nics[0]!;
  const before = nic.sentTotal;
  sendAll(fixture, frames);
  passUntil(machine, () => nic.sentTotal >= before + frames.length);
  demandSent(nic, nic.sent.slice(nic.sent.length - (nic.sentTotal - before)), frames);
}

/** Tries until the driver has room; false if it never has. */
function sendSurely(machine: AnyMachine, send: () => boolean): boolean {
  for (let tries = 0; tries < PATIENCE; tries++) {
    if (send()) return true;
    pass(machine, A_WHILE);
  }
  return false;
}

/** Tells the rules what came of frames of a card. */
export function reportDelivery(
  journal: Journal,
  what: Pick<DeliveryKnows, 'subject' | 'oddity'> & Partial<DeliveryKnows>,
): void {
  judgeReport(journal, { of: 'delivery', what: { lost: null, strange: null, taken: null, ...what } });
}

/**
 * Collects received frames until there are this many, or none arrived for half a second in all; or for `tries` retries. A
 * driver may return one frame at a time: after a frame it is called again at once.
 */
export function receiveAll(
  { machine, receive }: Pick<Fixture, 'machine' | 'receive'>,
  count: number,
  tries = PATIENCE,
): Uint8Array[] {
  const frames: Uint8Array[] = [];
  for (let left = tries; frames.length < count; ) {
    const came = receive();
    frames.push(...came);
    if (came.length > 0) continue;
    if (left === 0) break;
    left--;
    pass(machine, A_WHILE);
  }
  return frames;
}

/** Lets virtual time pass, in which interrupts are taken. */
export function pass({ port }: AnyMachine, time: Nanos): void {
  port.wait(() => false, time);
}

/** Waits for an effect at the machine's other end, for half a second. */
export function passUntil({ port }: AnyMachine, until: () => boolean): void {
  port.wait(until, PATIENCE * A_WHILE);
}

/** The interfaces of any machine through which data is moved. */
export interface Mover extends AnyMachine {
  readonly seed: number;
  readonly nics: readonly (Pick<Wire, 'sent' | 'sentTotal'> &
    Sending &
    Partial<Pick<VirtioNic, 'name' | 'device'>>)[];
  readonly journal: Journal;
  readonly disks: readonly { readonly medium: Medium }[];
}

/** The contents of the first disk, filled with seeded bytes, and the expected contents. */
export class Disk {
  readonly blocks: number;
  private readonly medium: Medium;
  private readonly due: Uint8Array;
  readonly block: number;

  /** @param block bytes of a block. */
  constructor({ disks }: Pick<Mover, 'disks'>, random: Random, block = BLOCK) {
    this.medium = disks[0]!.medium;
    this.block = block;
    this.blocks = (this.medium.blocks * BLOCK) / block;
    this.due = new Uint8Array(this.medium.blocks * BLOCK);
    random.fill(this.due);
    this.medium.write(0, this.due, 0, this.due.length);
  }

  /** @throws DataError if the bytes read differ from the disk's. */
  demandRead(lba: number, blocks: number, got: Uint8Array): void {
    const due = this.due.subarray(lba * this.block, (lba + blocks) * this.block);
    demandBytes(`use.read() of ${blocks} blocks from ${lba} on`, got, due);
  }

  /** As many bytes as it has. */
  blank(): Uint8Array {
    return new Uint8Array(this.due.length);
  }

  /** @throws DataError if the disk's bytes differ from those written. */
  demandWritten(lba: number, bytes: Uint8Array): void {
    this.due.set(bytes, lba * this.block);
    const there = this.read(lba * this.block, bytes.length);
    demandBytes(
      `the disk after use.write() of ${bytes.length / this.block} blocks from ${lba} on`,
      there,
      bytes,
    );
  }

  /** @throws DataError if any other byte of the disk changed. */
  demandContent(): void {
    demandBytes('the whole disk after all of use.write()', this.read(0, this.due.length), this.due);
  }

  /**
   * After a write that was cut off, each block has its old or its new contents; these are expected from now on.
   *
   * @throws DataError if it has neither, or if another block changed.
   */
  demandTorn(lba: number, bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at += this.block) {
      const there = this.read(lba * this.block + at, this.block);
      const wanted = bytes.subarray(at, at + this.block);
      if (there.every((byte, i) => byte === wanted[i])) this.due.set(wanted, lba * this.block + at);
    }
    demandBytes('the disk after a write that was cut off', this.read(0, this.due.length), this.due);
  }

  private read(offset: number, length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    this.medium.read(offset, bytes, 0, length);
    return bytes;
  }
}

function bytesOf(mac: string): number[] {
  return mac.split(':').map((byte) => Number.parseInt(byte, 16));
}
