import { MisuseError } from '../core/misuse.ts';
import type { Place } from './place.ts';

/** A file of settings: sysctl.conf, one of a `sysctl.d`, or the output of `sysctl -a`. */
export interface SysctlFile {
  readonly path: string;
  readonly text: string;
  /** Set for a file that was found in a directory of settings: another of its name may replace it. */
  readonly directory?: string;
}

/** A key's value and the line that takes effect. */
interface Setting extends Place {
  readonly value: string;
}

/** The directories of `sysctl --system`, the strongest first. */
export const SYSCTL_DIRECTORIES = [
  'etc/sysctl.d',
  'run/sysctl.d',
  'usr/local/lib/sysctl.d',
  'usr/lib/sysctl.d',
  'lib/sysctl.d',
] as const;

const LINE = /^(-?)\s*([^\s=]+)\s*(?:=\s*(.*))?$/;
/** Lines of `sysctl -a` about settings that it may not read. */
const COMPLAINT = /^sysctl: /;

/** All settings after all files, as the kernel would get them. */
export class Settings {
  private readonly plain = new Map<string, Setting>();
  private readonly patterns: { readonly pattern: string; readonly setting: Setting }[] = [];
  private readonly excluded = new Set<string>();

  /** @throws MisuseError with file and line for a line that is not a setting. */
  constructor(files: readonly SysctlFile[]) {
    for (const file of inOrder(files)) this.read(file);
  }

  /** The setting of `key`: its own overrides a pattern's, in any order. */
  get(key: string): Setting | undefined {
    const own = this.plain.get(key);
    if (own !== undefined || this.excluded.has(key)) return own;
    return this.patterns.findLast(({ pattern }) => matches(pattern, key))?.setting;
  }

  private read({ path, text }: SysctlFile): void {
    for (const [i, raw] of text.split('\n').entries()) {
      const line = raw.trim();
      if (line === '' || line.startsWith('#') || line.startsWith(';') || COMPLAINT.test(line)) continue;
      const parts = LINE.exec(line);
      const value = parts?.[3];
      if (parts === null || (value === undefined && parts[1] === ''))
        throw new MisuseError(`sysctl ${path}:${i + 1}`, line.slice(0, 60), 'a setting (key = value)');
      this.take(dotted(parts[2]!), value, { file: path, line: i + 1, text: line });
    }
  }

  private take(key: string, value: string | undefined, place: Place): void {
    if (value === undefined) this.excluded.add(key);
    else if (key.includes('*')) this.patterns.push({ pattern: key, setting: { ...place, value } });
    else this.plain.set(key, { ...place, value });
  }
}

/**
 * The order of `sysctl --system`: files of directories by name, of each name that of the strongest directory alone;
 * then the other files as they were given.
 */
export function inOrder(files: readonly SysctlFile[]): SysctlFile[] {
  const byName = new Map<string, SysctlFile>();
  for (const file of files.filter(({ directory }) => directory !== undefined)) {
    const name = file.path.slice(file.path.lastIndexOf('/') + 1);
    const other = byName.get(name);
    if (other === undefined || strength(file.directory!) < strength(other.directory!)) byName.set(name, file);
  }
  const names = [...byName.keys()].sort();
  return [
    ...names.map((name) => byName.get(name)!),
    ...files.filter(({ directory }) => directory === undefined),
  ];
}

/** A directory of another name is stronger than all of these; among such directories, the first given. */
function strength(directory: string): number {
  return SYSCTL_DIRECTORIES.findIndex((known) => `/${directory}`.endsWith(`/${known}`));
}

/** `net/ipv4/ip_forward` is `net.ipv4.ip_forward`: the first separator of the two is the separator. */
function dotted(key: string): string {
  return /^[^.]*\//.test(key) ? key.replaceAll(/[./]/g, (sign) => (sign === '/' ? '.' : '/')) : key;
}

/** A star matches any characters of one part of a name. */
function matches(pattern: string, key: string): boolean {
  const wanted = pattern.split('.');
  const parts = key.split('.');
  return wanted.length === parts.length && wanted.every((part, i) => matchesPart(part, parts[i]!));
}

/** The shortest text for each star but the last, which takes the rest: without backtracking. */
function matchesPart(pattern: string, part: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) return part === first;
  if (!part.startsWith(first)) return false;
  let at = first.length;
  for (const piece of rest) {
    const found = part.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return part.length - at >= last.length && part.endsWith(last);
}
