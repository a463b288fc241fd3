import { GCE_C3, GCE_E2, GCE_N2 } from './gce-machines.ts';
import { GCE_N1 } from './gce-n1.ts';
import { GCE_T2A } from './gce-t2a.ts';
import type { Profile, ProfileName } from './profile.ts';
import { QEMU_PC } from './qemu-pc.ts';

/** Every kind of machine, by its name. */
export const PROFILES: Readonly<Record<ProfileName, Profile>> = {
  'gce-n1': GCE_N1,
  'gce-n2': GCE_N2,
  'gce-e2': GCE_E2,
  'gce-c3': GCE_C3,
  'gce-t2a': GCE_T2A,
  'qemu-pc': QEMU_PC,
};
export const PROFILE_NAMES = Object.keys(PROFILES) as readonly ProfileName[];
