/**
 * v86's CPU in our machines: runs an unmodified 32-bit Linux or BIOS on the virtual hardware. Needs the package v86.
 *
 * @experimental All of it: a minor version may change each name.
 */

export type { FirmwareBoot, LinuxBoot } from '../boot/boot.ts';
export type { GuestCrash } from './crash.ts';
export { type HostOptions, runTogether, V86Host } from './host.ts';
export type { GuestMode, GuestRegisters, GuestWhere } from './processor-state.ts';
export type { RunEnd, RunOptions } from './run.ts';
