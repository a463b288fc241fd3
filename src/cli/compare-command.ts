import { writeFileSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { machineOf, optionsOf, readCapture } from '../conformance/compare/capture-file.ts';
import { compareCapture } from '../conformance/compare/compare.ts';
import type { ComparedItem } from '../conformance/compare/compared.ts';
import {
  type Compared,
  comparedJson,
  comparedReport,
  isNews,
  renderCompared,
} from '../conformance/compare/report.ts';
import { compareText, logIn, machineOfText, optionsOfText } from '../conformance/compare/texts.ts';
import type { Machine } from '../machine/machine.ts';
import type { MachineOptions } from '../machine/options.ts';
import type { ProfileName } from '../machine/profile.ts';
import { inside, reaching, wrongFile } from '../media/file-errors.ts';
import { captureScript } from './assets.ts';
import { readText } from './input.ts';
import type { Io } from './io.ts';
import { buildMachine, optionsFrom } from './machines.ts';
import { input, MACHINE_ABOUT, machineName, path, reporter, single } from './option-values.ts';
import { inForm, jsonText, REPORTER_ABOUT, type Reporter } from './reporter.ts';

/** Declares `guestrig capture`. */
export function captureCommand(program: Command, io: Io): void {
  program
    .command('capture')
    .description(
      'print a script of Python that captures the hardware of a real virtual machine, read-only: take it there and run it as root',
    )
    .addOption(single('--out <file>', 'write it there', path))
    .addHelpText(
      'after',
      '\nThere: python3 capture.py --plan shows what it reads, python3 capture.py writes capture.json.\n' +
        '\nExample: guestrig capture --out capture.py',
    )
    .action(({ out }: { readonly out?: string }) => {
      const script = captureScript();
      if (out === undefined) io.out(script);
      else reaching('out', out, () => writeFileSync(out, script));
    });
}

interface CompareArguments {
  readonly machine?: ProfileName;
  readonly profile?: true;
  readonly options?: string;
  readonly reporter?: Reporter;
}

/** Declares `guestrig compare`. */
export function compareCommand(program: Command, io: Io, done: (passed: boolean) => void): void {
  program
    .command('compare')
    .argument(
      '<file>',
      "what capture's script wrote, or a text: lspci -v, dmesg, a serial console, dmidecode, ethtool",
    )
    .description('say where our machine differs from a real one, item by item')
    .addOption(
      new Option('--profile', 'print the options of a machine as it was captured').conflicts([
        'options',
        'reporter',
      ]),
    )
    .addOption(single('--machine <name>', `${MACHINE_ABOUT} (default: as the file says)`, machineName))
    .addOption(
      single('--options <file>', 'options of our machine, as JSON (default: as the file says)', input),
    )
    .addOption(single('--reporter <name>', REPORTER_ABOUT, reporter))
    .addHelpText('after', '\nExample: guestrig compare capture.json')
    .action((file, args) => done(compare(file, args, io)));
}

/** A file to compare: which machine it is of, and how it is put to ours. */
interface Evidence {
  readonly machine: ProfileName;
  readonly options: MachineOptions;
  readonly compare: (machine: Machine) => ComparedItem[];
}

/** @returns whether nothing differs that is not known. */
function compare(file: string, args: CompareArguments, io: Io): boolean {
  const evidence = evidenceOf(file);
  if (args.profile === true) {
    io.out(jsonText(evidence.options));
    return true;
  }
  const options = args.options === undefined ? evidence.options : optionsFrom(args.options);
  const machine = buildMachine(args.machine ?? evidence.machine, options);
  try {
    const items = evidence.compare(machine);
    if (items.every(({ outcome }) => outcome === 'not compared'))
      throw wrongFile('compare', file, 'holds nothing that is compared');
    const compared: Compared = { file, profile: machine.profile.name, items };
    const forms = {
      report: () => comparedReport(compared),
      text: () => renderCompared(compared, io),
      json: () => comparedJson(compared),
    };
    io.out(inForm(args.reporter ?? 'text', forms, io));
    return !isNews(compared);
  } finally {
    machine.close();
  }
}

function evidenceOf(file: string): Evidence {
  const text = readText('capture', file);
  if (!text.trimStart().startsWith('{') || logIn(text) !== null)
    return {
      machine: machineOfText(text),
      options: optionsOfText(text),
      compare: (machine) => compareText(text, machine),
    };
  const capture = inside('capture', file, () => readCapture(parsed(file, text)));
  return {
    machine: machineOf(capture),
    options: optionsOf(capture),
    compare: (machine) => compareCapture(capture, machine),
  };
}

function parsed(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw wrongFile('capture', file, `not JSON: ${(error as Error).message}`);
  }
}
