/** A kernel's version: `text` as in its configuration, `rank` as a comparable number. */
export interface KernelVersion {
  readonly text: string;
  readonly rank: number;
}

const NUMBERS = /^(\d{1,3})\.(\d{1,3})(?:\.(\d{1,3}))?(?!\d)/;

/** `6.12.118+deb13-cloud-amd64`, or null if it does not begin with a version. */
export function kernelVersion(text: string): KernelVersion | null {
  const numbers = NUMBERS.exec(text);
  if (numbers === null) return null;
  const [major, minor, patch] = [1, 2, 3].map((i) => Number(numbers[i] ?? 0));
  return { text, rank: major! * 1e6 + minor! * 1e3 + patch! };
}

/** Whether `version` is `since` or later; a distribution's own suffix is ignored. */
export function isSince(version: KernelVersion, since: string): boolean {
  return version.rank >= kernelVersion(since)!.rank;
}
