import { match, P } from 'ts-pattern';
import type { KernelConfig, OptionLine } from './config.ts';
import type { Initramfs } from './initramfs.ts';
import { type AuditedMachine, type OptionRule, PARTS, type Successor } from './rules/rule.ts';
import type { Verdict } from './verdict.ts';
import { isSince } from './version.ts';

/** The basis of a verdict about options; without an initramfs nothing is known of modules. */
export interface Evidence {
  readonly config: KernelConfig;
  readonly initramfs: Initramfs | null;
  /** Null is any of Compute Engine's. */
  readonly machine: AuditedMachine | null;
}

/** The first version in which CONFIG_LSM lists the security modules to start. */
const LSM_SINCE = '5.1';

/** Judges one line about an option: by the option itself if it is there, else by its successor. */
export function judgeOption(rule: OptionRule, evidence: Evidence): Verdict {
  const { config, machine } = evidence;
  const why = notApplicable(rule, evidence);
  if (why !== null) return { kind: 'not applicable', why };
  const line = config.options.get(rule.option);
  if (line !== undefined && fits(rule.wanted, line.value))
    return judgeListed(rule, evidence, satisfied(line));
  // Some successors existed before they took over: KVM_GUEST, SECURITY_YAMA.
  const heirs = (rule.successors ?? []).filter(({ since }) => isSince(config.version, since));
  const successor = heirs.find(({ option }) => config.options.get(option)?.value === 'y');
  if (successor !== undefined) return judgeListed(rule, evidence, succeeded(successor, config));
  if (line !== undefined) return judgeValue(rule, line, evidence.initramfs);
  return judgeAbsence(
    { ...rule, ...(machine !== null && rule.part !== undefined && { hardware: true }) },
    heirs,
    config,
  );
}

function notApplicable(
  { architectures, needs, part }: OptionRule,
  { config, machine }: Evidence,
): string | null {
  const { architecture, options } = config;
  if (part !== undefined && machine?.parts.includes(part) === false)
    return `${machine.name} has no ${PARTS[part]}`;
  if (architectures !== undefined && !architectures.includes(architecture))
    return `the line is for ${architectures.join(' and ')}, this is ${architecture}`;
  return needs !== undefined && options.get(needs.option)?.value === 'n' ? needs.why : null;
}

function fits(wanted: OptionRule['wanted'], value: string): boolean {
  return typeof wanted === 'number' ? Number(value) >= wanted : value === wanted;
}

function satisfied(at: OptionLine): Verdict {
  return { kind: 'satisfied', at };
}

function succeeded({ option, since }: Successor, config: KernelConfig): Verdict {
  return { kind: 'successor', name: option, since, at: config.options.get(option)! };
}

/** A security module that is built and not listed is never started. */
function judgeListed({ listed }: OptionRule, { config }: Evidence, verdict: Verdict): Verdict {
  const list = config.options.get('LSM');
  if (listed === undefined || !isSince(config.version, LSM_SINCE)) return verdict;
  if (list === undefined) return { kind: 'missing', why: `no CONFIG_LSM says that ${listed} starts` };
  if (list.value.replaceAll('"', '').split(',').includes(listed)) return verdict;
  return {
    kind: 'contradicts',
    at: list,
    why: `${listed} is built, and not in the list of those that start`,
  };
}

/** A line with another value than wanted. */
function judgeValue({ module }: OptionRule, at: OptionLine, initramfs: Initramfs | null): Verdict {
  return match({ value: at.value, module })
    .returnType<Verdict>()
    .with({ value: 'm', module: P.string }, (found) => judgeModule(found.module, at, initramfs))
    .with({ value: 'n' }, () => ({ kind: 'contradicts', at, why: 'it is not set' }))
    .otherwise(({ value }) => ({ kind: 'contradicts', at, why: `it is ${value}` }));
}

export function judgeModule(module: string, at: OptionLine, initramfs: Initramfs | null): Verdict {
  const file = initramfs?.modules.get(module);
  if (file !== undefined) return { kind: 'module in initramfs', at, file };
  const why =
    initramfs === null
      ? `no initramfs was given to look for ${module} in`
      : `${initramfs.file} has no ${module}`;
  return { kind: 'module not in initramfs', at, why };
}

/** No line at all: the version decides what that means. */
function judgeAbsence(rule: OptionRule, heirs: readonly Successor[], config: KernelConfig): Verdict {
  const { option, wanted, since, until, hardware } = rule;
  const version = config.version.text;
  const over = until !== undefined && isSince(config.version, until);
  if (wanted === 'n')
    return {
      kind: 'satisfied',
      at: null,
      note: over ? `removed in ${until}` : 'no line: it is not offered here',
    };
  if (since !== undefined && !isSince(config.version, since))
    return hardware
      ? { kind: 'missing', why: `Linux has ${option} since ${since}, this is ${version}` }
      : { kind: 'not applicable', why: `in Linux since ${since}, this is ${version}` };
  const off = heirs.flatMap((heir) => config.options.get(heir.option) ?? [])[0];
  if (off !== undefined) return { kind: 'contradicts', at: off, why: 'it took its place and is not set' };
  const names = [...(over ? [] : [option]), ...heirs.map((heir) => heir.option)];
  return { kind: 'missing', why: `no line has ${names.join(' or ')}` };
}
