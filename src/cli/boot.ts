import { fails, renderVerdicts, verdictsOf } from '../conformance/index.ts';
import { MisuseError } from '../core/misuse.ts';
import { type FirmwareBoot, type LinuxBoot, type RunEnd, V86Host } from '../hosts/v86/index.ts';
import { gceN1 } from '../machine/gce-n1.ts';
import type { Machine } from '../machine/machine.ts';
import type { MachineOptions } from '../machine/options.ts';
import { crashText } from './crash-text.ts';
import { readInput } from './input.ts';
import type { Io } from './io.ts';
import { optionsFrom } from './options-file.ts';
import { wrongFile } from './reaching.ts';
import { captureFrames, logAccesses } from './records.ts';

const RAM = 256 << 20;
/** What a guest is made of. */
const FILES = ['kernel', 'initrd', 'firmware'] as const;

interface BootArguments {
  /** This or `firmware`, and not both. */
  readonly kernel?: string;
  readonly initrd?: string;
  readonly append?: string;
  readonly firmware?: string;
  readonly options?: string;
  readonly disk?: readonly string[];
  readonly pcap?: string;
  readonly log?: string;
}

/** `guestrig boot`. @returns whether no rule was broken and the guest did not crash. */
export async function boot(args: BootArguments, io: Io): Promise<boolean> {
  const guest = guestOf(args);
  const machine = gceN1(machineOptions(args));
  const records = [];
  try {
    records.push(logAccesses(machine, args.log), captureFrames(machine, args.pcap));
    const end = await runGuest(machine, guest, io).catch((error) => {
      throw naming(args, error);
    });
    const verdicts = verdictsOf(machine.journal);
    io.out(`\n${renderVerdicts(verdicts, io)}`);
    return end !== 'crash' && !verdicts.some(fails);
  } finally {
    for (const record of records) record?.close();
    machine.close();
  }
}

function guestOf({ kernel, initrd, append, firmware }: BootArguments): LinuxBoot | FirmwareBoot {
  if (kernel === undefined) {
    if (firmware === undefined) throw new MisuseError('boot', kernel, '', 'needs --kernel or --firmware');
    return { firmware: readInput('firmware', firmware) };
  }
  const ramDisk = initrd === undefined ? undefined : readInput('initrd', initrd);
  return { kernel: readInput('kernel', kernel), initrd: ramDisk, append };
}

/** What is wrong inside one of the guest's files is told of that file: `kernel: …` as `kernel vmlinux: …`. */
function naming(args: BootArguments, error: unknown): unknown {
  const kind = error instanceof MisuseError && FILES.find((name) => name === error.path);
  const file = kind ? args[kind] : undefined;
  return kind && file ? wrongFile(kind, file, error.message.slice(kind.length + 2)) : error;
}

/** The command line takes precedence over the file, and the file over our defaults. */
function machineOptions({ firmware, options: path, disk }: BootArguments): MachineOptions {
  const options = optionsFrom(path);
  return {
    memory: { below4G: RAM },
    ...options,
    disks: disk?.map((file) => ({ file })) ?? options.disks ?? [],
    ...(firmware === undefined ? {} : { firmware: false }),
  };
}

/** Shows the console until the guest is off or halts for good, or the user stops it; a guest that resets is booted again. */
async function runGuest(machine: Machine, guest: LinuxBoot | FirmwareBoot, io: Io): Promise<RunEnd> {
  let stopped = false;
  const show = consoleOf(machine, io.out);
  const until = () => {
    show();
    return stopped;
  };
  const unlisten = io.keyboard?.listen(
    (bytes) => machine.serial[0]!.type(bytes),
    () => {
      stopped = true;
    },
  );
  try {
    for (;;) {
      const host = await V86Host.create(machine, guest);
      const end = await host.run({ until, paced: io.keyboard?.live === true });
      await host.close();
      show();
      if (host.crash !== null) io.out(`\n${crashText(host.crash)}`);
      if (end !== 'reset') return end;
    }
  } finally {
    unlisten?.();
  }
}

/** @returns a function that shows the text that came since its last call. */
function consoleOf(machine: Machine, out: (text: string) => void): () => void {
  const decoder = new TextDecoder();
  let text = '';
  machine.events.on('serial', (port, byte) => {
    if (port === 'ttyS0') text += decoder.decode(Uint8Array.of(byte), { stream: true });
  });
  return () => {
    if (text !== '') out(text);
    text = '';
  };
}
