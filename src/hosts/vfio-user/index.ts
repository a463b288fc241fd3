/** Our virtio devices before a guest of QEMU's, by vfio-user: any kernel, any CPU. Needs the package koffi. */

export { type VfioUserEnd, VfioUserHost, type VfioUserOptions } from './host.ts';
export { SERVED_DEVICES, type ServedDevice } from './served-function.ts';
