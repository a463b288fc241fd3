import { fails, renderVerdicts, verdictsOf } from '../conformance/index.ts';
import { type RunEnd, V86Host } from '../hosts/v86/index.ts';
import { gceN1 } from '../machine/gce-n1.ts';
import type { Machine } from '../machine/machine.ts';
import { readInput } from './files.ts';
import type { Io } from './io.ts';
import { captureFrames, logAccesses } from './records.ts';

const RAM = 256 << 20;

export interface BootArguments {
  readonly kernel: string;
  readonly initrd?: string;
  readonly append?: string;
  readonly disk?: readonly string[];
  readonly pcap?: string;
  readonly log?: string;
}

/** `guestrig boot`. @returns whether no rule was broken and the guest did not crash. */
export async function boot(args: BootArguments, io: Io): Promise<boolean> {
  const kernel = readInput('kernel', args.kernel);
  const initrd = args.initrd === undefined ? undefined : readInput('initrd', args.initrd);
  const disks = (args.disk ?? []).map((file) => ({ file }));
  const machine = gceN1({ memory: { below4G: RAM }, disks });
  const records = [];
  try {
    records.push(logAccesses(machine, args.log), captureFrames(machine, args.pcap));
    const end = await runGuest(machine, { kernel, initrd, append: args.append }, io);
    const verdicts = verdictsOf(machine.journal);
    if (end === 'crash') io.out('\nThe guest crashed: a fault while it took a fault, three times over.\n');
    io.out(`\n${renderVerdicts(verdicts, io)}`);
    return end !== 'crash' && !verdicts.some(fails);
  } finally {
    for (const record of records) record?.close();
    machine.close();
  }
}

/** Shows the console until the guest is off or somebody has had enough; a guest that resets is booted again. */
async function runGuest(
  machine: Machine,
  guest: Parameters<typeof V86Host.create>[1],
  io: Io,
): Promise<RunEnd> {
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
      if (end !== 'reset') return end;
    }
  } finally {
    unlisten?.();
  }
}

/** @returns what shows the text that came since it was last called. */
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
