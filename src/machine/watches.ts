import { SCI_IRQ } from '../acpi/config.ts';
import { INTERRUPT_EVENTS, type InterruptEvents } from '../chipset/events.ts';
import type { Piix4Acpi } from '../chipset/piix4-acpi.ts';
import type { Piix4Isa } from '../chipset/piix4-isa.ts';
import type { Nanos } from '../core/bits.ts';
import { compose } from '../core/compose.ts';
import type { Journal } from '../core/journal.ts';
import type { Kvm } from '../kvm/kvm.ts';
import type { ConfigMechanism1 } from '../pci/config-mechanism.ts';
import type { PciBridge, PciBus } from '../pci/pci-bus.ts';
import type { PciFunction } from '../pci/pci-function.ts';
import { SUBORDINATE_BUS } from '../pci/registers.ts';
import { PowerWatch } from '../rules/chipset/acpi.ts';
import { type Apics, IoApicWatch } from '../rules/chipset/apic.ts';
import { I8042Watch } from '../rules/chipset/i8042.ts';
import { InterruptWatch } from '../rules/chipset/interrupt.ts';
import { LocalApicWatch } from '../rules/chipset/local-apic.ts';
import { type Level, PicWatch } from '../rules/chipset/pic.ts';
import { PitWatch } from '../rules/chipset/pit.ts';
import { RouterWatch } from '../rules/chipset/router.ts';
import { RtcWatch } from '../rules/chipset/rtc.ts';
import { judgeKvm } from '../rules/kvm/areas.ts';
import { BusyWatch, LineWatch } from '../rules/live/live.ts';
import { UnheardWatch } from '../rules/live/unheard.ts';
import { ConfigWatch } from '../rules/pci/config.ts';
import { BusNumberWatch } from '../rules/pci/enumeration.ts';
import { FunctionWatch } from '../rules/pci/function.ts';
import type { Reserved } from '../rules/pci/places.ts';
import { judgePl011 } from '../rules/serial/pl011.ts';
import { judgeUart } from '../rules/serial/uart.ts';
import type { VirtioFacts } from '../rules/virtio/facts.ts';
import { RingPictures } from '../rules/virtio/queue/picture/ring-pictures.ts';
import { DeviceStores } from '../rules/virtio/stores/device-stores.ts';
import type { StoreWatch } from '../rules/virtio/stores/store-watch.ts';
import { Pl011 } from '../serial/pl011/pl011.ts';
import type { VirtioDevice } from '../virtio/device.ts';
import type { VirtioEvents } from '../virtio/events.ts';
import type { VirtioFunction } from '../virtio/transport/function.ts';
import type { Cpu } from './cpu.ts';
import type { Interrupts } from './interrupts.ts';
import type { IsaDevices } from './isa-devices.ts';
import type { Patience } from './patience.ts';
import type { Uart } from './serial.ts';

/** Attaches the watches of drivers to a machine's parts: no part knows a rule, and no rule a part. */

/** The journal of the watches, and the watch of stores to memory. */
export interface Judge {
  readonly journal: Journal;
  readonly apics: Apics;
  /** Memory that the firmware keeps for itself. */
  readonly reserved: readonly Reserved[];
  /** Null is no watch. */
  readonly stores: StoreWatch | null;
  /** Whether the guest takes interrupts now. */
  readonly takesInterrupts?: () => boolean;
  /** What keeps the line of a PCI interrupt from the processor, in words; null for nothing. */
  readonly lineHeldBack?: (irq: number | null) => string | null;
  /** Called when the guest puts the machine to sleep, or turns it off. */
  readonly sleepers: (() => void)[];
}

export function watchUart(uart: Uart, journal: Journal): void {
  if (uart instanceof Pl011) uart.events = judgePl011(uart.name, uart.whole, journal);
  else uart.events = judgeUart(uart.name, journal);
}

const RTC_IRQ = 8;

/** The parts that every machine has, apart from its pluggable devices. */
interface WatchedChassis {
  readonly mechanism: ConfigMechanism1;
  readonly bus: PciBus;
  readonly isa: Piix4Isa;
  readonly acpi: Piix4Acpi;
  readonly isaDevices: IsaDevices;
  readonly interrupts: Interrupts;
  readonly serial: readonly { readonly name: string; readonly irq: number }[];
  readonly cpu: Cpu;
  readonly apics: Apics;
  readonly sleepers: Judge['sleepers'];
}

export function watchChassis(
  { mechanism, bus, isa, acpi, isaDevices, interrupts, serial, cpu, apics, sleepers }: WatchedChassis,
  journal: Journal,
): void {
  const { pic } = interrupts;
  const { master, slave } = pic;
  const levelOf = (irq: number): Level => {
    if (isa.drives(irq)) return 'PCI';
    return irq === SCI_IRQ && acpi.isAcpi ? 'SCI' : null;
  };
  mechanism.events = new ConfigWatch((bdf) => bus.at(bdf)!.subject, journal);
  const pair = [
    new PicWatch(master.name, 'master', journal, levelOf),
    new PicWatch(slave.name, 'slave', journal, levelOf),
  ] as const;
  [master.events, slave.events] = pair;
  [pair[0].other, pair[1].other] = [pair[1], pair[0]];
  interrupts.ioapic.events = new IoApicWatch(interrupts.ioapic.name, { apics, levelOf }, journal);
  interrupts.apic.events = new LocalApicWatch(interrupts.apic.name, apics, journal);
  isa.router = new RouterWatch(journal);
  isaDevices.rtc.events = new RtcWatch(isaDevices.rtc.name, journal);
  isaDevices.pit.events = new PitWatch(isaDevices.pit.name, journal);
  isaDevices.i8042.events = new I8042Watch(isaDevices.i8042.name, journal);
  acpi.pmEvents = new PowerWatch(acpi.name, sleepers, journal);
  // A line of PCI may be shared with a function that is polled.
  const silence = (irq: number) => {
    if (irq === SCI_IRQ) return acpi.silence;
    if (irq === RTC_IRQ) return isaDevices.rtc.silence;
    const isSerial = serial.some((port) => port.irq === irq);
    const other = isSerial
      ? serial.find((port) => port.irq !== irq && interrupts.isMasked(port.irq))
      : undefined;
    return other === undefined
      ? null
      : `${other.name} raises IRQ ${other.irq}, which is masked, and not IRQ ${irq}`;
  };
  const unheard = {
    handles: (vector: number) => cpu.handles(vector),
    heldBack: (handles: (vector: number) => boolean, isTicking: boolean) =>
      interrupts.unheard(handles, { silence, isOff: !cpu.wasEnabled, isTicking }) ?? heldIn(bus, handles),
  };
  cpu.events = compose<InterruptEvents>(INTERRUPT_EVENTS, [
    new InterruptWatch((irq) => pic.isSpent(irq), journal),
    new UnheardWatch(unheard, journal),
  ]);
  interrupts.events = new LineWatch(journal);
}

/** A message of a function that waits for its vector to be unmasked. */
function heldIn(bus: PciBus, handles: (vector: number) => boolean) {
  for (const fn of bus.all()) {
    const held = fn.heldMessage?.(handles) ?? null;
    if (held !== null) return held;
  }
  return null;
}

/** Reports accesses in vain to the journal. */
export function watchPatience(patience: Patience, journal: Journal): void {
  const busy = new BusyWatch(journal, () => patience.hasWaited);
  patience.onBusy = (reads, who) => busy.asked(reads, who);
}

/** @param accessTime how long an instruction of a processor takes. */
export function watchKvm(kvm: Kvm, accessTime: Nanos, { journal, stores }: Judge): void {
  const { memory, features, firstLeaf: leaf } = kvm;
  kvm.watchedBy(judgeKvm({ memory, features, leaf, accessTime }, journal, stores));
}

/** The bridges to other buses, which a machine has from the start. */
export function watchBridges(
  bridges: readonly PciBridge[],
  judge: Pick<Judge, 'journal' | 'apics' | 'reserved'>,
): void {
  if (bridges.length === 0) return;
  for (const bridge of bridges) watchFunction(bridge, judge);
  const numbers = ({ subject, bdf, secondary, config }: PciBridge) => {
    return { subject, bdf, secondary, subordinate: config.get(SUBORDINATE_BUS) };
  };
  new BusNumberWatch(() => bridges.map(numbers), judge.journal);
}

export function watchFunction(
  fn: PciFunction,
  { journal, apics, reserved }: Pick<Judge, 'journal' | 'apics' | 'reserved'>,
): void {
  fn.events = new FunctionWatch(() => fn.subject, journal, apics, reserved);
}

/** Makes the watches of the driver of a virtio device of one type. */
export type WatchOf<Device extends VirtioDevice> = (
  facts: VirtioFacts,
  device: Device,
  journal: Journal,
) => VirtioEvents;

/** @param device the one behind `fn`. */
export function watchVirtio<Device extends VirtioDevice>(
  fn: VirtioFunction,
  device: Device,
  make: WatchOf<Device>,
  { journal, stores, takesInterrupts, lineHeldBack }: Omit<Judge, 'apics' | 'reserved' | 'sleepers'>,
): void {
  const facts: VirtioFacts = {
    ...factsOf(fn),
    ...(takesInterrupts && { takesInterrupts }),
    ...(lineHeldBack && { lineHeldBack: () => lineHeldBack(fn.bus?.irqOf(fn) ?? null) }),
  };
  const seen = stores === null ? {} : { stores: new DeviceStores(facts, stores) };
  device.watchedBy(make({ ...facts, ...seen }, device, journal));
}

/** What its watch must know of a function. */
export function factsOf(fn: VirtioFunction): VirtioFacts {
  const { device } = fn;
  return {
    name: device.name,
    virtioId: device.virtioId,
    subject: () => fn.subject,
    role: (queue) => device.queueTitle(queue),
    queueName: (queue) => device.queueName(queue),
    interfaces: fn.interfaces,
    offers: device.offers,
    offersLess: () => device.offers.isReduced,
    queueSizes: device.queues.map(({ maximum }) => maximum),
    numQueues: device.numQueues,
    isReady: (queue) => device.queues[queue]?.ready === true,
    vectors: fn.vectors,
    heldBack: (queue) => fn.heldBack(queue),
    oddities: fn.oddities,
    kickDecoys: device.manners.kickDecoys,
    memory: device.board.memory,
    pictures: new RingPictures(),
    ...(fn.events instanceof FunctionWatch && { master: fn.events }),
  };
}
