/** Maximum blocks of one READ or WRITE: seen on GCE in VPD B0. */
export const MAX_TRANSFER = 512;
/** Limits of one UNMAP. GCE's were never observed; these are the largest that a guest may rely on everywhere. */
export const MAX_UNMAP_BLOCKS = 0x10_0000;
export const MAX_UNMAP_DESCRIPTORS = 255;
/** Logical blocks in a physical one, as a power of two: 4096 bytes. */
export const PHYSICAL_EXPONENT = 3;
export const PHYSICAL_BLOCKS = 1 << PHYSICAL_EXPONENT;
