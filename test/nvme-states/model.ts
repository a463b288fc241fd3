/** A command, by the numbers of its fields. */
export interface Asked {
  readonly opcode: number;
  readonly flags?: number;
  readonly nsid?: number;
  readonly cdw10?: number;
  readonly cdw11?: number;
  readonly cdw12?: number;
  /** Where its data, or its queue, begins in a page. */
  readonly offset?: number;
  /** Of what is written. */
  readonly seed?: number;
  /** Of Dataset Management: the first block, and how many. */
  readonly ranges?: readonly (readonly [lba: number, blocks: number])[];
}

/** What came. A status of -1 is no answer. */
export interface Got {
  readonly status: number;
  readonly result: number;
  readonly isMine: boolean;
  readonly bytes: Uint8Array;
}

/** The statuses that may come, and what must. */
interface Expected {
  readonly statuses: readonly number[];
  readonly result?: number;
  readonly bytes?: Uint8Array;
}

/** Status code type, status code and "do not retry", as NVM Express 1.4 has them in figures 125 to 129. */
const DNR = 0x4000;
const OK = 0;
const [OPCODE, FIELD, NAMESPACE, SEQUENCE, PRP, RANGE] = [1, 2, 0x0b, 0x0c, 0x13, 0x80].map(
  (code) => DNR | code,
) as [number, number, number, number, number, number];
const [CQ, QID, SIZE, VECTOR, LOG, SAVE] = [0x100, 0x101, 0x102, 0x108, 0x109, 0x10d].map(
  (code) => DNR | code,
) as [number, number, number, number, number, number];
const DELETION = 0x10c;
const DIFFERENT = DNR | 0x285;
const ENTRIES_MOST = 4096;
const QUEUES = 2;
const ALL = 0xffff_ffff;
const HIGHEST = 4;
/** Features with a value, and what it is at first: temperature in kelvin, one threshold above and one below. */
const FEATURES: Readonly<Record<number, number>> = { 2: 0, 4: 0x157, 6: 1, 11: 0, [4 + 256]: 0 };
/** Where a value is kept; null if it cannot be one. There is one power state, and one sensor. */
function placeOf(feature: number, value: number): number | null {
  if (feature === 2 && (value & 0x1f) !== 0) return null;
  if (feature !== 4) return feature;
  const [sensor, side] = [(value >>> 16) & 15, (value >>> 20) & 3];
  return sensor === 0 && side < 2 ? feature + 256 * side : null;
}
const LOGS = [1, 2, 3, 4];

/** What the standard says of a controller with two namespaces, and an array of bytes for each. It knows nothing of ours. */
export class Model {
  private readonly disks: readonly { readonly size: number; readonly bytes: Uint8Array }[];
  private readonly blocks: number;
  private readonly completions = new Set<number>();
  private readonly submissions = new Map<number, number>();
  private readonly features = new Map<number, number>();

  constructor(sizes: readonly number[], blocks: number) {
    this.disks = sizes.map((size) => ({ size, bytes: new Uint8Array(size * blocks) }));
    this.blocks = blocks;
  }

  /** I/O submission queues. */
  get queues(): readonly number[] {
    return [...this.submissions.keys()];
  }

  reset(): void {
    this.completions.clear();
    this.submissions.clear();
    this.features.clear();
  }

  /** What is in memory where a command's data is, before it. */
  placeOf({ opcode, nsid = 0, seed = 0, cdw12 = 0, ranges }: Asked): Uint8Array {
    const disk = this.disks[nsid - 1];
    const length = ranges === undefined ? ((cdw12 & 0xffff) + 1) * (disk?.size ?? 1) : ranges.length * 16;
    const bytes = Uint8Array.from({ length }, (_, i) => seed + i * 3 + (i >> 9));
    const view = new DataView(bytes.buffer);
    for (const [i, [lba, blocks]] of (ranges ?? []).entries()) {
      view.setUint32(16 * i, 0, true);
      view.setUint32(16 * i + 4, blocks, true);
      view.setBigUint64(16 * i + 8, BigInt(lba), true);
    }
    if (opcode === 5 && disk !== undefined && seed % 2 === 0 && this.compared !== null)
      bytes.set(this.compared);
    return bytes;
  }

  /** Of a Compare that is to find nothing different. */
  private compared: Uint8Array | null = null;

  /** What a command is to be answered, which changes what is known. */
  answer(queue: number, asked: Asked): Expected {
    this.compared = null;
    if (((asked.flags ?? 0) & 0xc3) !== 0) return { statuses: [FIELD] };
    return queue === 0 ? this.admin(asked) : this.io(asked);
  }

  differences({ opcode }: Asked, { statuses, result, bytes }: Expected, got: Got): string[] {
    const of = `opcode ${opcode.toString(16)}`;
    const hex = (one: number) => one.toString(16);
    if (!got.isMine) return [`${of}: another command was completed`];
    if (!statuses.includes(got.status))
      return [`${of}: status ${hex(got.status)}, not ${statuses.map(hex).join(' or ')}`];
    if (result !== undefined && got.result !== result)
      return [`${of}: dword 0 is ${hex(got.result)}, not ${hex(result)}`];
    return bytes !== undefined && Buffer.compare(bytes, got.bytes) !== 0 ? [`${of}: other bytes came`] : [];
  }

  private admin(asked: Asked): Expected {
    const { opcode, cdw10 = 0, cdw11 = 0, nsid = 0 } = asked;
    const id = cdw10 & 0xffff;
    switch (opcode) {
      case 0x00:
        return { statuses: [this.submissions.delete(id) ? OK : QID] };
      case 0x01:
        return this.make(asked, this.submissions, () => this.submissions.set(id, cdw11 >>> 16));
      case 0x02:
        return { statuses: [LOGS.includes(cdw10 & 0xff) ? OK : LOG] };
      case 0x04:
        return { statuses: [this.deleteCompletion(id)] };
      case 0x05:
        return this.make(asked, this.completions, () => this.completions.add(id));
      case 0x06:
        return { statuses: [this.identify(cdw10 & 0xff, nsid)] };
      // All is carried out at once: nothing is left to be aborted.
      case 0x08:
        return { statuses: [OK], result: 1 };
      case 0x09:
        return this.setFeature(cdw10, cdw11);
      case 0x0a:
        return this.getFeature(cdw10 & 0xff, cdw11);
      default:
        return { statuses: [OPCODE] };
    }
  }

  /** Of several mistakes any one may be told. */
  private make(
    { opcode, cdw10 = 0, cdw11 = 0, offset = 0 }: Asked,
    there: { has(id: number): boolean },
    done: () => void,
  ): Expected {
    const id = cdw10 & 0xffff;
    const entries = (cdw10 >>> 16) + 1;
    const target = cdw11 >>> 16;
    const wrong = [
      ...(id === 0 || id > QUEUES || there.has(id) ? [QID] : []),
      ...(entries < 2 || entries > ENTRIES_MOST ? [SIZE] : []),
      ...((cdw11 & 1) === 0 ? [FIELD] : []),
      ...(offset === 0 ? [] : [PRP]),
      ...(opcode === 1 && !this.completions.has(target) ? [CQ] : []),
      ...(opcode === 5 && target !== 0 ? [VECTOR] : []),
    ];
    if (wrong.length === 0) done();
    return { statuses: wrong.length === 0 ? [OK] : wrong };
  }

  private deleteCompletion(id: number): number {
    if (!this.completions.has(id)) return QID;
    if ([...this.submissions.values()].includes(id)) return DELETION;
    this.completions.delete(id);
    return OK;
  }

  private identify(cns: number, nsid: number): number {
    const isThere = nsid >= 1 && nsid <= this.disks.length;
    if (cns === 0) return nsid === 0 || nsid > HIGHEST ? NAMESPACE : OK;
    if (cns === 1) return OK;
    if (cns === 2) return nsid >= ALL - 1 ? NAMESPACE : OK;
    return cns === 3 ? (isThere ? OK : NAMESPACE) : FIELD;
  }

  private setFeature(dword: number, value: number): Expected {
    const feature = dword & 0xff;
    if (feature !== 7 && FEATURES[feature] === undefined) return { statuses: [FIELD] };
    const place = placeOf(feature, value);
    const isSaved = dword >>> 31 === 1;
    if (isSaved || place === null)
      return { statuses: [...(isSaved ? [SAVE] : []), ...(place === null ? [FIELD] : [])] };
    if (feature === 7) return this.setQueues(value);
    this.features.set(place, feature === 4 ? value & 0xffff : value);
    return { statuses: [OK] };
  }

  private setQueues(value: number): Expected {
    const isNumber = (value & 0xffff) !== 0xffff && value >>> 16 !== 0xffff;
    const hasQueues = this.completions.size + this.submissions.size > 0;
    if (isNumber && !hasQueues) return { statuses: [OK], result: (QUEUES - 1) * 0x1_0001 };
    return { statuses: [...(isNumber ? [] : [FIELD]), ...(hasQueues ? [SEQUENCE] : [])] };
  }

  private getFeature(feature: number, dword: number): Expected {
    if (feature === 7) return { statuses: [OK], result: (QUEUES - 1) * 0x1_0001 };
    const place = feature === 4 ? placeOf(feature, dword) : feature;
    const initial = place === null ? undefined : FEATURES[place];
    if (place === null || initial === undefined) return { statuses: [FIELD] };
    return { statuses: [OK], result: this.features.get(place) ?? initial };
  }

  private io(asked: Asked): Expected {
    const { opcode, nsid = 0, cdw10 = 0, cdw11 = 0, cdw12 = 0, offset = 0, seed = 0, ranges } = asked;
    if (opcode === 0 && nsid === ALL) return { statuses: [OK] };
    if (![0, 1, 2, 5, 8, 9, 12].includes(opcode)) return { statuses: [OPCODE] };
    if (nsid === 0 || nsid > HIGHEST) return { statuses: [NAMESPACE] };
    const disk = this.disks[nsid - 1];
    // Of a namespace that is not attached either is said.
    if (disk === undefined) return { statuses: [FIELD, NAMESPACE] };
    if (opcode === 0) return { statuses: [OK] };
    if (ranges !== undefined) return this.deallocate(disk, ranges, cdw11);
    const blocks = (cdw12 & 0xffff) + 1;
    if (cdw11 !== 0 || cdw10 + blocks > this.blocks) return { statuses: [RANGE] };
    const moves = opcode !== 8 && opcode !== 12;
    if (moves && offset % 4 !== 0) return { statuses: [PRP] };
    const held = disk.bytes.subarray(cdw10 * disk.size, (cdw10 + blocks) * disk.size);
    if (opcode === 1) held.set(this.placeOf(asked));
    if (opcode === 8) held.fill(0);
    if (opcode === 5) {
      if (seed % 2 === 0) this.compared = held.slice();
      const isSame = Buffer.compare(this.placeOf(asked), held) === 0;
      return { statuses: [isSame ? OK : DIFFERENT] };
    }
    return opcode === 2 ? { statuses: [OK], bytes: held.slice() } : { statuses: [OK] };
  }

  /** All ranges are looked at first; without the bit they are advice. */
  private deallocate(
    { size, bytes }: Model['disks'][number],
    ranges: NonNullable<Asked['ranges']>,
    cdw11: number,
  ): Expected {
    if ((cdw11 & 4) === 0) return { statuses: [OK] };
    if (ranges.some(([lba, blocks]) => lba + blocks > this.blocks)) return { statuses: [RANGE] };
    for (const [lba, blocks] of ranges) bytes.fill(0, lba * size, (lba + blocks) * size);
    return { statuses: [OK] };
  }
}
