import type { Endian } from '../../core/struct.ts';
import { balloonWatch } from '../../machine/devices/balloon.ts';
import { PLAIN } from '../manners.ts';
import { LegacyRig } from '../rig.ts';
import { VirtioBalloon } from './device.ts';
import { BALLOON_QUEUE } from './registers.ts';

const { inflate, deflate, stats } = BALLOON_QUEUE;
const ACTUAL = 0x18;

/**
 * For tests: a balloon and its driver, which writes the numbers of virtio 1.4, Traditional Memory Balloon Device.
 *
 * @example
 * const rig = new BalloonRig().start(1);           // with STATS_VQ
 * rig.inflate(0x300, 0x301);
 * rig.device.pages;                       // 2
 */
export class BalloonRig extends LegacyRig<VirtioBalloon> {
  /** Pages from 3 MiB up are used by nothing else here. */
  static readonly PAGE = 0x300;

  constructor(endian: Endian = 'le') {
    super(
      (board) =>
        new VirtioBalloon('balloon0', board, {
          ringSize: 16,
          ringFeatures: [],
          manners: { ...PLAIN, endian },
        }),
      0,
      balloonWatch,
    );
  }

  inflate(...pfns: readonly number[]): number {
    return this.send(inflate, words(pfns));
  }

  deflate(...pfns: readonly number[]): number {
    return this.send(deflate, words(pfns));
  }

  /** Offers a buffer of statistics. */
  tell(...entries: readonly (readonly [tag: number, val: bigint])[]): number {
    return this.send(stats, statistics(entries));
  }

  /** Writes `actual` as drivers of the legacy interface do, the lowest byte first. */
  say(actual: number): void {
    for (let i = 0; i < 4; i++) this.out(ACTUAL + i, (actual >>> (8 * i)) & 0xff, 1);
  }

  /** From now on the device treats its driver as modern, though it uses the legacy interface. */
  beModern(): void {
    const { device } = this;
    device.connect({
      legacy: false,
      subject: device.subject,
      gate: { open: true },
      interrupts: { queue: () => {}, config: () => true },
    });
    device.events?.negotiated(device.accepted, false);
  }

  /** The bytes of a page. */
  page(pfn: number): Uint8Array {
    return this.board.memory.slice(pfn * 4096, 4096)!;
  }

  /** Clauses broken so far. */
  get broken(): string[] {
    return this.journal.findings.map(({ clause }) => clause);
  }
}

function words(numbers: readonly number[]): Uint8Array {
  return new Uint8Array(Uint32Array.from(numbers).buffer);
}

function statistics(entries: readonly (readonly [number, bigint])[]): Uint8Array {
  const bytes = new Uint8Array(entries.length * 10);
  const view = new DataView(bytes.buffer);
  for (const [i, [tag, val]] of entries.entries()) {
    view.setUint16(i * 10, tag, true);
    view.setBigUint64(i * 10 + 2, val, true);
  }
  return bytes;
}
