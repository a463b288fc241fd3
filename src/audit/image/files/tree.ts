import { Unreadable } from '../view.ts';

/** A file, folder or link of a file system. */
export interface Entry {
  readonly kind: 'file' | 'folder' | 'link' | 'other';
  /** In bytes. */
  readonly size: number;
}

/** A file system that is only read. Each method throws `Unreadable` where it is damaged. */
export interface FileSystem<E extends Entry = Entry> {
  /** `ext4`, `FAT32`. */
  readonly name: string;
  readonly root: E;
  /** Names are alike whatever their case. */
  readonly ignoresCase: boolean;
  /** Why its files may not be what they seem; empty for none. */
  readonly remark: string;
  list(folder: E): ReadonlyMap<string, E>;
  /** The content of a file, or where a link leads. */
  read(entry: E, most: number): Buffer;
}

/** As many as Linux follows. */
const LINKS_MOST = 40;
const MIB = 1 << 20;
/** Of a text. */
const TEXT_MOST = 4 * MIB;

interface Place {
  readonly system: FileSystem;
  readonly entry: Entry;
}

/** File systems under one root, as fstab would mount them; links are followed. */
export class Tree {
  private readonly mounts: ReadonlyMap<string, FileSystem>;

  /** @param mounts by path: `/`, `/boot`. */
  constructor(mounts: ReadonlyMap<string, FileSystem>) {
    this.mounts = mounts;
  }

  has(path: string): boolean {
    return this.find(path) !== null;
  }

  /** Names in a folder, sorted; none if it is no folder. */
  names(path: string): string[] {
    const place = this.find(path);
    if (place?.entry.kind !== 'folder') return [];
    return [...place.system.list(place.entry).keys()].sort();
  }

  /** Null if there is no such file. @throws Unreadable if it is larger than `most`. */
  bytes(path: string, most: number): Buffer | null {
    const place = this.find(path);
    if (place?.entry.kind !== 'file') return null;
    if (place.entry.size > most) throw new Unreadable(`${path} has more than ${most} bytes`);
    return place.system.read(place.entry, most);
  }

  text(path: string): string | null {
    return this.bytes(path, TEXT_MOST)?.toString('utf8') ?? null;
  }

  private find(path: string): Place | null {
    let names = path.split('/');
    const walked: string[] = [];
    for (let links = 0; names.length > 0; ) {
      const name = names.shift()!;
      if (name === '' || name === '.') continue;
      if (name === '..') {
        walked.pop();
        continue;
      }
      walked.push(name);
      const place = this.at(walked);
      if (place === null) return null;
      if (place.entry.kind !== 'link') continue;
      if (++links > LINKS_MOST) return null;
      const target = place.system.read(place.entry, 4096).toString('utf8');
      if (target.startsWith('/')) walked.length = 0;
      else walked.pop();
      names = [...target.split('/'), ...names];
    }
    return this.at(walked);
  }

  /** Of names without a link but the last. */
  private at(walked: readonly string[]): Place | null {
    const mounted = this.mounts.get(`/${walked.join('/')}`);
    if (mounted !== undefined) return { system: mounted, entry: mounted.root };
    const parent = this.at(walked.slice(0, -1));
    if (parent?.entry.kind !== 'folder') return null;
    const entry = entryOf(parent, walked.at(-1)!);
    return entry === null ? null : { system: parent.system, entry };
  }
}

function entryOf({ system, entry }: Place, name: string): Entry | null {
  const entries = system.list(entry);
  const found = entries.get(name);
  if (found !== undefined || !system.ignoresCase) return found ?? null;
  const wanted = name.toLowerCase();
  for (const [other, one] of entries) if (other.toLowerCase() === wanted) return one;
  return null;
}
