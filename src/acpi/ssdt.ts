import { type Aml, bytes, integer, name, pack, processor, scope } from './aml.ts';
import type { TablesConfig } from './config.ts';
import { noops, table } from './header.ts';

/** PCNTRL, LVL2 and LVL3 of the PIIX4, from its PMBA. */
const P_BLK = { offset: 0x10, bytes: 6 };
/** SLP_TYP of each sleep state: what SUS_TYP calls suspend to RAM, powered-on suspend with context lost, soft off. */
const SLEEP = [
  ['\\_S3', 1],
  ['\\_S4', 2],
  ['\\_S5', 0],
] as const;

/** What each processor that there is room for takes in Google's table: as guests with 1, 2 and 4 printed its length. */
const PER_PROCESSOR = 0x61;
/** An APIC id has eight bits, of which the last value means all: there is room for so many. */
const MOST = 0xff;

/**
 * What depends on the machine: its processors; and the states it can sleep in.
 *
 * @param fixed what Google's table takes beside processors. Ours takes less for each of them, and is filled up.
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
