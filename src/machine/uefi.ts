import { FOUR_GIB, type GuestMemory } from '../core/memory.ts';
import { MisuseError } from '../core/misuse.ts';
import type { FirmwarePlan } from './firmware.ts';
import type { MachinePlan } from './machine-plan.ts';
import type { Profile } from './profile.ts';

/** What of the window below the IOAPIC the root bridge hands on in 2023, after a UEFI, and in 2024, after a BIOS. */
const MEMORY_END = 0xfebf_f000;

/**
 * The firmware's settings that were chosen; a BIOS's, if none were.
 *
 * @throws MisuseError for "uefi", or another build, if no such machine was observed.
 */
export function firmwarePlan(
  { name, firmware }: Profile,
  choice: MachinePlan['firmware'],
  { ranges }: GuestMemory,
): FirmwarePlan {
  const isSeen = name === 'gce-n1';
  if (choice === null) return firmware;
  const { build, kind, mpPointer } = choice;
  if (!isSeen && mpPointer !== undefined)
    throw new MisuseError('firmware.mpPointer', mpPointer, 'left out on this machine');
  if (build === 2024) {
    if (!isSeen) throw new MisuseError('firmware.build', build, '2018 on this machine');
    return { ...firmware, build, mpPointer, memoryEnd: MEMORY_END };
  }
  if (kind !== 'uefi') return { ...firmware, mpPointer };
  if (!isSeen) throw new MisuseError('firmware', kind, 'true or false on this machine');
  return { ...firmware, kind, memoryStart: holeStart(ranges[0]!.size), memoryEnd: MEMORY_END };
}

/**
 * Where the memory of devices begins. OVMF has the largest power of two that fits between RAM and 4 GiB, so that one
 * MTRR can say that it is not cached (PlatformInitLib, PlatformQemuUc32BaseInitialization).
 */
function holeStart(below4G: number): number {
  return FOUR_GIB - 2 ** Math.floor(Math.log2(FOUR_GIB - below4G));
}
