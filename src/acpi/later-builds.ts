/** What Compute Engine's UEFI has in common with its BIOS from 2020 on: lengths and revisions that several kernels printed. */
export const DSDT_LENGTH = 0x1a64;
export const SSDT_FIXED = 0x8be;
export const MADT_REVISION = 5;
export const SRAT_REVISION = 3;
