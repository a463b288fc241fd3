/** v86's CPU in our machines: a 32-bit Linux, unmodified, on the virtual hardware. Needs the package v86. */

export { type LinuxBoot, type RunEnd, type RunOptions, V86Host } from './host.ts';
