export const MIB = 1 << 20;

/** The most bytes that are read of each kind of file: several times the usual size. */
export const MOST = {
  kernel: 512 * MIB,
  initrd: 512 * MIB,
  /** 64, 128 or 256 KiB are accepted. */
  firmware: MIB,
  /** It may be a kernel. */
  config: 512 * MIB,
  initramfs: 512 * MIB,
  /** And of all files of one `--sysctl` together. */
  sysctl: 16 * MIB,
  options: 16 * MIB,
  metadata: 16 * MIB,
  baseline: 16 * MIB,
  script: MIB,
  pcap: 512 * MIB,
} as const;

export type InputKind = keyof typeof MOST;

/** Kinds of files that may be empty: then nothing is set. */
export const MAY_BE_EMPTY: readonly InputKind[] = ['sysctl'];

/** How many files the directories of one `--sysctl` may hold. */
export const MOST_SETTINGS_FILES = 4096;

/** Milliseconds that all reads of a file may wait. A file on a disk never does; a pipe, or one of /proc, may. */
export const PATIENCE = 60_000;
