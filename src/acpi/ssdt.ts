import { type Aml, bytes, integer, name, pack, processor, scope } from './aml.ts';
import type { TablesConfig } from './config.ts';
import { noops, table } from './header.ts';

/** PCNTRL, LVL2 and LVL3 of the PIIX4, from its PMBA. */
const P_BLK = { offset: 0x10, bytes: 6 };
/** SLP_TYP of each sleep state, by SUS_TYP: suspend to RAM, powered-on suspend with context lost, soft off. */
const SLEEP = [
  ['\\_S3', 1],
  ['\\_S4', 2],
  ['\\_S5', 0],
] as const;

/** Bytes per possible processor in Google's table: by the lengths that guests with 1, 2 and 4 printed. */
const PER_PROCESSOR = 0x61;
/** Maximum number of processors: an APIC ID has eight bits, of which the last value means all. */
const MOST = 0xff;

/**
 * The machine-dependent part: its processors, and its sleep states.
 *
 * @param fixed bytes of Google's table beside processors. Ours takes less for each of them, and is padded.
 */
export function ssdt({ vcpus, maxCpus, pm }: TablesConfig, fixed: number): Uint8Array {
  const length = fixed + PER_PROCESSOR * Math.min(maxCpus, MOST);
  const processors = Array.from({ length: vcpus }, (_, id) =>
    processor(`CP${id.toString(16).toUpperCase().padStart(2, '0')}`, id, pm.base + P_BLK.offset, P_BLK.bytes),
  );
  const states: Aml[] = SLEEP.map(([path, type]) =>
    name(path, pack(integer(type), integer(type), integer(0), integer(0))),
  );
  const body = bytes(scope('\\_SB', ...processors), ...states);
  return table('SSDT', 1, body, noops(length, body));
}
