import type { Gpa, Nanos } from '../../core/bits.ts';
import type { AreaOwner, RingArea } from '../virtio/stores/ring-areas.ts';
import type { StoreWatch } from '../virtio/stores/store-watch.ts';

/** What a device writes and its driver reads: a ring, or an array of counters. */
interface Looked extends RingArea {
  /** Of an entry. */
  readonly bytes: number;
  /** The entry that the driver looked at last, and when it looked at each; -1 is never. */
  last: number;
  readonly times: Float64Array;
}

/** Knows which entries of a card's rings a driver looked at. */
export class Looks implements AreaOwner {
  areas: readonly Looked[] = [];
  private parts = 0;
  private readonly stores: Pick<StoreWatch, 'watch' | 'leave' | 'parts'>;

  constructor(stores: Pick<StoreWatch, 'watch' | 'leave' | 'parts'>) {
    this.stores = stores;
  }

  /** Its loads are seen. */
  get isSeen(): boolean {
    return this.stores.parts.shadows === null;
  }

  /** @param bytes of an entry. */
  begin(name: string, from: number, length: number, bytes: number): void {
    this.end(name);
    const fieldAt = (offset: number) => `${name} [${Math.floor(offset / bytes)}] +${offset % bytes}`;
    const area: Looked = {
      ring: this,
      part: this.parts++,
      from,
      to: from + length,
      name,
      fieldAt,
      describe: ({ offset }) => fieldAt(offset),
      bytes,
      last: -1,
      times: new Float64Array(Math.ceil(length / bytes)).fill(-1),
    };
    this.areas = [...this.areas, area];
    this.stores.watch({ areas: [area] });
  }

  end(name: string): void {
    const gone = this.areas.filter((area) => area.name === name);
    if (gone.length === 0) return;
    this.areas = this.areas.filter((area) => !gone.includes(area));
    this.stores.leave({ areas: gone, forget: () => {} });
  }

  /** The entry that the driver looked at last; -1 is none. */
  lastIn(name: string): number {
    return this.areas.find((area) => area.name === name)?.last ?? -1;
  }

  /** When it looked at one of the entries last; -1 is never. */
  lookedAt(name: string): Nanos {
    return this.timeOf(name, this.lastIn(name));
  }

  /** When it looked at an entry last; -1 is never. */
  timeOf(name: string, entry: number): Nanos {
    return this.areas.find((area) => area.name === name)?.times[entry] ?? -1;
  }

  /** Where an entry is. */
  placeOf(name: string, entry: number): Gpa {
    const area = this.areas.find((one) => one.name === name);
    return area === undefined ? -1 : area.from + entry * area.bytes;
  }

  loaded(part: number, offset: number): void {
    const { areas } = this;
    for (let i = 0; i < areas.length; i++) {
      const area = areas[i]!;
      if (area.part !== part) continue;
      area.last = Math.floor(offset / area.bytes);
      area.times[area.last] = this.stores.parts.journal.now;
    }
  }

  stored(): void {}

  overwriting(): void {}

  overwritten(): void {}

  memoryFreed(): void {}

  forget(): void {}
}
