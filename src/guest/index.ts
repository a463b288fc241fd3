/**
 * Guest software, written against `GuestPort` only: enumeration, drivers, and a probe that uses a whole machine.
 *
 * @experimental All of it: a minor version may change each name.
 */

export { BitSet } from '../core/bit-set.ts';
export { bdfText } from '../core/bits.ts';
export type { Driver, FoundBar, FoundFunction, PciId } from '../core/driver.ts';
export type { DriverMemory, GuestPort } from '../core/guest-port.ts';
export type { Selector } from '../virtio/net/registers/flow-filters.ts';
export { DEVICE_STATUS, FEATURE, VIRTIO_ID } from '../virtio/registers.ts';
export { DriverError, SECOND } from './driver-error.ts';
export type { GvnicUse } from './drivers/gvnic/card.ts';
export { GvnicDriver, gvnic, gvnicDriver } from './drivers/gvnic/driver.ts';
export type { GvnicFlowRule } from './drivers/gvnic/flow-rules.ts';
export type { GvnicFrame, GvnicOffload } from './drivers/gvnic/rings.ts';
export { KvmGuest } from './drivers/kvm.ts';
export { type FilterRule, NicAdmin } from './drivers/net/admin.ts';
export type { NicUse } from './drivers/net/bring-up.ts';
export { type Moderation, NicCommands, type Steering } from './drivers/net/commands.ts';
export type { NetFeatureName } from './drivers/net/features.ts';
export { NicDriver } from './drivers/net/nic.ts';
export type { ReceivedFrame } from './drivers/net/receive-ring.ts';
export type { ReceivedHeader } from './drivers/net/received-header.ts';
export type { Segmentation, TunnelOffsets } from './drivers/net/segmentation.ts';
export type { NvmeUse } from './drivers/nvme/controller.ts';
export { NvmeDriver, nvme, nvmeDriver } from './drivers/nvme/driver.ts';
export type { NvmeControllerFacts, NvmeNamespaceFacts } from './drivers/nvme/identify.ts';
export { PitDriver } from './drivers/pit.ts';
export { Pl011Driver, type Pl011Rate } from './drivers/pl011.ts';
export { RtcDriver } from './drivers/rtc.ts';
export type { ScsiEvent } from './drivers/scsi/event-queue.ts';
export { type FoundUnit, ScsiHost } from './drivers/scsi/host.ts';
export type { ScsiAnswer } from './drivers/scsi/request-queue.ts';
export { detectUart, type UartType } from './drivers/uart-detect.ts';
export { UartDriver } from './drivers/uart16550.ts';
export {
  BalloonDriver,
  type BalloonStats,
  type BalloonUse,
  virtioBalloon,
  virtioBalloonDriver,
} from './drivers/virtio-balloon.ts';
export { virtioNet, virtioNetDriver } from './drivers/virtio-net.ts';
export { RngDriver, virtioRng, virtioRngDriver } from './drivers/virtio-rng.ts';
export { virtioScsi, virtioScsiDriver } from './drivers/virtio-scsi.ts';
export { GuestInterrupts } from './interrupts/interrupts.ts';
export { parseTcpFrame, type TcpSegment, tcpFrame } from './net/tcp-frame.ts';
export type { BalloonFacts } from './parts/balloon.ts';
export { type ChipsetFacts, probeChipset } from './parts/chipset.ts';
export type { GvnicFacts } from './parts/gvnic.ts';
export { type FactsOf, type HandleOf, type Kind, PARTS, PCI_PARTS } from './parts/index.ts';
export type { KvmFacts } from './parts/kvm.ts';
export {
  type FlowFacts,
  flowOf,
  type NicFacts,
  probeNic,
  receiveBurst,
  sendLarge,
  sendUnsummed,
} from './parts/net.ts';
export type { NvmeFacts } from './parts/nvme.ts';
export type { Found, Part, PciPart, ProbeTask } from './parts/part.ts';
export type { Pl011Facts } from './parts/pl011.ts';
export { explore, type Met, type ProbeFacts, probe } from './parts/probe.ts';
export { type AdapterFacts, type DiskFacts, probeDisks } from './parts/scsi.ts';
export { findIrq, loopsBack, type SerialFacts } from './parts/serial.ts';
export { attachAll } from './pci/attach.ts';
export { assignBars, type BarWindow, type BarWindows, barAddress, sizeBars } from './pci/bars.ts';
export {
  configRead,
  configWrite,
  disable,
  enable,
  findCapability,
  identify,
  readRegister,
  writeRegister,
} from './pci/config.ts';
export { enumerate, functionsOf, inspect } from './pci/enumerate.ts';
export { type Message, MsixDriver } from './pci/msix.ts';
export { routeLines } from './pci/route-lines.ts';
export type { Capacity, Inquiry } from './scsi/answers.ts';
export type { Extent, ScsiCommand } from './scsi/commands.ts';
export type { FieldPointer, SenseDetails } from './scsi/sense.ts';
export { ScsiError, type ScsiSense, senseText } from './scsi/sense.ts';
export { DriverPackedQueue } from './virtio/driver-packed-queue.ts';
export { type DriverQueue, driverQueue } from './virtio/driver-queue.ts';
export { DriverSplitQueue } from './virtio/driver-split-queue.ts';
export { acceptable, type Dependency, TRANSPORT_FEATURES } from './virtio/features.ts';
export { isVirtio } from './virtio/identity.ts';
export type { Segment } from './virtio/indirect-tables.ts';
export { LegacyTransport } from './virtio/legacy-transport.ts';
export { findStructures, type ModernStructures } from './virtio/modern-structures.ts';
export { ModernTransport } from './virtio/modern-transport.ts';
export type { DriverTransport, QueueAreas } from './virtio/transport.ts';
export type { UsedChain } from './virtio/used-chain.ts';
export type { InterruptMode } from './virtio/virtio-driver.ts';
export { VirtioDriver, type VirtioUse } from './virtio/virtio-driver.ts';
