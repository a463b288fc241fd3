import { type Command, Option } from 'commander';
import { MisuseError } from '../../core/misuse.ts';
import {
  SERVED_KINDS,
  type ServedKind,
  type VfioUserEnd,
  VfioUserHost,
} from '../../hosts/vfio-user/index.ts';
import { servedOptions } from '../../hosts/vfio-user/served-function.ts';
import type { Machine } from '../../machine/machine.ts';
import type { BootEnd } from '../boot-end.ts';
import { passed, renderBoot } from '../boot-report.ts';
import type { Io } from '../io.ts';
import { type OnMachineArguments, onMachine } from '../on-machine.ts';
import { input, path, profile, repeatable, reporter, seed, servedKind, single } from '../option-values.ts';
import { REPORTER_ABOUT, type Reporter } from '../reporter.ts';
import { seabiosNote } from '../seabios-ring.ts';
import { networkOptions, recordOptions } from '../shared-options.ts';
import { type TermArguments, Terms, termOptions } from '../terms.ts';
import { secondsText } from '../time-text.ts';
import { ServedTurn } from './served-turn.ts';

interface ServeArguments extends OnMachineArguments, TermArguments {
  readonly device: ServedKind;
  readonly socket: string;
  readonly reporter?: Reporter;
}

const SAID: Readonly<Record<VfioUserEnd, string>> = {
  gone: 'The client went away',
  closed: 'The run was stopped',
};

/** `guestrig serve vfio-user`. @returns whether no rule was broken. */
async function serve(args: ServeArguments, io: Io): Promise<boolean> {
  const { device, socket, reporter = 'text' } = args;
  const terms = new Terms(args, io);
  checkNetwork(args);
  const more = { firmware: false, ...servedOptions(device) };
  return onMachine(args, io, more, async (machine) => {
    const host = await VfioUserHost.listen(machine, { device, socket });
    const turn = device === 'scsi' ? new ServedTurn(machine) : null;
    const note = turn === null ? '' : seabiosNote(machine);
    io.err(`${note}guestrig: ${device} waits at ${socket}\n`);
    const end = serveEnd(await untilEnd(host, io), machine);
    turn?.close();
    const { rules } = terms;
    const report = { command: 'serve', machine, end, rules, verdicts: terms.verdicts(machine.journal) };
    io.out(renderBoot(report, reporter, io));
    return passed(report);
  });
}

function checkNetwork({ device, net }: ServeArguments): void {
  if (net !== undefined && device !== 'net')
    throw new MisuseError('--net', net, '', 'goes with --device net');
}

async function untilEnd(host: VfioUserHost, { keyboard }: Io): Promise<VfioUserEnd> {
  const unlisten = keyboard?.listen(
    () => {},
    () => host.close(),
  );
  try {
    return await host.ended;
  } finally {
    unlisten?.();
  }
}

function serveEnd(how: VfioUserEnd, { now: time }: Machine): BootEnd {
  return {
    how: how === 'gone' ? 'off' : 'stopped',
    said: `${SAID[how]}, after ${secondsText(time)}`,
    complaints: [],
    expected: 'is served to its end',
    lastLine: '',
    time,
    crash: null,
  };
}

/** Declares `guestrig serve vfio-user`. */
export function serveCommand(program: Command, io: Io, done: (passed: boolean) => void): void {
  const command = program
    .command('serve')
    .description("give a device to another emulator's guest, and say which rules its driver kept")
    .helpCommand(false)
    .action(() => {
      throw new MisuseError('serve', undefined, '', 'needs vfio-user');
    })
    .command('vfio-user')
    .description('give it to QEMU 10.1 or later, by a socket: until QEMU is gone, or Ctrl-C');
  for (const option of options()) command.addOption(option);
  command
    .addHelpText(
      'after',
      '\nExample: guestrig serve vfio-user --device scsi --disk root.img --socket /tmp/scsi.sock',
    )
    .action(async (args) => done(await serve(args, io)));
}

function options(): Option[] {
  return [
    single('--device <kind>', SERVED_KINDS.join(', '), servedKind).makeOptionMandatory(),
    single('--socket <path>', 'where QEMU finds it', path).makeOptionMandatory(),
    repeatable('--disk <file>', 'raw disk image of scsi; may be repeated', path),
    new Option('--snapshot', 'what the guest writes to disks is kept in memory: the default'),
    new Option('--write', 'what the guest writes to disks goes into their files').conflicts('snapshot'),
    single('--profile <name>', 'gce-n1 or qemu-pc (default: gce-n1)', profile),
    single('--seed <n>', 'every random choice comes from it (default: 1)', seed),
    single('--options <file>', 'options of the machine, as JSON', input),
    ...networkOptions(),
    ...termOptions(),
    single('--reporter <name>', REPORTER_ABOUT, reporter),
    ...recordOptions(),
  ];
}
