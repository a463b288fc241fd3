import { type Command, Option } from 'commander';
import { audit } from './audit.ts';
import type { Io } from './io.ts';
import {
  AUDIT_REPORTER_ABOUT,
  architecture,
  auditReporter,
  input,
  machineOption,
  repeatable,
  single,
} from './option-values.ts';

/** Declares `guestrig audit`. */
export function auditCommand(program: Command, io: Io, done: (passed: boolean) => void): void {
  program
    .command('audit')
    .description(
      "say whether a kernel's options and sysctls are what Compute Engine asks for, without booting it",
    )
    .addOption(
      single('--config <file>', '.config, config.gz or a kernel with IKCONFIG', input).makeOptionMandatory(),
    )
    .addOption(
      repeatable(
        '--sysctl <path>',
        'settings: a file, a sysctl.d or the root of an image; may be repeated',
        input,
      ),
    )
    .addOption(single('--initrd <file>', 'initramfs, to look for modules in', input))
    .addOption(
      single('--arch <name>', 'x86_64, i386 or arm64, where the configuration does not say', architecture),
    )
    .addOption(single('--reporter <name>', AUDIT_REPORTER_ABOUT, auditReporter))
    .addOption(machineOption('the machine that it is for, such as c3 (default: any)'))
    .addOption(new Option('--fix', 'print what would satisfy it instead').conflicts('reporter'))
    .addHelpText(
      'after',
      '\nExample: guestrig audit --config config-6.12 --sysctl / --initrd initrd.img-6.12',
    )
    .action(async (args) => done(await audit(args, io)));
}
