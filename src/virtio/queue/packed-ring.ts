import { PVIRTQ_DESC_F, pvirtq_desc, pvirtq_event_suppress } from '../registers.ts';
import { isNextOfDriver } from './packed-notified.ts';
import { Ring } from './ring.ts';
import { meetPackedRules } from './ring-rules.ts';

const { NEXT, WRITE, INDIRECT, AVAIL, USED } = PVIRTQ_DESC_F;
/** AVAIL, and both, as they stand in a descriptor's last word above its id. */
export const AVAIL_WORD = AVAIL << 16;
export const STATE_WORD = (AVAIL | USED) << 16;
const DESC_WORDS = pvirtq_desc.size / 4;
/** Buffer ids are 16 bits wide, whatever the queue's size. */
const IDS = 0x1_0000;

/** A packed ring as it lies in RAM, what is outstanding, and the general walk that knows every rule. */
export abstract class PackedRing extends Ring {
  protected descWords: Int32Array = new Int32Array(0);
  protected driverHalves: Uint16Array = new Uint16Array(0);
  protected deviceHalves: Uint16Array = new Uint16Array(0);
  protected nextAvail = 0;
  /** AVAIL and USED as they are in a descriptor that is available: the driver's wrap counter. */
  protected available: number = AVAIL_WORD;
  /** Slots of each outstanding buffer; 0 is none. */
  protected readonly slots = new Uint16Array(IDS);
  protected dryOnce = false;

  checkNotified(nextOff: number): boolean {
    if (this.openEpoch !== this.memory.epoch && !this.reopen()) return true;
    return isNextOfDriver(this.descWords, this.size, this.nextAvail, this.available === AVAIL_WORD, nextOff);
  }

  protected override locate(): boolean {
    const { memory } = this;
    const desc = memory.find(this.desc, this.size * pvirtq_desc.size);
    const driver = memory.find(this.driver, pvirtq_event_suppress.size);
    const device = memory.find(this.device, pvirtq_event_suppress.size);
    if (desc === null || driver === null || device === null) return false;
    this.writtenAt = this.desc;
    this.writtenBytes = this.size * pvirtq_desc.size;
    const descWord = (this.desc - desc.base) / 4;
    this.descWords = desc.words.subarray(descWord, descWord + this.size * DESC_WORDS);
    this.driverHalves = driver.halves.subarray((this.driver - driver.base) / 2);
    this.deviceHalves = device.halves.subarray((this.device - device.base) / 2);
    return true;
  }

  protected take(id: number, slots: number, next: number, expected: number): void {
    this.slots[id] = slots;
    this.nextAvail = next;
    this.available = expected;
  }

  /** The general walk, from the head again: any address, indirect tables, and the reason when a rule is broken. */
  protected walk(): boolean {
    const { descWords: words, chain, size } = this;
    chain.begin();
    let slot = this.nextAvail;
    let expected = this.available;
    for (let steps = 1; steps <= size; steps++) {
      const at = slot * DESC_WORDS;
      const flags = words[at + 3]! >>> 16;
      if (((words[at + 3]! ^ expected) & STATE_WORD) !== 0)
        return this.stop(
          'virtio/PACKED-SG-D6',
          `descriptor ${slot} of a list is not available, though its head is`,
        );
      if ((flags & INDIRECT) !== 0) {
        if (!this.walkIndirect(at, flags, steps)) return false;
      } else if (!this.addChecked(words, at, (flags & WRITE) !== 0, slot, 'virtio/PACKED-SG-D3'))
        return false;
      if (++slot === size) {
        slot = 0;
        expected ^= STATE_WORD;
      }
      if ((flags & NEXT) === 0) return this.finish(words[at + 3]! & 0xffff, steps, slot, expected);
    }
    return this.stop(
      'virtio/PACKED-SG-D2',
      `a list from descriptor ${this.nextAvail} is longer than the ring`,
    );
  }

  private finish(id: number, slots: number, next: number, expected: number): boolean {
    if (this.slots[id] !== 0)
      return this.stop('virtio/PACKED-IMP-8', `buffer id ${id} is used while it is outstanding`);
    this.chain.id = id;
    this.take(id, slots, next, expected);
    return true;
  }

  private walkIndirect(at: number, flags: number, steps: number): boolean {
    const { journal } = this.host.board;
    if (!this.host.indirect)
      journal.report(
        'virtio/PACKED-IND-D1',
        this.name,
        'a descriptor has INDIRECT, which was not negotiated',
      );
    if ((flags & NEXT) !== 0 || steps > 1)
      return this.stop('virtio/PACKED-IND-D4', 'an INDIRECT descriptor stands in a list of several');
    const table = this.indirectTable(this.descWords, at);
    if (table === null) return false;
    const { words } = table;
    for (let i = 0; i < table.count; i++) {
      const entry = table.word + i * DESC_WORDS;
      const flagged = words[entry + 3]! >>> 16;
      if ((flagged & ~WRITE) !== 0)
        journal.report(
          'virtio/PACKED-IND-D2',
          this.name,
          `entry ${i} of an indirect table has flags ${flagged}`,
        );
      if (!this.addChecked(words, entry, (flagged & WRITE) !== 0, i, 'virtio/PACKED-SG-D3')) return false;
    }
    return true;
  }

  /** When the ring first runs dry: the rules it has come through. */
  protected meetRules(): void {
    this.dryOnce = true;
    meetPackedRules(this.host.board.journal, this.name, this.driverHalves[1]!, this.host.eventIdx);
  }

  protected override forget(): void {
    super.forget();
    this.nextAvail = 0;
    this.available = AVAIL_WORD;
    this.slots.fill(0);
    this.dryOnce = false;
  }
}
