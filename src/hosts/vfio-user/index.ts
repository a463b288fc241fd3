/**
 * Our virtio devices for a guest of QEMU, by vfio-user: any kernel, any CPU. Needs the package koffi.
 *
 * @experimental All of it: a minor version may change each name.
 */

export { type VfioUserEnd, VfioUserHost } from './host.ts';
export { SERVED_KINDS, type ServedDevice, type ServedKind } from './served-function.ts';
