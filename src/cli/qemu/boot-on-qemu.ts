import { accessSync, constants } from 'node:fs';
import type { Nanos } from '../../core/bits.ts';
import { MisuseError } from '../../core/misuse.ts';
import { findQemu, type Qemu, SERVES_DEVICES } from '../../hosts/qemu/find-qemu.ts';
import type { Machine } from '../../machine/machine.ts';
import type { BootEnd } from '../boot-end.ts';
import type { GuestArguments } from '../boot-guest.ts';
import { reaching } from '../file-errors.ts';
import { STDIN } from '../input.ts';
import type { Io } from '../io.ts';
import type { ScriptFile } from '../script-file.ts';
import { binaryOf } from './on-qemu.ts';
import { QemuRun } from './qemu-run.ts';

export interface QemuArguments extends GuestArguments {
  /** `qemu`, or `qemu:` and a file. */
  readonly on?: string;
  readonly until?: string;
  readonly limit?: Nanos;
  readonly script?: string;
  readonly disk?: readonly string[];
  readonly smp?: number;
  /** Arguments of the command line behind `--`, for QEMU. */
  readonly more: readonly string[];
}

/** Called before anything is built. @returns the QEMU. @throws MisuseError for options that it does not support. */
export function qemuFor(args: QemuArguments): Qemu {
  const { on = '', kernel, firmware, initrd, append, disk = [] } = args;
  if (kernel === undefined && disk.length === 0)
    throw new MisuseError('boot', kernel, '', 'needs --kernel or --disk');
  if (kernel === undefined)
    for (const [option, value] of Object.entries({ initrd, append }))
      if (value !== undefined) throw new MisuseError(`--${option}`, value, '', 'goes with --kernel');
  for (const [kind, file] of Object.entries({ kernel, firmware, initrd })) if (file) checkFile(kind, file);
  return findQemu(binaryOf(on), SERVES_DEVICES);
}

export function runOnQemu(
  qemu: Qemu,
  args: QemuArguments,
  script: ScriptFile | null,
  machine: Machine,
  io: Io,
): Promise<BootEnd> {
  const { until, limit, kernel, initrd, append, firmware, smp, more } = args;
  return new QemuRun(machine, { until, limit, script }, io).toItsEnd(qemu, {
    kernel,
    initrd,
    append,
    firmware,
    smp,
    more,
  });
}

/** QEMU reads the file, but its errors are less clear. */
function checkFile(kind: string, file: string): void {
  if (file === STDIN) throw new MisuseError(`--${kind}`, file, 'a file: QEMU reads it by itself');
  reaching(kind, file, () => accessSync(file, constants.R_OK));
}
