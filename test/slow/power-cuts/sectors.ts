const BLOCK = 512;
const WORDS = BLOCK / 4;

/** The possible contents of a disk, sector by sector. The contents of a sector are one number, in each of its words. */
export class Sectors {
  private readonly latest: Uint32Array;
  private readonly flushed: Uint32Array;
  /** Contents written to a sector since the last flush. */
  private readonly since = new Map<number, number[]>();

  constructor(count: number) {
    this.latest = new Uint32Array(count);
    this.flushed = new Uint32Array(count);
  }

  get count(): number {
    return this.latest.length;
  }

  /** Called before the disk gets a write: from then on the contents may be there. */
  put(lba: number, count: number, content: number): void {
    for (let sector = lba; sector < lba + count; sector++) {
      this.latest[sector] = content;
      const contents = this.since.get(sector);
      if (contents === undefined) this.since.set(sector, [content]);
      else contents.push(content);
    }
  }

  /** The disk reported that all is written. */
  flush(): void {
    this.flushed.set(this.latest);
    this.since.clear();
  }

  /** The bytes of this many sectors with `content`. */
  static of(content: number, count: number): Uint8Array {
    return new Uint8Array(new Uint32Array(count * WORDS).fill(content).buffer);
  }

  /** Is `found` the last contents written there? */
  isLatest(lba: number, found: Uint8Array): boolean {
    return contentsOf(found).every((content, i) => content === this.latest[lba + i]);
  }

  /** The first sector that holds neither the flushed nor later contents; null if there is none. */
  lostIn(found: Uint8Array): number | null {
    const contents = contentsOf(found);
    const lost = this.latest.findIndex(
      (_content, sector) =>
        contents[sector] !== this.flushed[sector] && !this.since.get(sector)?.includes(contents[sector]!),
    );
    return lost < 0 ? null : lost;
  }
}

/** The number in each sector; -1 where its words differ. */
function contentsOf(bytes: Uint8Array): Float64Array {
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  const contents = new Float64Array(bytes.length / BLOCK);
  for (let at = 0; at < words.length; at++) {
    const sector = Math.floor(at / WORDS);
    if (at % WORDS === 0) contents[sector] = words[at]!;
    else if (words[at] !== contents[sector]) contents[sector] = -1;
  }
  return contents;
}
