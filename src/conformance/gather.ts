import { PMBA, PMREGMISC } from '../chipset/registers/piix4-acpi.ts';
import { PIRQRC } from '../chipset/registers/piix4-isa.ts';
import type { FoundFunction } from '../core/driver.ts';
import type { GuestPort } from '../core/guest-port.ts';
import {
  attachAll,
  configRead,
  type DiskFacts,
  type FlowFacts,
  flowOf,
  type Nic as GuestNic,
  type NicFacts,
  probeDisks,
  probeFunctions,
  probeNic,
  probeSerial,
  receiveBurst,
  SECOND,
  type SerialFacts,
  sendLarge,
  sendUnsummed,
  type TcpSegment,
  virtioBalloon,
  virtioNetDriver,
  virtioRngDriver,
  virtioScsiDriver,
} from '../guest/index.ts';
import type { Machine } from '../machine/machine.ts';
import type { Nic } from '../machine/nic.ts';
import type { SeenMachine, SeenNic, SeenOffload } from '../rules/gce/facts.ts';
import { NET_FEATURE } from '../virtio/net/registers.ts';

/** What the probe is to send. */
export interface ProbeErrand {
  /** Out of every serial port. */
  readonly text: string;
  /** Out of every NIC, to come back from where its backend sends it. */
  readonly frames: readonly Uint8Array[];
}

/** What a NIC did with work that was left to it. */
export interface OffloadFacts extends SeenOffload {
  readonly received: FlowFacts;
}

/** What the guest gave of its memory when it was asked to, in pages of 4 KiB. */
export interface BalloonFacts {
  readonly asked: number;
  readonly given: number;
  /** In the balloon, when nothing was asked for any more. */
  readonly left: number;
  /** Bytes of RAM, as its statistics have it; null where it told none. */
  readonly told: bigint | null;
}

export interface GatheredNic extends SeenNic {
  readonly facts: NicFacts;
  readonly offload: OffloadFacts | null;
}

/** What firmware left in the two PIIX4 functions, as the guest reads it; null where there is none. */
export interface ChipsetFacts {
  /** The IRQ of LNKA to LNKD; 128 and up is not routed. */
  readonly links: readonly number[];
  /** Base of the power management ports, 0 if they are off. */
  readonly pmba: number;
}

/** All that the reference guest learned by using each part. */
export interface Gathered extends SeenMachine {
  readonly chipset: ChipsetFacts | null;
  readonly serial: readonly SerialFacts[];
  readonly disks: readonly DiskFacts[];
  readonly nics: readonly GatheredNic[];
  /** Bytes of each entropy device. */
  readonly random: readonly Uint8Array[];
  /** Null where there is none. */
  readonly balloon: BalloonFacts | null;
}

/** 45 segments of 1448 bytes and one shorter: close to the most that one IP packet holds. */
const LARGE_PAYLOAD = 65_000;
const MSS = 1448;
const RANDOM_BYTES = 32;
const BALLOON_PAGES = 16;
const DIRECT_ACCESS = 0;
const PIIX4_ISA = 0x7110;
const PIIX4_ACPI = 0x7113;
const COALESCE = (1 << NET_FEATURE.GUEST_CSUM) | (1 << NET_FEATURE.GUEST_TSO4);

/** Lets the reference guest use every part of the machine, by another port than its own if there is one. */
export function gather(machine: Machine, errand: ProbeErrand, port: GuestPort = machine.port): Gathered {
  const functions = probeFunctions(port);
  const serial = probeSerial(port, errand.text);
  const hosts = attachAll(port, functions, virtioScsiDriver);
  const cards = functions.filter(({ id }) => virtioNetDriver.matches(id));
  return {
    functions,
    chipset: gatherChipset(port, functions),
    serial,
    disks: hosts.flatMap(probeDisks),
    otherUnits: hosts.flatMap((host) => host.scan()).filter(({ inquiry }) => inquiry.type !== DIRECT_ACCESS)
      .length,
    hotplug: hosts.some((host) => host.features.includes('HOTPLUG')),
    nics: cards.map(({ bdf }) =>
      gatherNic(virtioNetDriver.attach(port, bdf), nicAt(machine, bdf), errand.frames),
    ),
    random: attachAll(port, functions, virtioRngDriver).map((rng) => rng.read(RANDOM_BYTES)),
    balloon: gatherBalloon(machine, port, functions),
  };
}

function gatherChipset(port: GuestPort, functions: readonly FoundFunction[]): ChipsetFacts | null {
  const isa = functions.find(({ id }) => id.device === PIIX4_ISA);
  const acpi = functions.find(({ id }) => id.device === PIIX4_ACPI);
  if (isa === undefined || acpi === undefined) return null;
  const open = configRead(port, acpi.bdf, PMREGMISC.offset, 1) & PMREGMISC.mask.PMIOSE;
  return {
    links: PIRQRC.map(({ offset }) => configRead(port, isa.bdf, offset, 1)),
    pmba: open ? configRead(port, acpi.bdf, PMBA.offset, 4) & PMBA.mask.BASE : 0,
  };
}

function gatherBalloon(
  { balloon, ramBytes }: Machine,
  port: GuestPort,
  functions: readonly FoundFunction[],
): BalloonFacts | null {
  const driver = virtioBalloon({ stats: () => ({ MEMTOT: BigInt(ramBytes) }) });
  const found = functions.find(({ id }) => driver.matches(id));
  if (balloon === null || found === undefined) return null;
  const guest = driver.attach(port, found.bdf);
  const { target } = balloon;
  balloon.target = BALLOON_PAGES;
  guest.follow();
  const given = balloon.pages;
  balloon.target = 0;
  guest.follow();
  const left = balloon.pages;
  balloon.askStats();
  guest.answer(SECOND);
  const told = balloon.stats?.get('MEMTOT') ?? null;
  guest.close();
  balloon.target = target;
  return { asked: BALLOON_PAGES, given, left, told };
}

function nicAt({ nics }: Machine, bdf: number): Nic {
  return nics.find(({ fn }) => fn.bdf === bdf)!;
}

function gatherNic(guest: GuestNic, wire: Nic, frames: readonly Uint8Array[]): GatheredNic {
  const switchable = guest.features.includes('CTRL_GUEST_OFFLOADS');
  // Real traffic has TCP in it: coalesced, it would not come back byte for byte.
  if (switchable) guest.setOffloads(0);
  const facts = probeNic(guest, frames);
  if (switchable) guest.setOffloads(COALESCE);
  const framesEqual = equalAll(facts.received, frames) && equalAll(wire.sent.slice(-frames.length), frames);
  const able = ['CSUM', 'HOST_TSO4', 'GUEST_TSO4'].every((name) => facts.features.includes(name));
  return { facts, framesEqual, offload: able ? offload(guest, wire) : null };
}

function offload(guest: GuestNic, wire: Nic): OffloadFacts {
  const segment = largeSegment(guest);
  const before = wire.sent.length;
  const summed = sendUnsummed(guest, { ...segment, payload: segment.payload.subarray(0, MSS) });
  const summedRight = equalAll(wire.sent.slice(before), [summed]);
  receiveBurst(guest);
  const cutFrom = wire.sent.length;
  const expected = sendLarge(guest, segment, MSS);
  const cut = wire.sent.slice(cutFrom);
  receiveBurst(guest);
  wire.receive(...expected);
  const received = flowOf(receiveBurst(guest));
  return {
    payload: segment.payload.length,
    cut: cut.length,
    cutRight: equalAll(cut, expected),
    summed: summedRight,
    received,
    receivedRight: received.wrongChecksums === 0 && Buffer.compare(received.payload, segment.payload) === 0,
  };
}

function largeSegment(guest: GuestNic): TcpSegment {
  const mac = Uint8Array.from(guest.mac.split(':'), (byte) => Number.parseInt(byte, 16));
  return {
    destination: Uint8Array.of(0x42, 0x01, 0x0a, 0x80, 0x00, 0x01),
    source: mac,
    sourceIp: 0x0a80_0002,
    destinationIp: 0x0a80_0001,
    sourcePort: 40_000,
    destinationPort: 80,
    id: 1,
    seq: 1,
    push: true,
    fin: false,
    payload: Uint8Array.from({ length: LARGE_PAYLOAD }, (_, i) => i * 31 + (i >> 8)),
  };
}

function equalAll(one: readonly Uint8Array[], other: readonly Uint8Array[]): boolean {
  return one.length === other.length && one.every((frame, i) => Buffer.compare(frame, other[i]!) === 0);
}
