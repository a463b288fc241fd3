import type { Command, Option } from 'commander';
import type { Io } from '../io.ts';
import { input, path, repeatable, reporter, seed, single, tracePath, waiver } from '../option-values.ts';
import { TRACE_ABOUT } from '../records.ts';
import { qtest } from './qtest.ts';

/** Declares `guestrig qtest`. All other options are QEMU's. */
export function qtestCommand(program: Command, io: Io, done: (passed: boolean) => void): void {
  const command = program
    .command('qtest')
    .argument('[qemu...]', "QEMU's options: -qtest, -qmp, -machine, -m, -smp, -device, -netdev, -drive, …")
    .description('stand in for QEMU on its qtest wire, and say which rules the client kept')
    .allowUnknownOption();
  for (const option of options()) command.addOption(option);
  command
    .addHelpText(
      'after',
      '\nExample: guestrig qtest --out verdict.txt -qtest unix:q.sock,server=on -device virtio-net-pci',
    )
    .action(async (qemu, args) => done(await qtest(qemu, args, io)));
}

function options(): Option[] {
  return [
    single('--options <file>', 'options of the machine, as JSON', input),
    single('--seed <n>', 'every random choice comes from it (default: 1)', seed),
    repeatable('--waive <clause=reason>', 'a rule that may be broken, and why; may be repeated', waiver),
    single('--reporter <name>', 'text, json or junit (default: text)', reporter),
    single('--out <file>', 'write the report there; %p is the number of the process', path),
    single('--pcap <file>', 'write down every frame, as pcapng', path),
    single('--log <file>', 'write down every access of the client', path),
    single('--trace <file>', TRACE_ABOUT, tracePath),
  ];
}
