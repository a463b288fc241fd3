import type { Gpa } from '../core/bits.ts';
import type { TablesConfig } from './config.ts';
import { below } from './placement.ts';
import { RSDP } from './root-tables.ts';
import { SMBIOS_ENTRY_POINT } from './smbios.ts';

/** What is looked for in the F segment, and the SMBIOS structures. */
interface BiosPlaces {
  readonly mpPointer: Gpa;
  readonly entryPoint: Gpa;
  readonly structures: Gpa;
  readonly rsdp: Gpa;
}

/** Where guests with two and with four processors found it; and, from the RSDP's place, with room for 256. */
const MP_POINTER_AT = 0xf_2c80;
const MP_POINTER_AT_WITH_ROOM = 0xf_2800;
/** More bytes of structures than SeaBIOS keeps in the F segment lie at the end of RAM (BUILD_MAX_SMBIOS_FSEG). */
const STRUCTURES_MAX = 600;

/**
 * From the MP pointer down: SMBIOS entry point, structures, RSDP, each on 16 bytes, as SeaBIOS takes memory there.
 *
 * @param structures how many bytes the SMBIOS structures have room for.
 */
export function biosPlaces({ vcpus, maxCpus, ram }: TablesConfig, structures: number): BiosPlaces {
  const mpPointer = maxCpus > vcpus ? MP_POINTER_AT_WITH_ROOM : MP_POINTER_AT;
  const entryPoint = below(mpPointer, SMBIOS_ENTRY_POINT.size);
  const atEnd = structures > STRUCTURES_MAX;
  const structuresAt = below(atEnd ? ram.below4G : entryPoint, structures);
  const rsdp = below(atEnd ? entryPoint : structuresAt, RSDP.size);
  return { mpPointer, entryPoint, structures: structuresAt, rsdp };
}
