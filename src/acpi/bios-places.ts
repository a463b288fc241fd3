import type { Gpa } from '../core/bits.ts';
import { buildOf } from './bios-builds.ts';
import type { TablesConfig } from './config.ts';
import { below } from './placement.ts';
import { RSDP } from './root-tables.ts';
import { SMBIOS_ENTRY_POINT } from './smbios.ts';

/** Tables that are found by signature in the F segment, and the SMBIOS structures. */
interface BiosPlaces {
  readonly mpPointer: Gpa;
  readonly entryPoint: Gpa;
  readonly structures: Gpa;
  readonly rsdp: Gpa;
}

/** More bytes of structures than SeaBIOS keeps in the F segment go to the end of RAM (BUILD_MAX_SMBIOS_FSEG). */
const STRUCTURES_MAX = 600;

/**
 * From the MP pointer down: SMBIOS entry point, structures, RSDP, each on 16 bytes, as SeaBIOS allocates there.
 *
 * @param structures bytes reserved for the SMBIOS structures.
 */
export function biosPlaces(config: TablesConfig, structures: number): BiosPlaces {
  const { vcpus, maxCpus, ram } = config;
  const build = buildOf(config);
  const usual = maxCpus > vcpus ? build.mpPointerWithRoom : build.mpPointer;
  const { mpPointer = usual } = config;
  const entryPoint = below(mpPointer, SMBIOS_ENTRY_POINT.size);
  const atEnd = structures > STRUCTURES_MAX;
  const structuresAt = below(atEnd ? ram.below4G : entryPoint, structures);
  const rsdp = below(atEnd ? entryPoint : structuresAt, RSDP.size);
  return { mpPointer, entryPoint, structures: structuresAt, rsdp };
}
