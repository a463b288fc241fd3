import type { Exception } from './log.ts';

/**
 * Kernel lines that do not describe a machine: those that the headers of the logs call left out. Every other line of a
 * boot is compared with the log.
 */
const SOFTWARE: readonly RegExp[] = [
  // The processor's own features and clocks.
  /^(Notice: NX|tsc: |clocksource: (?!acpi_pm)|sched_clock: |Calibrating delay loop|Last level |Speculative Store Bypass|L1TF: |x86\/fpu: )/,
  /^(MTRRs? |x86\/PAT: |smpboot: (CPU0|Total)|Performance Events: |intel_pstate: |mce: |IPI shorthand)/,
  /^(Checking if this processor|APIC: Static calls|CPU topo: (Max\. (?!logical p)|Num\.))/,
  // Its arithmetic: where the kernel lies, how it divides its memory, how many of something it makes room for.
  /^(initial memory mapped|RAMDISK: |\d+MB LOWMEM| {2}(mapped )?low ram|Zone ranges| {2}Normal +|Movable zone)/,
  /^(On node 0, zone|setup_percpu: |percpu: |pcpu-alloc: |Built 1 zonelists|mem auto-init|Memory: |SLUB: |NR_IRQS: )/,
  /hash table entries|^(TCP: Hash tables|pid_max: |signal: max sigframe|futex |workingset: |Freeing |Write protecting )/,
  // Its name, its build, and what it started.
  /^(Linux version|Kernel command line|random: |rcu: |LSM: |Timer migration|devtmpfs: |NET: Registered|thermal_sys: )/,
  /^(cpuidle: |pps_core: |PTP clock|SCSI subsystem|Block layer SCSI|io scheduler|Unpacking initramfs|Non-volatile memory|i2c_dev: )/,
  /^(smp: Bringing up|Run \/init| {2}with (arguments|environment)| {4}|ima: (?!No TPM))/,
  /^(reboot: |ACPI: Core revision)/,
  // Output at the end of our program: it stops the machine.
  /Synchronizing SCSI cache|Preparing to enter system sleep/,
];

function isSoftware(line: string): boolean {
  return SOFTWARE.some((pattern) => pattern.test(line));
}

/** Lines of ours that a log has not, and why it has not. */
export interface Beyond extends Omit<Exception, 'line'> {
  readonly lines: RegExp;
}

/**
 * The lines of `found`, from where `expected` begins, that describe the machine and occur more often than in
 * `expected`.
 *
 * @param expected in the wording of our kernel.
 */
export function beyond(expected: readonly string[], found: readonly string[]): string[] {
  const later = found.slice(Math.max(0, found.indexOf(expected[0]!)));
  const often = (lines: readonly string[], line: string) => lines.filter((other) => other === line).length;
  return later.filter((line) => !isSoftware(line) && often(later, line) > often(expected, line));
}
