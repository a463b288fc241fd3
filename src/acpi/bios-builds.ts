import type { Gpa } from '../core/bits.ts';
import { type HighTables, highTables } from './bios-high.ts';
import { highTables2024 } from './bios-high-2024.ts';
import type { TablesConfig } from './config.ts';
import type { SmbiosBuild } from './smbios-structures.ts';

/** Differences between builds of Compute Engine's BIOS. */
interface Build extends SmbiosBuild {
  /** Where guests found the MP pointer; and, from the RSDP's address, with room for more CPUs than present. */
  readonly mpPointer: Gpa;
  readonly mpPointerWithRoom: Gpa;
  /** Bytes of SMBIOS structures that ours lack. */
  readonly more: number;
  readonly high: (config: TablesConfig, start: Gpa) => HighTables;
}

const BUILDS: Readonly<Record<2018 | 2024, Build>> = {
  /** Without the board's serial number: with it the structures would not fit between the printed addresses. */
  2018: {
    released: '01/01/2011',
    boardSerial: false,
    mpPointer: 0xf_2c80,
    mpPointerWithRoom: 0xf_2800,
    more: 0,
    high: highTables,
  },
  /** Three logs have room for 561 to 576 bytes with two CPUs, where what dmidecode showed in 2023 takes 546. */
  2024: {
    released: '06/27/2024',
    boardSerial: true,
    mpPointer: 0xf_2a50,
    mpPointerWithRoom: 0xf_2a50,
    more: 16,
    high: highTables2024,
  },
};

export function buildOf({ build = 2018 }: TablesConfig): Build {
  return BUILDS[build];
}
