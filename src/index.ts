/** The virtual hardware that Google Compute Engine puts before a guest, and what a driver does wrong with it. */

export type { E820Entry } from './acpi/tables.ts';
export {
  fails,
  type Judgement,
  judge,
  type Outcome,
  renderFinding,
  type Verdict,
} from './conformance/index.ts';
export { Clock } from './core/clock.ts';
export type { Driver, DriverModel, FoundBar, FoundFunction, PciId } from './core/driver.ts';
export type { DriverMemory, GuestPort } from './core/guest-port.ts';
export type { Evidence } from './core/journal.ts';
export { MisuseError } from './core/misuse.ts';
export type { Clause, Severity, Strength } from './core/rule.ts';
export type { Display } from './display/display.ts';
export type { CompletionOptions } from './machine/completion-options.ts';
export { gceN1 } from './machine/gce-n1.ts';
export { Machine } from './machine/machine.ts';
export type { Nic } from './machine/nic.ts';
export type { DiskOptions, MachineOptions, NicOptions } from './machine/options.ts';
export { qemuPc } from './machine/qemu-pc.ts';
export type { SerialPort } from './machine/serial.ts';
export { FileMedium } from './media/file.ts';
export type { Medium } from './media/medium.ts';
export { MemoryMedium } from './media/memory.ts';
export {
  Hub,
  Loopback,
  type NetBackend,
  type NetPort,
  Recorder,
  Replay,
} from './net/backends/index.ts';
export { CLAUSES, type ClauseId, type Finding } from './rules/index.ts';
export { openPty, type Pty } from './serial/backends/pty.ts';
export { serialStream } from './serial/backends/stream.ts';
export { type Dialogue, DialogueError } from './serial/dialogue.ts';
export type { SerialEndpoint, SerialPeer } from './serial/endpoint.ts';
export { SerialLines } from './serial/lines.ts';
export type { VirtioBalloon } from './virtio/balloon/device.ts';
export type { QueueEvents, RingFault, RingPlace } from './virtio/queue/events.ts';
export { QueueCounters, type QueueCounts } from './virtio/queue/queue-counters.ts';
