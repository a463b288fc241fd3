/** Lengths and revisions common to Compute Engine's UEFI and its BIOS from 2020 on, as several kernels printed them. */
export const DSDT_LENGTH = 0x1a64;
export const SSDT_FIXED = 0x8be;
export const MADT_REVISION = 5;
export const SRAT_REVISION = 3;
