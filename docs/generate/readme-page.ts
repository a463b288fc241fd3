import { readFileSync } from 'node:fs';
import ts from 'typescript';
import { BROKEN_DRIVERS } from '../../src/conformance/index.ts';
import { assertConforms, gceN1 } from '../../src/index.ts';
import { anchorOf, clausePage } from '../../src/report/clause-page.ts';
import { code, filled, table } from './markdown.ts';
import { DRIVER_CLAUSES, reachOf, WAYS } from './ways.ts';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

/** The README with its tables, and the finding of its driver, written anew. */
export async function readmePage(): Promise<string> {
  const readme = read('README.md');
  return filled(readme, { finding: await finding(readme), faults: faults(), ways: ways() });
}

/** What is said of the driver that stands on the page. */
async function finding(readme: string): Promise<string> {
  const [driver = ''] = /^function print[\s\S]*?^}/m.exec(readme) ?? [];
  const { outputText } = ts.transpileModule(`export ${driver}`, {
    compilerOptions: { module: ts.ModuleKind.ESNext },
  });
  const { print } = await import(`data:text/javascript,${encodeURIComponent(outputText)}`);
  const machine = gceN1();
  print(machine.port, 0x3f8, 'hello');
  return `\`\`\`\n${saidOf(() => assertConforms(machine))}\n\`\`\``;
}

function saidOf(asserts: () => void): string {
  try {
    asserts();
  } catch (error) {
    const [, ...parts] = (error as Error).message.split('\n\n');
    return parts.join('\n\n');
  }
  throw new Error('the driver of README.md breaks nothing');
}

const rowsOf = (text: string): string[][] =>
  text
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()),
    );

/** The drivers that were played on QEMU, each with the first report that tells of one. */
function faults(): string {
  const [reports = '', onQemu = ''] = read('docs/reports.md').split('## On QEMU');
  const made = rowsOf(reports);
  const rows = rowsOf(onQemu)
    .slice(2)
    .map(([driver, , , does]) => {
      const [report = ''] = made.find(([, , , by = '']) => by.split('; ').includes(driver!)) ?? [];
      const { clause } = BROKEN_DRIVERS.find(({ model }) => model.name === driver)!;
      const here = `[${code(clause)}](docs/reference/clauses/${clausePage(clause)}.md#${anchorOf(clause)})`;
      return [driver!, report, does!, here];
    });
  return table([['The driver', 'As in', 'On QEMU it', 'guestrig names'], ...rows]);
}

function ways(): string {
  const rows = Object.values(WAYS).map((way) => [
    `[${way.name}](docs/${way.page})`,
    code(way.run),
    `${reachOf(way)}`,
  ]);
  return table([['Your driver is', 'Run', `Rules it can meet, of ${DRIVER_CLAUSES.length}`], ...rows]);
}
