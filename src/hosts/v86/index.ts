/** v86's CPU in our machines: a 32-bit Linux or a BIOS, unmodified, on the virtual hardware. Needs the package v86. */

export type { FirmwareBoot, LinuxBoot } from '../boot/boot.ts';
export type { GuestCrash } from './crash.ts';
export { type HostOptions, V86Host } from './host.ts';
export type { GuestMode, GuestRegisters, GuestWhere } from './processor-state.ts';
export type { RunOptions } from './run.ts';
export type { RunEnd } from './sliced-cpu.ts';
export { runTogether } from './together.ts';
