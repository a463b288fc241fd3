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

/** As many as Linux follows, and their length. */
const [LINKS_MOST, LINK_MOST] = [40, 4096];
/** Of a path, with those of its links: a circle of folders has a path of any length. */
const NAMES_MOST = 4096;
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

  /** @param mounts by path, in the root alone: `/`, `/boot`. */
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

  /** Null if there is none. @throws Unreadable for a path of more names than any system needs. */
  private find(path: string): Place | null {
    const names = path.split('/').reverse();
    const walked: Place[] = [];
    for (let links = 0, steps = 0; names.length > 0; ) {
      if (++steps + names.length > NAMES_MOST)
        throw new Unreadable(`a path with its links has more than ${NAMES_MOST} names`);
      const name = names.pop()!;
      if (name === '' || name === '.') continue;
      if (name === '..') {
        walked.pop();
        continue;
      }
      const step = this.step(walked.at(-1), name);
      if (step === null) return null;
      if (step.entry.kind !== 'link') {
        walked.push(step);
        continue;
      }
      if (++links > LINKS_MOST) return null;
      const target = step.system.read(step.entry, LINK_MOST).toString('utf8');
      if (target.startsWith('/')) walked.length = 0;
      names.push(...target.split('/').reverse());
    }
    return walked.at(-1) ?? this.mounted('/');
  }

  /** A name within a folder, or within the root; null for none. */
  private step(from: Place | undefined, name: string): Place | null {
    const mounted = from === undefined ? this.mounted(`/${name}`) : null;
    if (mounted !== null) return mounted;
    const parent = from ?? this.mounted('/');
    if (parent?.entry.kind !== 'folder') return null;
    const entry = entryOf(parent, name);
    return entry === null ? null : { system: parent.system, entry };
  }

  private mounted(path: string): Place | null {
    const system = this.mounts.get(path);
    return system === undefined ? null : { system, entry: system.root };
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
