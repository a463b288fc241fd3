import { PVIRTQ_DESC_F, pvirtq_desc, pvirtq_event_suppress } from '../registers.ts';
import { isNextOfDriver } from './packed-event.ts';
import { Ring } from './ring.ts';

const { NEXT, WRITE, INDIRECT, AVAIL, USED } = PVIRTQ_DESC_F;
/** AVAIL, and both bits, in a descriptor's last word above its id. */
export const AVAIL_WORD = AVAIL << 16;
export const STATE_WORD = (AVAIL | USED) << 16;
const UNKNOWN = 0xffff & ~(NEXT | WRITE | INDIRECT | AVAIL | USED);
/** The same in that word. */
export const UNKNOWN_WORD = UNKNOWN << 16;
const DESC_WORDS = pvirtq_desc.size / 4;
/** Buffer ids are 16 bits wide, whatever the queue's size. */
const IDS = 0x1_0000;

/** A packed ring in RAM, its outstanding buffers, and the general walk that detects every fault. */
export abstract class PackedRing extends Ring {
  protected readonly packed = true;
  protected descWords: Int32Array = new Int32Array(0);
  protected driverHalves: Uint16Array = new Uint16Array(0);
  protected deviceHalves: Uint16Array = new Uint16Array(0);
  protected nextAvail = 0;
  /** AVAIL and USED bits of an available descriptor: the driver's wrap counter. */
  protected available: number = AVAIL_WORD;
  /** Slots of each outstanding buffer; 0 for none. */
  protected readonly slots = new Uint16Array(IDS);

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

  protected advance(id: number, slots: number, next: number, expected: number): void {
    this.slots[id] = slots;
    this.nextAvail = next;
    this.available = expected;
  }

  /** The general walk, from the head again: any address, indirect tables, and all faults. */
  protected walk(): boolean {
    const { descWords: words, chain, size } = this;
    chain.begin();
    let slot = this.nextAvail;
    let expected = this.available;
    for (let steps = 1; steps <= size; steps++) {
      const at = slot * DESC_WORDS;
      const flags = words[at + 3]! >>> 16;
      if (((words[at + 3]! ^ expected) & STATE_WORD) !== 0) return this.stop('list unfinished', slot);
      if ((flags & UNKNOWN) !== 0) this.tell('flags unknown', slot, flags);
      if ((flags & INDIRECT) !== 0) {
        if (!this.walkIndirect(at, flags, slot, steps)) return false;
      } else if (!this.addChecked(words, at, (flags & WRITE) !== 0, slot)) return false;
      if (++slot === size) {
        slot = 0;
        expected ^= STATE_WORD;
      }
      if ((flags & NEXT) === 0) return this.finish(words[at + 3]! & 0xffff, steps, slot, expected);
    }
    return this.stop('list too long', this.nextAvail);
  }

  private finish(id: number, slots: number, next: number, expected: number): boolean {
    if (this.slots[id] !== 0) return this.stop('id in flight', this.nextAvail, id);
    this.chain.id = id;
    this.advance(id, slots, next, expected);
    return true;
  }

  private walkIndirect(at: number, flags: number, slot: number, steps: number): boolean {
    if (!this.host.indirect) this.tell('table unasked');
    if ((flags & NEXT) !== 0 || steps > 1) return this.stop('table in list', slot);
    const table = this.indirectTable(this.descWords, at);
    if (table === null) return false;
    const { words } = table;
    for (let i = 0; i < table.count; i++) {
      const entry = table.word + i * DESC_WORDS;
      const flagged = words[entry + 3]! >>> 16;
      if ((flagged & ~WRITE) !== 0) this.tell('table flags', i, flagged);
      if (!this.addChecked(words, entry, (flagged & WRITE) !== 0, i)) return false;
    }
    return true;
  }

  protected override forget(): void {
    super.forget();
    this.nextAvail = 0;
    this.available = AVAIL_WORD;
    this.slots.fill(0);
  }
}
