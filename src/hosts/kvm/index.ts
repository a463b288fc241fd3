/**
 * KVM's processor in our machines: runs an unmodified 64-bit kernel on the virtual hardware. Needs the package koffi.
 *
 * @experimental All of it: a minor version may change each name.
 */

export type { FirmwareBoot, LinuxBoot } from '../boot/boot.ts';
export type { KvmCrash, KvmMode, KvmWhere } from './crash.ts';
export { type KvmEnd, KvmHost, type KvmOptions, type KvmRunOptions } from './host.ts';
