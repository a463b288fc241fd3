import type { Audit, AuditLine } from './audit.ts';
import type { KernelConfig } from './config.ts';
import { ROOT_FILE_SYSTEMS, wayToDisk } from './rules/hardware.ts';
import type { OptionRule, SysctlRule } from './rules/rule.ts';
import { fails } from './verdict.ts';
import { isSince } from './version.ts';

const CONFIG_TITLE = '# kernel configuration: scripts/kconfig/merge_config.sh .config THIS';
const SYSCTL_TITLE = '# /etc/sysctl.d/90-compute-engine.conf';

/** What would satisfy the audit: a fragment of the kernel's configuration, and a file of sysctls. */
interface Fix {
  readonly config: string;
  readonly sysctl: string;
}

/** Empty texts if nothing needs a change. A comment reports an option for which the kernel is too old. */
export function fixOf(audit: Audit): Fix {
  const wrong = audit.lines.filter(({ verdict }) => fails(verdict));
  const options = new Set(wrong.flatMap((line) => optionLines(line, audit)));
  const sysctls = new Set(wrong.flatMap(sysctlLines));
  return { config: text(CONFIG_TITLE, options), sysctl: text(SYSCTL_TITLE, sysctls) };
}

function text(title: string, lines: ReadonlySet<string>): string {
  return lines.size === 0 ? '' : `${[title, ...lines].join('\n')}\n`;
}

function sysctlLines({ rule }: AuditLine): string[] {
  return rule !== null && isSysctl(rule) ? [`${rule.key} = ${rule.wanted}`] : [];
}

function optionLines(line: AuditLine, audit: Audit): string[] {
  const { config } = audit;
  if (line.rule === null) return bootLines(line, audit);
  if (isSysctl(line.rule)) return line.rule.needs === undefined ? [] : [`CONFIG_${line.rule.needs}=y`];
  const { option, wanted, since, listed } = line.rule;
  if (since !== undefined && !isSince(config.version, since))
    return [`# CONFIG_${option} needs Linux ${since}`];
  if (wanted === 'n') return [`# CONFIG_${option} is not set`];
  const name = nameIn(line.rule, config);
  const value = typeof wanted === 'number' ? wanted : 'y';
  return [`CONFIG_${name}=${value}`, ...(listed === undefined ? [] : listLines(listed, config))];
}

/** The option's name in this version: its last successor. */
function nameIn({ option, until, successors = [] }: OptionRule, { version }: KernelConfig): string {
  if (until === undefined) return option;
  const heirs = successors.filter((heir) => isSince(version, heir.since));
  // A choice has several; the first is the plainest.
  return isSince(version, until) ? heirs.at(-1)!.option : (heirs[0]?.option ?? option);
}

function listLines(listed: string, { version, options }: KernelConfig): string[] {
  if (!isSince(version, '5.1')) return [];
  const list = options.get('LSM')?.value.replaceAll('"', '') ?? '';
  const names = list.split(',').filter((name) => name !== '' && name !== listed);
  return [`CONFIG_LSM="${[...names, listed].join(',')}"`];
}

function bootLines({ name, wanted }: AuditLine, { machine, config: { options } }: Audit): string[] {
  if (name === 'root file system') return [`CONFIG_${ROOT_FILE_SYSTEMS[0].option}=y`];
  if (name === 'initramfs') return wanted.split(' ').map((option) => `CONFIG_${option}=y`);
  if (name === 'names of NVMe disks') return [`# install what Google's guest-configs have: ${wanted}`];
  const modules = wayToDisk(machine).filter(({ option }) => options.get(option)?.value === 'm');
  return [
    '# or keep them as modules and add them to the initramfs',
    ...modules.map(({ option }) => `CONFIG_${option}=y`),
  ];
}

function isSysctl(rule: OptionRule | SysctlRule): rule is SysctlRule {
  return rule.group === 'sysctls';
}
