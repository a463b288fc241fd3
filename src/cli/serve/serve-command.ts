import { type Command, Option } from 'commander';
import { MisuseError } from '../../core/misuse.ts';
import type { Io } from '../io.ts';
import { networkOptions } from '../network-options.ts';
import {
  input,
  path,
  profile,
  repeatable,
  reporter,
  seed,
  servedKind,
  single,
  tracePath,
  waiver,
} from '../option-values.ts';
import { TRACE_ABOUT } from '../records.ts';
import { REPORTER_ABOUT } from '../reporter.ts';
import { serve } from './serve.ts';

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
    single('--device <kind>', 'net, scsi, rng or balloon', servedKind).makeOptionMandatory(),
    single('--socket <path>', 'where QEMU finds it', path).makeOptionMandatory(),
    repeatable('--disk <file>', 'raw disk image of scsi; may be repeated', path),
    new Option('--snapshot', 'what the guest writes to disks is kept in memory: the default'),
    new Option('--write', 'what the guest writes to disks goes into their files').conflicts('snapshot'),
    single('--profile <name>', 'gce-n1 or qemu-pc (default: gce-n1)', profile),
    single('--seed <n>', 'every random choice comes from it (default: 1)', seed),
    single('--options <file>', 'options of the machine, as JSON', input),
    ...networkOptions(),
    repeatable('--waive <clause=reason>', 'a rule that may be broken, and why; may be repeated', waiver),
    single('--reporter <name>', REPORTER_ABOUT, reporter),
    single('--pcap <file>', 'write down every frame, as pcapng', path),
    single('--log <file>', 'write down every access of the guest', path),
    single('--trace <file>', TRACE_ABOUT, tracePath),
  ];
}
