import { Unreadable, type View } from '../view.ts';
import type { Entry, FileSystem } from './tree.ts';

interface FatEntry extends Entry {
  /** The first cluster; 0 for none, and for the root of FAT12 and FAT16, which lies before the clusters. */
  readonly cluster: number;
}

const SIGNATURE = 0x1fe;
const ENTRY = 32;
/** Attributes: a volume's name, a folder; all of the lower four for a part of a long name. */
const [VOLUME, FOLDER, LONG] = [0x08, 0x10, 0x0f];
const [END, ERASED] = [0x00, 0xe5];
/** Of 13 characters each; the highest bit of the order is the last part. */
const LONG_PARTS = [
  [1, 11],
  [14, 26],
  [28, 32],
] as const;
const FOLDER_MOST = 4 << 20;
/** Fewer clusters make it FAT12 (Microsoft's specification of FAT, 3.5). */
const FAT12_BELOW = 4085;

interface Shape {
  readonly bits: 12 | 16 | 32;
  readonly fatAt: number;
  readonly rootAt: number;
  readonly rootSize: number;
  readonly dataAt: number;
  readonly cluster: number;
  readonly clusters: number;
}

/** FAT12, FAT16 and FAT32, with long names. */
export class Fat implements FileSystem<FatEntry> {
  readonly name: string;
  readonly ignoresCase = true;
  readonly remark = '';
  readonly root: FatEntry;
  private readonly view: View;
  private readonly shape: Shape;

  static isAt(view: View): boolean {
    if (view.size < 512) return false;
    const head = view.read(0, 512);
    return head.readUInt16LE(SIGNATURE) === 0xaa55 && shapeOf(head, view.size) !== null;
  }

  /** @throws Unreadable for another. */
  constructor(view: View) {
    const head = view.read(0, 512);
    const shape = shapeOf(head, view.size);
    if (shape === null) throw new Unreadable('its first sector is damaged');
    this.view = view;
    this.shape = shape;
    this.name = `FAT${shape.bits}`;
    const cluster = shape.bits === 32 ? head.readUInt32LE(44) : 0;
    this.root = { kind: 'folder', size: 0, cluster };
  }

  list(folder: FatEntry): ReadonlyMap<string, FatEntry> {
    const content = this.contentOf(folder);
    const names = new Map<string, FatEntry>();
    let long = '';
    for (let at = 0; at + ENTRY <= content.length && content[at] !== END; at += ENTRY) {
      const entry = content.subarray(at, at + ENTRY);
      const attributes = entry[11]!;
      if (entry[0] === ERASED) long = '';
      else if ((attributes & 0x3f) === LONG) long = longPart(entry) + long;
      else {
        if ((attributes & VOLUME) === 0)
          names.set(long.replace(/\0.*$/s, '') || shortName(entry), entryOf(entry));
        long = '';
      }
    }
    return names;
  }

  read(file: FatEntry, most: number): Buffer {
    if (file.size > most) throw new Unreadable(`a file has more than ${most} bytes`);
    return file.size === 0 ? Buffer.alloc(0) : this.chain(file.cluster, file.size).subarray(0, file.size);
  }

  private contentOf({ kind, cluster }: FatEntry): Buffer {
    if (kind !== 'folder') throw new Unreadable('no folder');
    const { rootAt, rootSize } = this.shape;
    return cluster === 0 ? this.view.read(rootAt, rootSize) : this.chain(cluster, FOLDER_MOST);
  }

  /** The clusters of a chain, up to so many bytes: a chain that is a circle ends there. */
  private chain(first: number, most: number): Buffer {
    const { dataAt, cluster: size, clusters } = this.shape;
    const parts: Buffer[] = [];
    let cluster = first;
    for (let length = 0; length < most; length += size) {
      if (cluster < 2 || cluster >= clusters + 2) break;
      parts.push(this.view.read(dataAt + (cluster - 2) * size, size));
      cluster = this.next(cluster);
    }
    return Buffer.concat(parts);
  }

  private next(cluster: number): number {
    const { bits, fatAt } = this.shape;
    if (bits === 32) return this.view.read(fatAt + cluster * 4, 4).readUInt32LE() & 0x0fff_ffff;
    if (bits === 16) return this.view.read(fatAt + cluster * 2, 2).readUInt16LE();
    const pair = this.view.read(fatAt + Math.floor(cluster * 1.5), 2).readUInt16LE();
    return cluster % 2 === 1 ? pair >> 4 : pair & 0xfff;
  }
}

function shapeOf(head: Buffer, most: number): Shape | null {
  const bytes = head.readUInt16LE(11);
  const perCluster = head[13]!;
  const reserved = head.readUInt16LE(14);
  const fats = head[16]!;
  const rootSize = head.readUInt16LE(17) * ENTRY;
  const sectors = head.readUInt16LE(19) || head.readUInt32LE(32);
  // As Linux tells FAT32: tools make it with fewer clusters than the specification wants.
  const is32 = head.readUInt16LE(22) === 0;
  const fat = is32 ? head.readUInt32LE(36) : head.readUInt16LE(22);
  const isPower = (value: number) => value > 0 && (value & (value - 1)) === 0;
  if (!isPower(bytes) || bytes < 512 || bytes > 4096 || !isPower(perCluster) || reserved === 0) return null;
  if (fats === 0 || fats > 4 || fat === 0) return null;
  const rootAt = (reserved + fats * fat) * bytes;
  const dataAt = rootAt + rootSize;
  const cluster = perCluster * bytes;
  const clusters = Math.floor((sectors * bytes - dataAt) / cluster);
  if (clusters < 1 || sectors * bytes > most) return null;
  const bits = is32 ? 32 : clusters < FAT12_BELOW ? 12 : 16;
  return { bits, fatAt: reserved * bytes, rootAt, rootSize, dataAt, cluster, clusters };
}

function longPart(entry: Buffer): string {
  return LONG_PARTS.map(([from, to]) => entry.toString('utf16le', from, to)).join('');
}

function shortName(entry: Buffer): string {
  const base = entry.toString('latin1', 0, 8).trimEnd();
  const extension = entry.toString('latin1', 8, 11).trimEnd();
  return extension === '' ? base : `${base}.${extension}`;
}

function entryOf(entry: Buffer): FatEntry {
  return {
    kind: (entry[11]! & FOLDER) !== 0 ? 'folder' : 'file',
    size: entry.readUInt32LE(28),
    cluster: entry.readUInt16LE(20) * 0x1_0000 + entry.readUInt16LE(26),
  };
}
