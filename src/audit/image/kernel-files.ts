import type { Tree } from './files/tree.ts';

const MIB = 1 << 20;
const KERNEL_MOST = 256 * MIB;
const INITRAMFS_MOST = 512 * MIB;
/** Of one initramfs: microcode, and what is behind it. */
const FILES_MOST = 4;
const KERNEL = /^(?:vmlinuz|vmlinux|Image|kernel)(?:-(.+))?$/;

/** The kernel that is booted by default: by an entry of the boot loader, else the newest. */
export interface BootEntry {
  /** The file that says so; empty if none does. */
  readonly from: string;
  readonly kernel: string;
  readonly initramfs: readonly string[];
  /** Null if nothing says it. */
  readonly commandLine: string | null;
}

/** Where GRUB and others keep their entries. */
const GRUB = ['/boot/grub/grub.cfg', '/boot/grub2/grub.cfg', '/efi/EFI/BOOT/grub.cfg', '/efi/grub/grub.cfg'];
const ENTRIES = ['/boot/loader/entries', '/efi/loader/entries'];
const SYSLINUX = [
  '/boot/extlinux/extlinux.conf',
  '/boot/extlinux.conf',
  '/boot/syslinux/syslinux.cfg',
  '/efi/syslinux.cfg',
];
const ENTRIES_MOST = 100;

/** Null if there is neither an entry nor a kernel. */
export function bootEntry(tree: Tree): BootEntry | null {
  return grubEntry(tree) ?? specEntry(tree) ?? syslinuxEntry(tree) ?? newest(tree);
}

function linesOf(text: string): string[] {
  return text.split('\n').map((raw) => raw.trim());
}

function first(lines: readonly string[], word: RegExp): string | undefined {
  return lines
    .find((one) => word.test(one))
    ?.replace(word, '')
    .trim();
}

/** The first `linux` of the first menu. */
function grubEntry(tree: Tree): BootEntry | null {
  for (const from of GRUB) {
    const lines = linesOf(tree.text(from) ?? '');
    const linux = first(lines, /^linux(?:efi|16)?\s+/);
    if (linux === undefined) continue;
    const [kernel = '', ...rest] = linux.split(/\s+/);
    const initramfs = (first(lines, /^initrd(?:efi|16)?\s+/) ?? '').split(/\s+/).filter(Boolean);
    return located(tree, { from, kernel, initramfs, commandLine: rest.join(' ') });
  }
  return null;
}

/** Entries of the Boot Loader Specification: the last by name is the newest. */
function specEntry(tree: Tree): BootEntry | null {
  for (const folder of ENTRIES) {
    const names = tree.names(folder).filter((name) => name.endsWith('.conf') && !name.includes('rescue'));
    const name = names.sort(byVersion).slice(-ENTRIES_MOST).at(-1);
    if (name === undefined) continue;
    const from = `${folder}/${name}`;
    const lines = linesOf(tree.text(from) ?? '');
    const options = first(lines, /^options\s+/) ?? '';
    const commandLine = options.replaceAll('$kernelopts', () => kernelOptions(tree)).trim();
    const initramfs = (first(lines, /^initrd\s+/) ?? '').split(/\s+/).filter((one) => one.startsWith('/'));
    return located(tree, { from, kernel: first(lines, /^linux\s+/) ?? '', initramfs, commandLine });
  }
  return null;
}

function kernelOptions(tree: Tree): string {
  const lines = linesOf(tree.text('/boot/grub2/grubenv') ?? tree.text('/boot/grub/grubenv') ?? '');
  return first(lines, /^kernelopts=/) ?? '';
}

function syslinuxEntry(tree: Tree): BootEntry | null {
  for (const from of SYSLINUX) {
    const lines = linesOf(tree.text(from) ?? '');
    const kernel = first(lines, /^(?:kernel|linux)\s+/i);
    if (kernel === undefined) continue;
    const commandLine = first(lines, /^append\s+/i) ?? '';
    const initramfs = (first(lines, /^initrd\s+/i) ?? /(?:^|\s)initrd=(\S+)/.exec(commandLine)?.[1] ?? '')
      .split(',')
      .filter(Boolean);
    return located(tree, { from, kernel, initramfs, commandLine });
  }
  return null;
}

function newest(tree: Tree): BootEntry | null {
  const names = tree.names('/boot').filter((name) => KERNEL.test(name));
  const name = names.sort(byVersion).at(-1);
  if (name === undefined) return null;
  const version = KERNEL.exec(name)?.[1] ?? '';
  const initramfs = tree
    .names('/boot')
    .filter((one) => /^init(rd|ramfs)/.test(one) && one.includes(version))
    .slice(0, 1)
    .map((one) => `/boot/${one}`);
  return { from: '', kernel: `/boot/${name}`, initramfs, commandLine: null };
}

/** A boot loader's paths begin at its own file system, which may be the root's, /boot or the ESP. */
function located(tree: Tree, entry: BootEntry): BootEntry {
  const place = (path: string) => {
    const plain = path.replace(/^\([^)]*\)/, '').replace(/^\$\w+/, '');
    const rooted = plain.startsWith('/') ? plain : `/${plain}`;
    const folder = entry.from.slice(0, entry.from.lastIndexOf('/'));
    const places = [rooted, `/boot${rooted}`, `/efi${rooted}`, `${folder}${rooted}`];
    return places.find((one) => tree.has(one)) ?? rooted;
  };
  return { ...entry, kernel: place(entry.kernel), initramfs: entry.initramfs.map(place) };
}

/** Numbers in names by their value. */
function byVersion(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}

/** The version of a kernel by its name, else of the only one with modules. */
export function versionOf(tree: Tree, { kernel }: BootEntry): string | null {
  const named = KERNEL.exec(kernel.slice(kernel.lastIndexOf('/') + 1))?.[1];
  const folders = tree.names('/lib/modules');
  if (named !== undefined && (folders.includes(named) || folders.length !== 1)) return named;
  return folders.length === 1 ? folders[0]! : (named ?? null);
}

/** The configuration of a kernel, by its version: a file beside it, or the kernel itself. */
export function configOf(
  tree: Tree,
  version: string | null,
  kernel: string,
): { path: string; bytes: Buffer } | null {
  const beside = version === null ? [] : [`/boot/config-${version}`, `/lib/modules/${version}/config`];
  for (const path of [...beside, kernel]) {
    const bytes = tree.bytes(path, KERNEL_MOST);
    if (bytes !== null) return { path, bytes };
  }
  return null;
}

/** Null if one of its files is missing: a boot loader loads all of them, or none. */
export function initramfsOf(tree: Tree, { initramfs }: BootEntry): { path: string; bytes: Buffer } | null {
  let room = INITRAMFS_MOST;
  const parts: Buffer[] = [];
  for (const path of initramfs.slice(0, FILES_MOST)) {
    const bytes = tree.bytes(path, room);
    if (bytes === null) return null;
    room -= bytes.length;
    parts.push(bytes);
  }
  const last = initramfs.slice(0, FILES_MOST).at(-1);
  return last === undefined ? null : { path: last, bytes: Buffer.concat(parts) };
}

/** Where a module's code is before the root is there, and after. */
export interface Modules {
  readonly builtIn: ReadonlySet<string>;
  readonly onRoot: ReadonlySet<string>;
  /** Whether there is a list of those on the root. */
  readonly areRead: boolean;
}

const MODULE = /(?:^|\/)([^/]+)\.ko(?:\.(?:gz|xz|zst))?(?=:|$)/;

/** By what depmod wrote. */
export function modulesOf(tree: Tree, version: string | null): Modules {
  const textOf = (file: string) =>
    version === null ? null : tree.text(`/lib/modules/${version}/modules.${file}`);
  const named = (text: string | null) =>
    new Set(linesOf(text ?? '').flatMap((one) => MODULE.exec(one)?.[1]?.replaceAll('-', '_') ?? []));
  const onRoot = textOf('dep');
  return { builtIn: named(textOf('builtin')), onRoot: named(onRoot), areRead: onRoot !== null };
}
