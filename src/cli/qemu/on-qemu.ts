import { MisuseError } from '../../core/misuse.ts';

const NAMED = 'qemu:';

/** `qemu`, or `qemu:` and a file. */
export function qemuOption(name: string, value: string): string {
  if (!/^qemu(:.+)?$/.test(value)) throw new MisuseError(name, value, 'qemu or qemu:FILE');
  return value;
}

/** The named file; undefined for the default. */
export function binaryOf(on: string): string | undefined {
  return on.startsWith(NAMED) ? on.slice(NAMED.length) : undefined;
}
