/** KVM's processor in our machines: a 64-bit kernel, unmodified, on the virtual hardware. Needs the package koffi. */

export type { FirmwareBoot, LinuxBoot } from '../boot/boot.ts';
export type { KvmCrash } from './crash.ts';
export { type KvmEnd, KvmHost, type KvmOptions, type KvmRunOptions } from './host.ts';
export type { KvmMode, KvmWhere } from './where.ts';
