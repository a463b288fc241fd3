import { match } from 'ts-pattern';
import { bdfText, hex } from '../../core/bits.ts';
import type { FoundFunction } from '../../core/driver.ts';
import type { ChipsetFacts } from '../gather.ts';
import type { ProbeReport } from '../probe.ts';
import type { RequirementLine } from '../requirements.ts';
import { fails, type Outcome, type Verdict } from '../verdict.ts';
import { renderFinding } from './finding.ts';
import { columns, type Style, styleFor } from './style.ts';

/** The report as a person reads it; `color` for a terminal. */
export function renderReport(report: ProbeReport, options: { readonly color: boolean }): string {
  const style = styleFor(options.color);
  return [
    headline(report, style),
    ...functionLines(report),
    '',
    ...partLines(report),
    '',
    ...requirementLines(report, style),
    '',
    ...verdictLines(report.verdicts, style),
    '',
  ].join('\n');
}

/** The verdicts alone, as they stand at the end of a report. */
export function renderVerdicts(verdicts: readonly Verdict[], options: { readonly color: boolean }): string {
  return [...verdictLines(verdicts, styleFor(options.color)), ''].join('\n');
}

function headline({ machine }: ProbeReport, style: Style): string {
  const { profile, ramBytes, seed, now } = machine;
  const ram = `${ramBytes / (1 << 20)} MiB`;
  return `${style.bold(`guestrig  ${profile.name}`)}, ${ram}, seed ${seed}, ${(now / 1e6).toFixed(1)} ms of virtual time\n`;
}

function functionLines({ seen }: ProbeReport): string[] {
  return columns(
    seen.functions.map((fn) => [
      bdfText(fn.bdf),
      `${hex(fn.id.vendor, 4)}:${hex(fn.id.device, 4)}`,
      `r${hex(fn.id.revision, 2)}`,
      hex(fn.id.class, 6),
      ...kindOf(fn),
      resources(fn, seen.chipset),
    ]),
  );
}

/** What a function is to a person, and what it is called. */
function kindOf({ id }: FoundFunction): readonly [string, string] {
  return match(`${hex(id.vendor, 4)}:${hex(id.device, 4)}`)
    .returnType<readonly [string, string]>()
    .with('8086:1237', () => ['host bridge', '440FX'])
    .with('8086:7110', () => ['ISA bridge', 'PIIX4 ISA'])
    .with('8086:7113', () => ['bridge', 'PIIX4 ACPI'])
    .with('1af4:1000', () => ['network', 'virtio-net'])
    .with('1af4:1004', () => ['storage', 'virtio-scsi'])
    .with('1af4:1002', () => ['memory', 'virtio-balloon'])
    .with('1af4:1005', () => ['entropy', 'virtio-rng'])
    .with('1ae0:a002', () => ['display', 'virtual display'])
    .otherwise(() => ['unknown', '']);
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
  if (id.device === 0x7110 && chipset !== null) said.push(linksText(chipset.links));
  if (id.device === 0x7113 && chipset !== null && chipset.pmba > 0)
    said.push(`PM ${hex(chipset.pmba, 4)}–${hex(chipset.pmba + 63, 4)}, SCI ${line}`);
  return said.join('  ');
}

function linksText(links: readonly number[]): string {
  return links.map((irq, i) => `LNK${'ABCD'[i]} ${irq < 16 ? `→ ${irq}` : 'off'}`).join('  ');
}

function partLines({ seen }: ProbeReport): string[] {
  const serial = seen.serial.map(({ port, irq, type, loopback }, i) => [
    `ttyS${i}`,
    `${hex(port, 3)} irq ${irq ?? 'none'}`,
    `${type}${loopback ? ', loopback works' : ''}`,
  ]);
  const disks = seen.disks.map(
    ({ target, lun, vendor, product, revision, blocks, logicalBlock, physicalBlock, sha256 }) => [
      'disk',
      `target ${target} lun ${lun}`,
      `${vendor} ${product} ${revision}, ${size(blocks * logicalBlock)}, ${logicalBlock}/${physicalBlock}, SHA-256 ${sha256.slice(0, 16)}…`,
    ],
  );
  const nics = seen.nics.map(({ facts }) => ['net', facts.mac, facts.features.join(' ')]);
  const random = seen.random.map((bytes) => [
    'rng',
    `${bytes.length} bytes`,
    Buffer.from(bytes.subarray(0, 8)).toString('hex'),
  ]);
  const balloon =
    seen.balloon === null
      ? []
      : [
          [
            'balloon',
            `${seen.balloon.asked} pages`,
            `${seen.balloon.given} given, ${seen.balloon.left} left`,
          ],
        ];
  return columns([...serial, ...disks, ...nics, ...random, ...balloon]);
}

function size(bytes: number): string {
  return bytes % (1 << 20) === 0 ? `${bytes / (1 << 20)} MiB` : `${bytes} bytes`;
}

function requirementLines({ requirements }: ProbeReport, style: Style): string[] {
  const rows = columns(requirements.map((line) => [word(line), line.clause, line.said]));
  const painted = rows.map((row, i) => paint(requirements[i]!.outcome, row, style));
  return [style.bold(`Requirements of the Compute Engine document   ${tally(requirements)}`), ...painted];
}

function verdictLines(verdicts: readonly Verdict[], style: Style): string[] {
  const broken = verdicts.filter(({ outcome }) => outcome === 'fail');
  const noted = broken.filter((verdict) => !fails(verdict));
  const counted = verdicts.filter((verdict) => !noted.includes(verdict));
  const notes = noted.length > 0 ? `   ${noted.length} noted` : '';
  return [
    style.bold(`Rules for drivers   ${tally(counted)}${notes}`),
    ...[...broken.filter(fails), ...noted].flatMap(({ findings }) => [
      '',
      renderFinding(findings[0]!, style),
    ]),
  ];
}

function tally(lines: readonly { readonly outcome: Outcome; readonly said?: string }[]): string {
  const modelled = lines.filter(({ said }) => said !== NOT_MODELLED);
  const of = (outcome: Outcome) => modelled.filter((line) => line.outcome === outcome).length;
  const rest = lines.length - modelled.length;
  const counts = `${of('pass')} pass   ${of('fail')} fail   ${of('unreached')} not reached`;
  const waived = of('waived') > 0 ? `   ${of('waived')} waived` : '';
  return `${counts}${waived}${rest > 0 ? `   ${rest} ${NOT_MODELLED}` : ''}`;
}

const NOT_MODELLED = 'not modelled yet';

function word({ outcome, said }: RequirementLine): string {
  if (said === NOT_MODELLED) return '  -';
  return match(outcome)
    .with('pass', () => '  pass')
    .with('fail', () => '  FAIL')
    .with('waived', () => '  waived')
    .with('unreached', () => '  not reached')
    .exhaustive();
}

function paint(outcome: Outcome, text: string, style: Style): string {
  return match(outcome)
    .with('pass', () => style.good(text))
    .with('fail', () => style.bad(text))
    .with('waived', 'unreached', () => style.dim(text))
    .exhaustive();
}
