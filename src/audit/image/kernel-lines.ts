import { MisuseError } from '../../core/misuse.ts';
import { type Audit, type AuditInput, audit } from '../audit.ts';
import { type Initramfs, readInitramfs } from '../initramfs.ts';
import { SYSCTL_DIRECTORIES, type SysctlFile } from '../sysctl.ts';
import type { Tree } from './files/tree.ts';
import {
  type BootEntry,
  bootEntry,
  configOf,
  initramfsOf,
  type Modules,
  modulesOf,
  versionOf,
} from './kernel-files.ts';
import { damage, type Found, fail, type ImageLine, line, noted, pass, unreached } from './line.ts';
import { Unreadable } from './view.ts';

/** Where a driver is. */
type DriverPlace = 'built in' | 'in the initramfs' | 'a module of the root' | 'absent' | 'unknown';

/** What is known of the kernel that boots. */
export interface KernelFacts {
  readonly lines: readonly ImageLine[];
  readonly entry: BootEntry | null;
  readonly audit: Audit | null;
  readonly drivers: Readonly<Record<Driver, DriverPlace>>;
}

/** The drivers of disks and cards, with their option. */
const DRIVERS = {
  virtio_scsi: 'SCSI_VIRTIO',
  virtio_net: 'VIRTIO_NET',
  nvme: 'BLK_DEV_NVME',
  gve: 'GVE',
} as const;
type Driver = keyof typeof DRIVERS;
const DISKS: readonly Driver[] = ['virtio_scsi', 'nvme'];

/** Of a kernel that could not be read. */
const UNKNOWN_DRIVERS = {
  virtio_scsi: 'unknown',
  virtio_net: 'unknown',
  nvme: 'unknown',
  gve: 'unknown',
} as const;
const NO_DRIVERS = { virtio_scsi: 'absent', virtio_net: 'absent', nvme: 'absent', gve: 'absent' } as const;

/** Where no file of it could be found for want of the root. */
export function noKernel(cause: string): KernelFacts {
  const lines: ImageLine[] = [{ group: 'kernel', name: 'kernel', ...unreached(cause) }];
  return { lines, entry: null, audit: null, drivers: UNKNOWN_DRIVERS };
}

export async function judgeKernel(tree: Tree): Promise<KernelFacts> {
  try {
    const entry = bootEntry(tree);
    if (entry !== null) return await judgeEntry(tree, entry);
    if (!tree.has('/')) return noKernel('it may be on the root, which could not be read');
    const nothing = fail(
      'no boot loader has an entry for Linux, and /boot has no kernel',
      'install a kernel: linux-image-cloud-amd64',
    );
    return {
      lines: [{ group: 'kernel', name: 'kernel', ...nothing }],
      entry,
      audit: null,
      drivers: NO_DRIVERS,
    };
  } catch (error) {
    return {
      lines: [{ group: 'kernel', name: 'kernel', ...damage(error) }],
      entry: null,
      audit: null,
      drivers: UNKNOWN_DRIVERS,
    };
  }
}

async function judgeEntry(tree: Tree, entry: BootEntry): Promise<KernelFacts> {
  const version = versionOf(tree, entry);
  const packed = initramfsOf(tree, entry);
  const [initramfs, initramfsFault] = await readOf(packed);
  const [result, fault] = await auditOf(tree, entry, version, initramfs === null ? null : packed);
  const drivers = driversOf(result, initramfs, modulesOf(tree, version));
  const lines = [
    line('kernel', 'kernel', () => judgeFile(tree, entry, version)),
    line('kernel', 'configuration', () => fault ?? pass(result!.config.file)),
    line('kernel', 'initramfs', () => initramfsFault ?? judgeInitramfs(tree, entry, initramfs)),
    ...(Object.keys(DRIVERS) as Driver[]).map((name) =>
      line('kernel', name, () => judgeDriver(name, drivers, result, initramfs, entry)),
    ),
    line('kernel', 'console', () => judgeConsole(entry, isArm(result))),
    line('kernel', 'root', () => judgeRootName(entry, result)),
  ];
  return { lines, entry, audit: result, drivers };
}

function isArm(result: Audit | null): boolean {
  return result?.config.architecture === 'arm64';
}

async function readOf(
  file: { path: string; bytes: Buffer } | null,
): Promise<[Initramfs | null, Found | null]> {
  if (file === null) return [null, null];
  try {
    return [await readInitramfs(file.path, file.bytes), null];
  } catch (error) {
    if (!(error instanceof MisuseError)) throw error;
    return [null, fail(error.message, 'make it again: update-initramfs -u, or dracut -f')];
  }
}

async function auditOf(
  tree: Tree,
  { kernel }: BootEntry,
  version: string | null,
  initramfs: { path: string; bytes: Buffer } | null,
): Promise<[Audit | null, Found | null]> {
  try {
    const config = configOf(tree, version, kernel);
    if (config === null) return [null, unreached('there is none, and no kernel that has it')];
    const input: AuditInput = {
      config,
      sysctl: sysctlFiles(tree),
      ...(initramfs === null ? {} : { initramfs }),
    };
    return [await audit(input), null];
  } catch (error) {
    if (error instanceof MisuseError || error instanceof Unreadable) return [null, unreached(error.message)];
    throw error;
  }
}

/** Files of settings, and their bytes. */
const SETTINGS_MOST = 512;
const SETTINGS_BYTES = 16 << 20;

function sysctlFiles(tree: Tree): SysctlFile[] {
  const inFolders = SYSCTL_DIRECTORIES.flatMap((name) =>
    tree
      .names(`/${name}`)
      .filter((file) => file.endsWith('.conf'))
      .map((file) => ({ path: `/${name}/${file}`, directory: `/${name}` })),
  );
  let room = SETTINGS_BYTES;
  return [...inFolders, { path: '/etc/sysctl.conf' }].slice(0, SETTINGS_MOST).flatMap((file) => {
    const text = tree.bytes(file.path, room)?.toString('utf8');
    room -= text?.length ?? 0;
    return text === undefined ? [] : [{ ...file, text }];
  });
}

function driversOf(
  result: Audit | null,
  initramfs: Initramfs | null,
  { builtIn, onRoot, areRead }: Modules,
): KernelFacts['drivers'] {
  const placeOf = (name: Driver): DriverPlace => {
    const option = result?.config.options.get(DRIVERS[name])?.value;
    if (option === 'y' || builtIn.has(name)) return 'built in';
    if (initramfs?.modules.has(name)) return 'in the initramfs';
    if (onRoot.has(name)) return 'a module of the root';
    if (areRead || (result !== null && option !== 'm')) return 'absent';
    // What a boot needs of a disk's driver is no question of the root's files.
    return option === 'm' && DISKS.includes(name) ? 'a module of the root' : 'unknown';
  };
  return {
    virtio_scsi: placeOf('virtio_scsi'),
    virtio_net: placeOf('virtio_net'),
    nvme: placeOf('nvme'),
    gve: placeOf('gve'),
  };
}

function judgeFile(tree: Tree, { from, kernel }: BootEntry, version: string | null): Found {
  const by = from === '' ? 'the newest; no entry of a boot loader was found' : `by ${from}`;
  if (!tree.has(kernel))
    return fail(`${from} boots ${kernel}, which is not there`, 'make the entries again: update-grub');
  const text = `${kernel}, ${by}`;
  if (version !== null && tree.has('/') && tree.names(`/lib/modules/${version}`).length === 0)
    return noted(`${text}; /lib/modules has no ${version}`, 'install the modules of this kernel');
  return from === '' ? noted(text, 'update-grub, if GRUB boots it') : pass(text);
}

function judgeInitramfs(tree: Tree, { initramfs, from }: BootEntry, read: Initramfs | null): Found {
  const missing = initramfs.find((path) => !tree.has(path));
  if (read !== null && missing === undefined) return pass(`${read.file}, ${read.modules.size} modules`);
  if (initramfs.length > 0)
    return fail(`${from} names ${missing ?? initramfs[0]}, which is not there`, 'update-initramfs -c -k all');
  return pass('none: what boots must be built in');
}

const SERIES = {
  virtio_scsi: 'N1, N2, N2D and E2 have their disks behind it',
  nvme: 'machines of the third generation, and Arm, have NVMe disks alone',
  virtio_net: 'N1, N2, N2D and E2 have it unless GVNIC is asked for',
  gve: 'machines of the third generation, and Arm, have no other card',
} as const;

/** A disk's driver is needed before there is a root; a card's at any time. */
function judgeDriver(
  name: Driver,
  drivers: KernelFacts['drivers'],
  result: Audit | null,
  initramfs: Initramfs | null,
  entry: BootEntry,
): Found {
  const place = drivers[name];
  if (place === 'unknown')
    return unreached(
      result === null
        ? 'neither its configuration nor its modules were found'
        : 'a module, and the modules of this kernel were not found',
    );
  const isEarly = place === 'built in' || place === 'in the initramfs';
  if (isEarly || (place !== 'absent' && !DISKS.includes(name))) return pass(place);
  const isNeeded = isArm(result)
    ? name === 'nvme' || name === 'gve'
    : name === 'virtio_scsi' || name === 'virtio_net';
  const where = DISKS.includes(name) ? `${initramfs?.file ?? entry.initramfs[0] ?? 'no initramfs'}` : '';
  const cause = place === 'absent' ? 'it is not in this kernel' : `a module, and not in ${where}`;
  const mend =
    place === 'absent'
      ? `build it: CONFIG_${DRIVERS[name]}`
      : `echo ${name} >> /etc/initramfs-tools/modules && update-initramfs -u, or dracut -f --add-drivers ${name}`;
  const text = `${cause}: ${SERIES[name]}`;
  return isNeeded ? fail(text, mend) : noted(text, mend);
}

function judgeConsole({ commandLine }: BootEntry, isArm: boolean): Found {
  if (commandLine === null) return unreached('the command line is not known');
  const consoles = wordsOf(commandLine, 'console');
  // Arm has a PL011 (T2A), or a UART as on x86.
  const serial = isArm ? /^tty(AMA|S)0(,|$)/ : /^ttyS0(,|$)/;
  const name = isArm ? 'ttyAMA0' : 'ttyS0';
  const mend = `add console=${name},115200 to GRUB_CMDLINE_LINUX, and update-grub`;
  const last = consoles.at(-1) ?? '';
  if (serial.test(last)) return pass(`console=${last}`);
  if (consoles.some((one) => serial.test(one)))
    return noted(`console=${last} is the last: /dev/console is there`, `${mend}, as the last`);
  const found = last === '' ? 'no console is named' : `console=${consoles.join(', console=')}`;
  return fail(`${found}: the serial console of Compute Engine is ${name}, and shows nothing`, mend);
}

/** As a SCSI disk has it, and as an NVMe disk has it. */
const [SCSI_DISK, NVME_DISK] = [/^\/dev\/sda/, /^\/dev\/nvme0n1/];

function judgeRootName({ commandLine, initramfs }: BootEntry, result: Audit | null): Found {
  if (commandLine === null) return unreached('the command line is not known');
  const root = wordsOf(commandLine, 'root').at(-1);
  const packed = result?.config.options.get('INITRAMFS_SOURCE')?.value ?? '';
  const isAlone = initramfs.length === 0 && /^"*$/.test(packed);
  const by = isAlone ? 'PARTUUID' : 'UUID';
  if (root === undefined) return noted('none is named', `root=${by}=…`);
  if (isAlone && /^(UUID|LABEL)=/.test(root))
    return fail(
      `root=${root}: there is no initramfs, and the kernel itself finds no file system so`,
      'name the partition: root=PARTUUID=…',
    );
  if (!/^\/dev\/(sd|vd|xvd|hd|nvme)/.test(root)) return pass(`root=${root}`);
  const says = NVME_DISK.test(root) || (SCSI_DISK.test(root) && !isArm(result)) ? noted : fail;
  const disks = isArm(result)
    ? 'the disk is nvme0n1 on Arm'
    : 'the disk is sda on some machines, nvme0n1 on others, and never vda';
  return says(`root=${root}: ${disks}`, `name it by ${by}: root=${by}=…`);
}

/** The values of a parameter. */
function wordsOf(commandLine: string, name: string): string[] {
  return commandLine
    .split(/\s+/)
    .filter((word) => word.startsWith(`${name}=`))
    .map((word) => word.slice(name.length + 1).replaceAll('"', ''));
}
