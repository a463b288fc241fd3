import type { KernelConfig } from './config.ts';
import type { SysctlRule } from './rules/rule.ts';
import type { Settings } from './sysctl.ts';
import type { Verdict } from './verdict.ts';
import { isSince } from './version.ts';

/** Judges one line about a sysctl: by the setting that takes effect, else by the kernel's default. */
export function judgeSysctl(rule: SysctlRule, settings: Settings, config: KernelConfig): Verdict {
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
    return { kind: 'satisfied', at: null, note: 'no file sets it; the kernel has it so' };
  return { kind: 'missing', why: known ? `no file sets it; the kernel has ${value}` : 'no file sets it' };
}
