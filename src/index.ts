/**
 * The virtual hardware that Google Compute Engine puts before a guest, and what a driver does wrong with it.
 *
 * @experimental All names but those that docs/versions.md calls stable: a minor version may change them.
 */

export type { E820Entry } from './acpi/tables.ts';
export { assertConforms, ConformanceError, type Judged } from './conformance/failure.ts';
export type { DriverModel, HandlesOf } from './conformance/model/model.ts';
export { IdleModelError } from './conformance/model/model-run.ts';
export type { DriverUses, UseName } from './conformance/model/uses.ts';
export { renderFinding } from './conformance/report/verdict-report.ts';
export { type Judgement, type JudgeOptions, judge } from './conformance/suite/judge.ts';
export { fails, type Outcome, type Verdict } from './conformance/verdict.ts';
export { Clock } from './core/clock.ts';
export type { Driver, FoundBar, FoundFunction, PciId } from './core/driver.ts';
export type { Evidence } from './core/finding.ts';
export type { DriverMemory, GuestPort } from './core/guest-port.ts';
export type { StoreSight } from './core/memory-tap.ts';
export { MisuseError } from './core/misuse.ts';
export type { PackedRingPicture, RingPicture, SplitRingPicture } from './core/ring-picture.ts';
export type { Clause, Severity, Strength } from './core/rule.ts';
export type { CompletionOptions } from './machine/completion-options.ts';
export type { Balloon } from './machine/devices/balloon.ts';
export type { Disk, DiskOptions } from './machine/devices/disks.ts';
export type { DisplayView } from './machine/devices/display.ts';
export type { NicOptions } from './machine/devices/net.ts';
export type { Nic } from './machine/devices/nic.ts';
export type { NvmeNamespace, NvmeView } from './machine/devices/nvme.ts';
export type { NamespaceOptions } from './machine/devices/nvme-options.ts';
export type { MachineEventMap, MachineEventName, MachineEvents, SeenScsiCommand } from './machine/events.ts';
export type { BarView, FunctionView } from './machine/function-view.ts';
export { gceC3, gceE2, gceN2 } from './machine/gce-machines.ts';
export { gceN1 } from './machine/gce-n1.ts';
export { gceT2A } from './machine/gce-t2a.ts';
export type { Machine } from './machine/machine.ts';
export type { MachineOptions } from './machine/options.ts';
export { type AskedFor, EndlessLoopError } from './machine/patience.ts';
export { qemuPc } from './machine/qemu-pc.ts';
export type { SerialPort } from './machine/serial.ts';
export type { ConfigReader, SomeFeatures, Unusual, VirtioView } from './machine/virtio-view.ts';
export { type DiskFault, FaultyMedium, type FaultyOptions } from './media/faulty.ts';
export { FileMedium } from './media/file.ts';
export { openTarGz } from './media/file-tar-gz.ts';
export type { Medium } from './media/medium.ts';
export { MemoryMedium } from './media/memory.ts';
export { OverlayMedium } from './media/overlay.ts';
export { WriteBackMedium, type WriteBackOptions } from './media/write-back.ts';
export {
  Hub,
  Impaired,
  type Impairments,
  join,
  Loopback,
  type NetBackend,
  type NetPort,
  Recorder,
  Replay,
  Switch,
} from './net/backends/index.ts';
export {
  type DatagramPlaces,
  DatagramWire,
  SharedHub,
  type SocketPlace,
  SocketWire,
  Tap,
  type TapOptions,
} from './net/backends/wires/index.ts';
export {
  type GceNetwork,
  type GceNetworkOptions,
  gceNetwork,
  type HttpHandler,
  type HttpQuery,
  type HttpRequest,
  type HttpResponse,
  type Metadata,
  type MetadataNode,
  type MetadataTree,
  type TcpHandler,
  type UdpHandler,
  type UdpMessage,
} from './net/gce/index.ts';
export type { SocketAddress } from './net/stack/endpoint.ts';
export type { TcpEnd, TcpSocket } from './net/stack/tcp/socket.ts';
export type { TcpState } from './net/stack/tcp/states.ts';
export { CLAUSES, type ClauseId, type Finding } from './rules/index.ts';
export { openPty, type Pty } from './serial/backends/pty.ts';
export { type SerialStream, serialStream } from './serial/backends/stream.ts';
export { type Dialogue, DialogueError } from './serial/dialogue.ts';
export type { SerialEndpoint, SerialPeer } from './serial/endpoint.ts';
export { SerialLines } from './serial/lines.ts';
export type { QueueEvents, RingFault, RingPlace } from './virtio/queue/events.ts';
export { QueueCounters, type QueueCounts } from './virtio/queue/queue-counters.ts';
