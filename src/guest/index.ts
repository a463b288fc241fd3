/** Software for a guest, written against `GuestPort` alone: enumeration, drivers, and a probe that uses a whole machine. */
export { bdfText } from '../core/bits.ts';
export type { Driver, DriverModel, FoundBar, FoundFunction, PciId } from '../core/driver.ts';
export type { DriverMemory, GuestPort } from '../core/guest-port.ts';
export { DEVICE_STATUS, FEATURE, VIRTIO_ID } from '../virtio/registers.ts';
export { DriverError, SECOND } from './driver-error.ts';
export type { NetFeatureName } from './drivers/net/features.ts';
export { Nic, type NicOptions, type Segmentation } from './drivers/net/nic.ts';
export type { ReceivedFrame, ReceivedHeader } from './drivers/net/receive-ring.ts';
export type { ScsiEvent } from './drivers/scsi/event-queue.ts';
export { type FoundUnit, ScsiHost } from './drivers/scsi/host.ts';
export type { ScsiAnswer } from './drivers/scsi/request-queue.ts';
export { detectUart, type UartType } from './drivers/uart-detect.ts';
export { Uart16550 } from './drivers/uart16550.ts';
export {
  type BalloonStats,
  type BalloonUse,
  VirtioBalloon,
  virtioBalloon,
  virtioBalloonDriver,
} from './drivers/virtio-balloon.ts';
export { virtioNet, virtioNetDriver } from './drivers/virtio-net.ts';
export { VirtioRng, virtioRng, virtioRngDriver } from './drivers/virtio-rng.ts';
export { virtioScsi, virtioScsiDriver } from './drivers/virtio-scsi.ts';
export { Interrupts } from './interrupts/interrupts.ts';
export { parseTcpFrame, type TcpSegment, tcpFrame } from './net/tcp-frame.ts';
export { assignBars, type Window, type Windows } from './pci/assign-bars.ts';
export { barAddress, sizeBars } from './pci/bars.ts';
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
export { enumerate, inspect } from './pci/enumerate.ts';
export { type Message, Msix } from './pci/msix.ts';
export { probeDisks } from './probe/disks.ts';
export type { DiskFacts, NicFacts, ProbeFacts, SerialFacts } from './probe/facts.ts';
export { type FlowFacts, flowOf, probeNic, receiveBurst, sendLarge, sendUnsummed } from './probe/nic.ts';
export { attachAll, type ProbeErrand, probe, probeFunctions } from './probe/probe.ts';
export { findIrq, loopsBack, probeSerial } from './probe/serial.ts';
export type { Capacity, Inquiry } from './scsi/answers.ts';
export type { Extent, ScsiCommand } from './scsi/commands.ts';
export { ScsiError, type Sense, senseText } from './scsi/sense.ts';
export type { FieldPointer, SenseDetails } from './scsi/sense-details.ts';
export type { Segment } from './virtio/descriptor.ts';
export type { InterruptMode } from './virtio/device-interrupts.ts';
export { type DriverQueue, driverQueue } from './virtio/driver-queue.ts';
export { acceptable, type Dependency, has, TRANSPORT_FEATURES } from './virtio/features.ts';
export { isVirtio } from './virtio/identity.ts';
export { LegacyTransport } from './virtio/legacy-transport.ts';
export { findStructures, type ModernStructures } from './virtio/modern-structures.ts';
export { ModernTransport } from './virtio/modern-transport.ts';
export { PackedQueue } from './virtio/packed-queue.ts';
export { SplitQueue } from './virtio/split-queue.ts';
export type { DriverTransport, QueueAreas } from './virtio/transport.ts';
export type { UsedChain } from './virtio/used-chain.ts';
export { VirtioFunction, type VirtioUse } from './virtio/virtio-function.ts';
