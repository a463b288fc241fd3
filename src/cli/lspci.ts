import { lspciText } from '../trace/index.ts';
import type { Io } from './io.ts';
import { buildMachine, type ProfileName } from './machines.ts';
import { optionsFrom } from './options-file.ts';

const CONFIG_BYTES = 256;

interface LspciArguments {
  readonly profile?: ProfileName;
  readonly options?: string;
}

/** `guestrig lspci`: no disk is opened for it. */
export function lspci(args: LspciArguments, io: Io): void {
  const machine = buildMachine(args.profile, { ...optionsFrom(args.options), disks: [] });
  const functions = machine.functions.map((fn) => ({
    bdf: fn.bdf,
    bytes: Uint8Array.from({ length: CONFIG_BYTES }, (_, offset) => fn.readConfig(offset, 1)),
  }));
  machine.close();
  io.out(lspciText(functions));
}
