import { type KernelConfig, parseConfig } from './config.ts';
import { readInitramfs } from './initramfs.ts';
import { judgeRoot, judgeUnpacking, judgeWayToDisk, unpackingOptions } from './judge-boot.ts';
import { type Evidence, judgeOption } from './judge-option.ts';
import { judgeSysctl } from './judge-sysctl.ts';
import { configText } from './kernel-image.ts';
import { HARDWARE_OPTIONS } from './rules/hardware.ts';
import { RECOMMENDED } from './rules/recommended.ts';
import { REQUIRED } from './rules/required.ts';
import type { Architecture, Group, OptionRule, SysctlRule } from './rules/rule.ts';
import { SYSCTLS } from './rules/sysctls.ts';
import { Settings, type SysctlFile } from './sysctl.ts';
import { fails, type Verdict } from './verdict.ts';

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
  /** In the order of the table. */
  readonly lines: readonly AuditLine[];
  /** Whether a line is missing or contradicts. */
  readonly failed: boolean;
}

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
  const evidence = { config, initramfs };
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
    ourLine(
      'initramfs',
      unpackingOptions(initramfs).join(' '),
      'the kernel unpacks what it is given',
      judgeUnpacking(evidence),
    ),
  ];
  return { config, lines, failed: lines.some(({ verdict }) => fails(verdict)) };
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
