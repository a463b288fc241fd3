import { match } from 'ts-pattern';
import { bdfText, hex } from '../../core/bits.ts';
import { checkObject } from '../../core/checks.ts';
import type { FoundFunction } from '../../core/driver.ts';
import type { ChipsetFacts } from '../../guest/index.ts';
import { NO_FINDINGS, NOTHING_ELSE, type Outcome, type Report } from '../../report/report.ts';
import { columns, type Style, styleFor } from '../../report/style.ts';
import { rulesText, tally } from '../../report/text.ts';
import { CLAUSES } from '../../rules/index.ts';
import { checkReport } from '../checks.ts';
import { byJson, newsOf, type VerdictJson, verdictJson, verdictLines } from '../report/verdict-report.ts';
import type { Gathered } from './gather.ts';
import { KNOWN_FUNCTIONS, kindRows, kindsJson } from './kinds/index.ts';
import type { ProbeReport } from './probe.ts';
import type { ProbedMachine } from './probed-machine.ts';
import type { RequirementLine } from './requirements.ts';

/** Functions that the guest has no driver for: a name for people, and the chip. */
const DRIVERLESS: Readonly<Record<string, readonly [string, string]>> = {
  '8086:1237': ['host bridge', '440FX'],
  '8086:7110': ['ISA bridge', 'PIIX4 ISA'],
  '8086:7111': ['IDE', 'PIIX4 IDE'],
  '8086:7113': ['bridge', 'PIIX4 ACPI'],
  '1ae0:0f48': ['PCI bridge', 'switch'],
  '1ae0:a002': ['display', 'virtual display'],
};
const PIIX4_ISA = 0x7110;
const PIIX4_ACPI = 0x7113;
const PM_PORTS = 64;

/** Every PCI function, with its place, identity and resources. */
function functionLines({ functions, chipset }: Gathered): string[] {
  return columns(
    functions.map((fn) => [
      bdfText(fn.bdf),
      idText(fn),
      `r${hex(fn.id.revision, 2)}`,
      hex(fn.id.class, 6),
      ...kindOf(fn),
      resources(fn, chipset),
    ]),
  );
}

function idText({ id }: FoundFunction): string {
  return `${hex(id.vendor, 4)}:${hex(id.device, 4)}`;
}

function kindOf(fn: FoundFunction): readonly [string, string] {
  const known = KNOWN_FUNCTIONS.find(({ driver }) => driver.matches(fn.id));
  return known === undefined ? (DRIVERLESS[idText(fn)] ?? ['unknown', '']) : [known.what, known.driver.name];
}

function resources(
  { bars, msixVectors, pin, line, id }: FoundFunction,
  chipset: ChipsetFacts | null,
): string {
  const said = bars.map(({ kind, address, size }) =>
    kind === 'io' ? `io ${hex(address, 4)} [${size}]` : `mem ${hex(address, 8)} [${size}]`,
  );
  if (msixVectors > 0) said.push(`MSI-X ${msixVectors}`);
  if (pin > 0) said.push(`pin ${' ABCD'[pin]} → IRQ ${line}`);
  if (id.device === PIIX4_ISA && chipset !== null) said.push(linksText(chipset.links));
  if (id.device === PIIX4_ACPI && chipset !== null && chipset.pmba > 0)
    said.push(`PM ${hex(chipset.pmba, 4)}–${hex(chipset.pmba + PM_PORTS - 1, 4)}, SCI ${line}`);
  return said.join('  ');
}

function linksText(links: readonly number[]): string {
  return links.map((irq, i) => `LNK${'ABCD'[i]} ${irq < 16 ? `→ ${irq}` : 'off'}`).join('  ');
}

/** The report as a person reads it; `color` for a terminal. */
export function renderReport(
  report: ProbeReport<ProbedMachine>,
  options: { readonly color: boolean },
): string {
  checkReport(report);
  checkObject('options', options);
  const style = styleFor(options.color);
  return [
    headline(report, style),
    ...functionLines(report.seen),
    '',
    ...columns(kindRows(report.seen)),
    '',
    ...requirementLines(report, style),
    '',
    ...rulesText({ lines: verdictLines(report.verdicts), root: '/', rules: report.rules }, style),
    '',
  ].join('\n');
}

/** The same for CI: the requirements first, then the rules for drivers. */
export function probeReport(report: ProbeReport<ProbedMachine>): Report {
  const { machine, rules, requirements, verdicts, failed } = report;
  const { name: profile } = machine.profile;
  const asked = requirements.map(({ outcome, clause, said }) => ({
    ...NO_FINDINGS,
    group: 'gce',
    name: clause,
    outcome,
    said,
    rule: CLAUSES[clause],
    news: newsOf(clause),
  }));
  return {
    ...NOTHING_ELSE,
    name: `guestrig probe, ${profile}`,
    profile,
    rules,
    lines: [...asked, ...verdictLines(verdicts)],
    passed: !failed,
    word: failed ? 'fails' : 'passes',
  };
}

/** The report for machines. `schema` grows when a field changes its meaning. */
export function reportJson(report: ProbeReport<ProbedMachine>) {
  checkReport(report);
  const { machine, rules, seen, requirements, verdicts } = report;
  const told: VerdictJson[] = [
    ...requirements.map(({ said, ...verdict }) => verdictJson(verdict, { said })),
    ...verdicts.map((verdict) => verdictJson(verdict)),
  ];
  return {
    ...byJson(rules),
    profile: machine.profile.name,
    functions: seen.functions.map(({ bdf, id, bars, msixVectors, pin }) => ({
      address: bdfText(bdf),
      vendor: id.vendor,
      device: id.device,
      class: id.class,
      revision: id.revision,
      subsystem: { vendor: id.subsystemVendor, device: id.subsystem },
      bars: bars.map(({ index, kind, size }) => ({ index, kind, size })),
      msixVectors,
      pin,
    })),
    ...kindsJson(seen),
    verdicts: told,
  };
}

function headline({ machine }: ProbeReport<ProbedMachine>, style: Style): string {
  const { profile, ramBytes, seed, now } = machine;
  const ram = `${ramBytes / (1 << 20)} MiB`;
  const spent = `${(now / 1e6).toFixed(1)} ms`;
  const time = seed === null ? `${spent} of the host's time` : `seed ${seed}, ${spent} of virtual time`;
  return `${style.bold(`guestrig  ${profile.name}`)}, ${ram}, ${time}\n`;
}

function requirementLines({ requirements }: ProbeReport<ProbedMachine>, style: Style): string[] {
  const rows = columns(requirements.map((line) => [word(line), line.clause, line.said]));
  const painted = rows.map((row, i) => paint(requirements[i]!.outcome, row, style));
  return [style.bold(`Requirements of the Compute Engine document   ${tally(requirements)}`), ...painted];
}

function word({ outcome }: RequirementLine): string {
  return match(outcome)
    .with('pass', () => '  pass')
    .with('fail', () => '  FAIL')
    .with('waived', () => '  waived')
    .with('unreached', () => '  unreached')
    .with('noted', () => '  noted')
    .exhaustive();
}

function paint(outcome: Outcome, text: string, style: Style): string {
  return match(outcome)
    .with('pass', () => style.good(text))
    .with('fail', () => style.bad(text))
    .with('waived', 'unreached', 'noted', () => style.dim(text))
    .exhaustive();
}
