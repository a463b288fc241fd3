import type { Format } from '../media/magics.ts';
import { type KernelConfig, parseConfig } from './config.ts';
import { type Initramfs, readInitramfs } from './initramfs.ts';
import { type Evidence, judgeModule, judgeOption } from './judge-option.ts';
import { configText } from './kernel-image.ts';
import { DISK_NAMES, HARDWARE_OPTIONS, ROOT_FILE_SYSTEMS, wayToDisk } from './rules/hardware.ts';
import { RECOMMENDED } from './rules/recommended.ts';
import { REQUIRED } from './rules/required.ts';
import type { Architecture, AuditedMachine, Group, OptionRule, SysctlRule } from './rules/rule.ts';
import { SYSCTLS } from './rules/sysctls.ts';
import { Settings, type SysctlFile } from './sysctl.ts';
import { fails, type Verdict } from './verdict.ts';
import { isSince } from './version.ts';

/** The option that lets the kernel unpack an initramfs. */
const UNPACKS: Readonly<Partial<Record<Format, string>>> = {
  gzip: 'RD_GZIP',
  xz: 'RD_XZ',
  zstd: 'RD_ZSTD',
  lz4: 'RD_LZ4',
};

/** Judges one line about a sysctl: by the setting that takes effect, else by the kernel's default. */
function judgeSysctl(rule: SysctlRule, settings: Settings, config: KernelConfig): Verdict {
  const { key, wanted, more, needs } = rule;
  if (needs !== undefined && config.options.get(needs)?.value !== 'y')
    return { kind: 'missing', why: `${key} does not exist without ${needs}` };
  const at = settings.get(key);
  if (at === undefined) return initially(rule, config);
  const value = at.value === '' ? Number.NaN : Number(at.value);
  if (value === wanted) return { kind: 'satisfied', at };
  if (more === true && value > wanted) return { kind: 'satisfied', at, note: `${value} is stricter` };
  return { kind: 'contradicts', at, why: `it is ${at.value === '' ? 'empty' : at.value}` };
}

function initially({ wanted, initial }: SysctlRule, { version, options }: KernelConfig): Verdict {
  const { value, since, unless } = initial;
  const changed = unless !== undefined && options.get(unless)?.value === 'y';
  const known = !changed && (since === undefined || isSince(version, since));
  if (known && value === wanted)
    return { kind: 'satisfied', at: null, note: 'it is not set; the default is right' };
  return { kind: 'missing', why: known ? `it is not set; the default is ${value}` : 'it is not set' };
}

/** The root's file system: a built-in one, else one whose module is in the initramfs, else any module. */
function judgeRoot({ config, initramfs }: Evidence): Verdict {
  const lines = ROOT_FILE_SYSTEMS.flatMap(({ option, module }) => {
    const at = config.options.get(option);
    return at === undefined ? [] : [{ at, module }];
  });
  const builtIn = lines.find(({ at }) => at.value === 'y');
  if (builtIn !== undefined) return { kind: 'satisfied', at: builtIn.at, note: builtIn.at.text };
  const verdicts = lines
    .filter(({ at }) => at.value === 'm')
    .map(({ at, module }) => judgeModule(module, at, initramfs));
  const names = ROOT_FILE_SYSTEMS.map(({ option }) => option).join(', ');
  return (
    verdicts.find(({ kind }) => kind === 'module in initramfs') ??
    verdicts[0] ?? { kind: 'missing', why: `none of ${names} is set` }
  );
}

/** The modules between the PCI function and the disk, if they are modules; one missing is enough to have no root. */
function judgeWayToDisk({ config, initramfs, machine }: Evidence): Verdict {
  const wanted = wayToDisk(machine).flatMap(({ option, modules }) => {
    const at = config.options.get(option);
    return at?.value === 'm' ? modules.map((module) => ({ module, at })) : [];
  });
  const first = wanted[0]?.at;
  if (first === undefined)
    return { kind: 'not applicable', why: 'no part of the way to the disk is a module' };
  const names = wanted.map(({ module }) => module).join(', ');
  if (initramfs === null)
    return {
      kind: 'module not in initramfs',
      at: first,
      why: `no initramfs was given to look for ${names} in`,
    };
  const lacking = wanted.filter(({ module }) => !initramfs.modules.has(module));
  if (lacking.length > 0)
    return {
      kind: 'missing',
      why: `${initramfs.file} lacks ${lacking.map(({ module }) => module).join(', ')}`,
    };
  return { kind: 'module in initramfs', at: first, file: names };
}

/** The options by which the kernel unpacks its initramfs. */
function unpackingOptions(initramfs: Initramfs | null): string[] {
  return ['BLK_DEV_INITRD', ...[...(initramfs?.formats ?? [])].flatMap((format) => UNPACKS[format] ?? [])];
}

function judgeUnpacking({ config, initramfs }: Evidence): Verdict {
  if (initramfs === null) return { kind: 'not applicable', why: 'no initramfs was given' };
  const lines = unpackingOptions(initramfs).map((option) => ({ option, at: config.options.get(option) }));
  const absent = lines.find(({ at }) => at === undefined);
  if (absent !== undefined) return { kind: 'missing', why: `no line has ${absent.option}` };
  const found = lines.flatMap(({ at }) => at ?? []);
  const off = found.find(({ value }) => value !== 'y');
  if (off !== undefined) return { kind: 'contradicts', at: off, why: `${initramfs.file} needs it` };
  return { kind: 'satisfied', at: found.at(-1)! };
}

/** Without these, what `/dev/disk/by-id/google-*` names is not found: the disk's own serial number is that of all. */
function judgeDiskNames(files: AuditInput['files']): Verdict {
  if (files === undefined)
    return { kind: 'not applicable', why: 'no root of an image was given to look for them in' };
  const lacking = DISK_NAMES.filter((name) => !files.some((file) => file.endsWith(name)));
  if (lacking.length > 0) return { kind: 'missing', why: `the image has no ${lacking.join(' and no ')}` };
  return { kind: 'satisfied', at: null, note: files.join(', ') };
}

/** A file by its name in the report. */
export interface InputFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** The inputs of an audit. The more there are, the fewer verdicts are open. */
export interface AuditInput {
  /** `.config`, `config.gz`, `/boot/config-*`, or a kernel that contains its configuration. */
  readonly config: InputFile;
  /** Without it, the document's sysctls are not judged. An empty list is an image without settings. */
  readonly sysctl?: readonly SysctlFile[];
  /** The initramfs, for the modules that are there before the root file system is; cpio, packed or not. */
  readonly initramfs?: InputFile;
  /** If the configuration does not have it. */
  readonly architecture?: Architecture;
  /** The machine that it is for. Left out, any: what only some have may be missing where the kernel is too old for it. */
  readonly machine?: AuditedMachine;
  /** Files of the image that have to do with udev, of those in `DISK_NAMES`; left out, it is not known. */
  readonly files?: readonly string[];
}

/** A line of the table with its verdict. */
export interface AuditLine {
  readonly group: Group;
  /** `CONFIG_KVM_GUEST`, `net.ipv4.ip_forward`, or a name of ours. */
  readonly name: string;
  readonly wanted: string;
  readonly why: string;
  readonly source: string;
  readonly verdict: Verdict;
  /** The rule of the line; null for a line about several options. */
  readonly rule: OptionRule | SysctlRule | null;
}

/** The result of an image, line by line. */
export interface Audit {
  /** As it was read. */
  readonly config: KernelConfig;
  /** The machine that it is for; null is any. */
  readonly machine: AuditedMachine | null;
  /** In the order of the table. */
  readonly lines: readonly AuditLine[];
  /** Whether a line is missing or contradicts. */
  readonly failed: boolean;
}

const NAMES = 'names of NVMe disks';
const NAMES_WHY = 'udev asks each disk for the name that it was given';
const OURS = 'ours: what a boot from a PersistentDisk needs';

/**
 * Checks a kernel's configuration, its initramfs and its sysctls against Compute Engine's document and hardware,
 * without booting anything. The host has no influence: version and architecture are the configuration's.
 *
 * @throws MisuseError in one line, with file and line number, for input that cannot be read.
 * @example
 * const { failed, lines } = await audit({ config: { path: 'config', bytes: readFileSync('config') } });
 */
export async function audit(input: AuditInput): Promise<Audit> {
  const { path, bytes } = input.config;
  const config = parseConfig(path, await configText(path, bytes), input.architecture);
  const initramfs =
    input.initramfs === undefined ? null : await readInitramfs(input.initramfs.path, input.initramfs.bytes);
  const settings = input.sysctl === undefined ? null : new Settings(input.sysctl);
  const evidence = { config, initramfs, machine: input.machine ?? null };
  const lines = [
    ...[...REQUIRED, ...RECOMMENDED].map((rule) => optionLine(rule, evidence)),
    ...(settings === null
      ? []
      : SYSCTLS.map((rule) => sysctlLine(rule, judgeSysctl(rule, settings, config)))),
    ...HARDWARE_OPTIONS.map((rule) => optionLine(rule, evidence)),
    ourLine('root file system', 'y', 'the root is read by the kernel itself', judgeRoot(evidence)),
    ourLine(
      'modules on the way to the disk',
      'in initramfs',
      'what is a module there is loaded before there is a root',
      judgeWayToDisk(evidence),
    ),
    ...(input.machine?.parts.includes('nvme')
      ? [ourLine(NAMES, DISK_NAMES.join(' '), NAMES_WHY, judgeDiskNames(input.files))]
      : []),
    ourLine(
      'initramfs',
      unpackingOptions(initramfs).join(' '),
      'the kernel unpacks what it is given',
      judgeUnpacking(evidence),
    ),
  ];
  return { config, machine: evidence.machine, lines, failed: lines.some(({ verdict }) => fails(verdict)) };
}

function optionLine(rule: OptionRule, evidence: Evidence): AuditLine {
  const { group, option, wanted, why, source } = rule;
  return {
    group,
    name: `CONFIG_${option}`,
    wanted: typeof wanted === 'number' ? `${wanted} or more` : wanted,
    why,
    source,
    verdict: judgeOption(rule, evidence),
    rule,
  };
}

function sysctlLine(rule: SysctlRule, verdict: Verdict): AuditLine {
  const { group, key, wanted, more, why, source } = rule;
  return { group, name: key, wanted: more ? `${wanted} or more` : `${wanted}`, why, source, verdict, rule };
}

function ourLine(name: string, wanted: string, why: string, verdict: Verdict): AuditLine {
  return { group: 'ours', name, wanted, why, source: OURS, verdict, rule: null };
}
