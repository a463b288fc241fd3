import { Unreadable, type View } from '../view.ts';
import type { Entry, FileSystem } from './tree.ts';

interface Inode extends Entry {
  readonly number: number;
  readonly flags: number;
  /** Where its content is: a tree of extents, or numbers of blocks; of a short link the target itself. */
  readonly map: Buffer;
}

const SUPER = { at: 1024, size: 1024 } as const;
const MAGIC = 0xef53;
/** s_feature_incompat. */
const [RECOVER, EXTENTS, BITS_64] = [0x4, 0x40, 0x80];
/** Compression, a journal alone, blocks of descriptors apart, data in names, data in inodes. */
const UNREAD: Readonly<Record<number, string>> = {
  1: 'compression',
  8: 'a journal device',
  16: 'meta_bg',
  4096: 'dirdata',
  32768: 'inline_data',
};
/** i_flags. */
const [ENCRYPTED, BY_EXTENTS] = [0x800, 0x8_0000];
const ROOT = 2;
const MAP = { at: 0x28, size: 60 } as const;
const KINDS: Readonly<Record<number, Entry['kind']>> = { 4: 'folder', 8: 'file', 10: 'link' };
const EXTENT = { magic: 0xf30a, head: 12, size: 12, deepest: 5, unwritten: 0x8000 } as const;
const DIRECT = 12;
/** Names in one folder. */
const NAMES_MOST = 200_000;
const FOLDER_MOST = 64 << 20;
const FOLDERS_KEPT = 256;

/** ext2, ext3 and ext4 as mke2fs makes them (Linux, Documentation/filesystems/ext4). */
export class Ext4 implements FileSystem<Inode> {
  readonly name: string;
  readonly ignoresCase = false;
  readonly remark: string;
  readonly root: Inode;
  private readonly view: View;
  private readonly block: number;
  private readonly descriptors: { readonly at: number; readonly size: number; readonly hasHigh: boolean };
  private readonly inodes: { readonly count: number; readonly perGroup: number; readonly size: number };
  private readonly folders = new Map<number, ReadonlyMap<string, Inode>>();

  static isAt(view: View): boolean {
    return view.size >= SUPER.at + SUPER.size && view.read(SUPER.at, SUPER.size).readUInt16LE(0x38) === MAGIC;
  }

  /** What it has that is not read here; empty for nothing. */
  static unreadOf(view: View): string {
    const features = view.read(SUPER.at, SUPER.size).readUInt32LE(0x60);
    return Object.entries(UNREAD).find(([bit]) => (features & Number(bit)) !== 0)?.[1] ?? '';
  }

  /** Of one that is read. @throws Unreadable for a damaged one. */
  constructor(view: View) {
    const head = view.read(SUPER.at, SUPER.size);
    const features = head.readUInt32LE(0x60);
    const log = head.readUInt32LE(0x18);
    const isFirst = head.readUInt32LE(0x4c) === 0;
    const size = isFirst ? 128 : head.readUInt16LE(0x58);
    const descriptor = (features & BITS_64) !== 0 ? head.readUInt16LE(0xfe) : 32;
    const perGroup = head.readUInt32LE(0x28);
    if (log > 6 || size < 128 || size > 4096 || descriptor < 32 || descriptor > 1024 || perGroup === 0)
      throw new Unreadable('its superblock is damaged');
    this.view = view;
    this.block = 1024 << log;
    this.name = (features & EXTENTS) !== 0 ? 'ext4' : 'ext2 or ext3';
    this.remark = (features & RECOVER) !== 0 ? 'it was not unmounted: its journal is to be replayed' : '';
    this.descriptors = {
      at: (head.readUInt32LE(0x14) + 1) * this.block,
      size: descriptor,
      hasHigh: descriptor >= 64,
    };
    this.inodes = { count: head.readUInt32LE(0), perGroup, size };
    this.root = this.inode(ROOT);
  }

  list(folder: Inode): ReadonlyMap<string, Inode> {
    const kept = this.folders.get(folder.number);
    if (kept !== undefined) return kept;
    if (folder.size > FOLDER_MOST) throw new Unreadable('a folder is too large');
    const names = new Map<string, Inode>();
    for (const [name, number] of this.numbersIn(folder)) names.set(name, this.inode(number));
    if (this.folders.size < FOLDERS_KEPT) this.folders.set(folder.number, names);
    return names;
  }

  read(entry: Inode, most: number): Buffer {
    if (entry.size > most) throw new Unreadable(`a file has more than ${most} bytes`);
    if ((entry.flags & ENCRYPTED) !== 0) throw new Unreadable('it is encrypted');
    const isHere = entry.kind === 'link' && entry.size < MAP.size && (entry.flags & BY_EXTENTS) === 0;
    if (isHere) return entry.map.subarray(0, entry.size);
    const content = Buffer.alloc(entry.size);
    const blocks = Math.ceil(entry.size / this.block);
    const fill = (first: number, count: number, physical: number) => {
      const at = first * this.block;
      const length = Math.min(count * this.block, entry.size - at);
      if (length > 0) this.view.into(content, at, physical * this.block, length);
    };
    if ((entry.flags & BY_EXTENTS) !== 0) this.extents(entry.map, blocks, EXTENT.deepest, fill);
    else this.numbered(entry.map, blocks, fill);
    return content;
  }

  private inode(number: number): Inode {
    const { count, perGroup, size } = this.inodes;
    if (number < 1 || number > count) throw new Unreadable(`there is no inode ${number}`);
    const group = Math.floor((number - 1) / perGroup);
    const descriptor = this.view.read(
      this.descriptors.at + group * this.descriptors.size,
      this.descriptors.size,
    );
    const table =
      descriptor.readUInt32LE(8) + (this.descriptors.hasHigh ? descriptor.readUInt32LE(0x28) * 2 ** 32 : 0);
    const bytes = this.view.read(table * this.block + ((number - 1) % perGroup) * size, 128);
    return {
      number,
      kind: KINDS[bytes.readUInt16LE(0) >> 12] ?? 'other',
      size: bytes.readUInt32LE(4) + bytes.readUInt32LE(0x6c) * 2 ** 32,
      flags: bytes.readUInt32LE(0x20),
      map: bytes.subarray(MAP.at, MAP.at + MAP.size),
    };
  }

  /** Folders with an index are read as those without: its blocks look like empty entries. */
  private *numbersIn(folder: Inode): Generator<readonly [name: string, inode: number]> {
    const content = this.read(folder, FOLDER_MOST);
    for (let at = 0, names = 0; at + 8 <= content.length; ) {
      const number = content.readUInt32LE(at);
      const length = content.readUInt16LE(at + 4);
      const nameLength = content[at + 6]!;
      if (length < 8 || at + 8 + nameLength > content.length) throw new Unreadable('a folder is damaged');
      if (number !== 0 && nameLength > 0) {
        if (++names > NAMES_MOST) throw new Unreadable('a folder is too large');
        yield [content.toString('utf8', at + 8, at + 8 + nameLength), number];
      }
      at += length;
    }
  }

  private extents(
    node: Buffer,
    blocks: number,
    deepest: number,
    fill: (first: number, count: number, physical: number) => void,
  ): void {
    const count = node.readUInt16LE(2);
    const depth = node.readUInt16LE(6);
    const isSound = node.readUInt16LE(0) === EXTENT.magic && depth <= deepest;
    if (!isSound || EXTENT.head + count * EXTENT.size > node.length)
      throw new Unreadable('its tree of extents is damaged');
    for (let i = 0; i < count; i++) {
      const at = EXTENT.head + i * EXTENT.size;
      const first = node.readUInt32LE(at);
      if (first >= blocks) continue;
      if (depth > 0) {
        const child = node.readUInt32LE(at + 4) + node.readUInt16LE(at + 8) * 2 ** 32;
        this.extents(this.view.read(child * this.block, this.block), blocks, depth - 1, fill);
        continue;
      }
      const length = node.readUInt16LE(at + 4);
      const physical = node.readUInt32LE(at + 8) + node.readUInt16LE(at + 6) * 2 ** 32;
      // Longer than 8000h: it reads as zeros.
      if (length <= EXTENT.unwritten) fill(first, length, physical);
    }
  }

  /** Twelve blocks, then a block of numbers, one of such blocks, and one of those. */
  private numbered(
    map: Buffer,
    blocks: number,
    fill: (first: number, count: number, physical: number) => void,
  ): void {
    const each = this.block / 4;
    let next = 0;
    const walk = (number: number, level: number): void => {
      const span = each ** level;
      if (next >= blocks) return;
      if (number === 0) next += span;
      else if (level === 0) fill(next++, 1, number);
      else {
        const numbers = this.view.read(number * this.block, this.block);
        for (let i = 0; i < each && next < blocks; i++) walk(numbers.readUInt32LE(i * 4), level - 1);
      }
    };
    for (let i = 0; i < DIRECT + 3; i++) walk(map.readUInt32LE(i * 4), Math.max(0, i - DIRECT + 1));
  }
}
