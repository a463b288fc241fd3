import { Option } from 'commander';
import { SUITE, type Verdict, type Waiver } from '../conformance/index.ts';
import { verdictsBy } from '../conformance/verdict.ts';
import { NameReader } from '../conformance/waivers.ts';
import type { Journal } from '../core/journal.ts';
import { MisuseError } from '../core/misuse.ts';
import { visible } from '../core/visible.ts';
import { checkedSet, type RuleSet } from '../rules/sets.ts';
import type { Io } from './io.ts';
import { repeatable, single } from './option-values.ts';

/** By which rules a driver is judged, and what it may break. */
export interface TermArguments {
  readonly rules?: RuleSet;
  readonly strict?: true;
  readonly waive?: readonly Waiver[];
}

/** For every command that ends with verdicts. */
export function termOptions(): Option[] {
  return [
    repeatable(
      '--waive <name=reason>',
      'a rule that may be broken, and why; or an entry of a baseline, as JSON; may be repeated',
      waiver,
    ),
    rulesOption(),
    new Option('--strict', 'refuse names of rules that never were, which are warnings'),
  ];
}

export function rulesOption(): Option {
  return single(
    '--rules <version>',
    'judge by the rules of this version, such as 0.2 (default: all)',
    checkedSet,
  );
}

/** `NAME=REASON`, or a waiver as JSON. */
function waiver(name: string, value: string): Waiver {
  if (value.startsWith('{')) return parsed(name, value);
  const at = value.indexOf('=');
  if (at < 0) throw new MisuseError(name, value, 'CLAUSE=REASON');
  const [named, reason] = [value.slice(0, at), value.slice(at + 1).trim()];
  if (reason === '') throw new MisuseError(name, value, '', `${named} needs a reason after the =`);
  const isScenario = SUITE.some((scenario) => scenario.name === named);
  return isScenario ? { stopped: named, reason } : { clause: named as NonNullable<Waiver['clause']>, reason };
}

function parsed(name: string, value: string): Waiver {
  try {
    return JSON.parse(value);
  } catch (error) {
    throw new MisuseError(name, value, '', `not JSON: ${(error as Error).message}`);
  }
}

/** The terms of one run. What is to be said of names is printed before it. */
export class Terms {
  readonly rules: RuleSet;
  private readonly waivers: readonly Waiver[];

  constructor({ waive = [], ...args }: TermArguments, io: Io) {
    const names = new NameReader({ ...args, today: todayOf(io) });
    this.waivers = names.waivers('--waive', waive);
    this.rules = names.rules;
    for (const warning of names.warnings) io.err(`guestrig: ${visible(warning)}\n`);
  }

  verdicts(journal: Journal): Verdict[] {
    return verdictsBy(journal, this.rules, this.waivers);
  }
}

/** By which waivers end. */
export function todayOf({ today = new Date().toISOString() }: Pick<Io, 'today'>): string {
  return today.slice(0, 'yyyy-mm-dd'.length);
}
