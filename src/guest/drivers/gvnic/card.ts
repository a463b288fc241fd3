import { bdfText, type Gpa, macText } from '../../../core/bits.ts';
import type { GuestPort } from '../../../core/guest-port.ts';
import { struct } from '../../../core/struct.ts';
import {
  CAPABILITY,
  COMMAND_STATUS,
  configure_device_resources,
  driver_info,
  memory_area,
  nic_timestamp,
  OPCODE,
  PAGE,
  PTYPES,
  ptype_entry,
} from '../../../gvnic/registers/admin.ts';
import { DEVICE_STATUS, GVNIC_BAR, MAX_TX_QUEUES } from '../../../gvnic/registers/bar0.ts';
import { QUEUE_FORMAT, type QueueFormat } from '../../../gvnic/registers/descriptor.ts';
import { COMMAND } from '../../../pci/registers.ts';
import { loadBig } from '../../byte-order.ts';
import { DriverError } from '../../driver-error.ts';
import { barAddress } from '../../pci/bars.ts';
import { disable, enable, identify } from '../../pci/config.ts';
import { MsixDriver, usualMode } from '../../pci/msix.ts';
import { AdminDriver } from './admin.ts';
import { BlockInterrupts } from './blocks.ts';
import { type Description, describe, preferred } from './description.ts';
import { addFlowRule, flowRuleIds, type GvnicFlowRule, removeFlowRule } from './flow-rules.ts';
import { LentMemory } from './memory.ts';
import { type DriverPair, DriverQueues } from './queues.ts';
import { readSpeed, reportStatistics, setMtu, spread } from './requests.ts';
import { Board, DOORBELLS, type GvnicFrame } from './rings.ts';

const { LINK_STATUS, RESET } = DEVICE_STATUS.mask;
const { MEMORY_SPACE, BUS_MASTER } = COMMAND.mask;
/** Bytes from a doorbell's index to the next. */
const STRIDE = 64;
const WORD = 4;
const NOTHING = struct('nothing', 'be', {});
/** Some drivers name their version; the device does not look at it. */
const VERSION = 'guestrig-1.0.0';
/** Of its operating systems, none. */
const OS_OTHER = 0;
const { GQI_QPL, GQI_RDA, DQO_QPL, DQO_RDA, ALT_MISS_COMPL } = CAPABILITY;
const KNOWN = GQI_QPL | GQI_RDA | DQO_QPL | DQO_RDA | ALT_MISS_COMPL;

/** How a driver uses a gVNIC. */
export interface GvnicUse {
  /** How to learn of events; default MSI-X. */
  readonly interrupts?: 'polled' | 'msix';
  /** Use rings of this format. Default: the first that is offered of DQO_RDA, DQO_QPL, GQI_RDA and GQI_QPL. */
  readonly format?: QueueFormat;
  /** Queue pairs, if the card has so many. Default one. */
  readonly pairs?: number;
  /** An MTU of the driver's. Default that of the card. */
  readonly mtu?: number;
}

/** A card after bring-up, of either form. */
export interface Card {
  readonly format: QueueFormat;
  /** The formats that it offers. */
  readonly formats: readonly QueueFormat[];
  readonly mac: string;
  readonly mtu: number;
  readonly pairs: readonly DriverPair[];
  /** Null where the driver polls. */
  readonly interrupts: BlockInterrupts | null;
  /** Looks for what is no queue's. */
  poll(): void;
  isLinkUp(): boolean;
  /** It asks for a reset, or was reset. */
  wantsReset(): boolean;
  addFlowRule(rule: GvnicFlowRule): void;
  removeFlowRule(location: number): void;
  flowRules(): readonly number[];
  time(): bigint;
  /** Mbit/s. */
  speed(): number;
  reportStatistics(): void;
  /** @returns whether the card spreads flows as this table says. */
  spread(table: readonly number[]): boolean;
  /** Takes all from the device, and resets it. */
  takeDown(): void;
  fail(what: string): never;
}

/** What the driver does when a card has something. */
export interface Listener {
  deliver(frame: GvnicFrame): void;
  /** The device has something that is no queue's. */
  changed(): void;
}

/** From the admin queue to queues with buffers, in the order of Linux. */
export function bringUp(port: GuestPort, bdf: number, use: GvnicUse, listener: Listener): Card {
  enable(port, bdf, MEMORY_SPACE | BUS_MASTER);
  const { revision } = identify(port, bdf);
  const base = addressOf(port, bdf, GVNIC_BAR.registers);
  const admin = new AdminDriver(port, `gvnic ${bdfText(bdf)}`, base, revision);
  admin.tellVersion(VERSION);
  const pairs = Math.min(use.pairs ?? 1, admin.read(MAX_TX_QUEUES));
  if (pairs === 0) admin.fail('it has no queues');
  admin.start();
  introduce(admin, port);
  const description = describe(port, admin);
  const format = use.format ?? preferred(description);
  const msix = MsixDriver.of(port, bdf) ?? admin.fail('it has no MSI-X');
  if (msix.vectors < 2 * pairs + 1) admin.fail('it has too few vectors');
  const polled = (use.interrupts ?? usualMode(port, msix)) === 'polled';
  if (!polled) msix.start();
  const lent = new LentMemory(port);
  const isDqo = format === 'DQO_RDA' || format === 'DQO_QPL';
  const { counters, tx_queue_entries: entries, tx_pages_per_qpl: pages } = description.fields;
  const { board, blocks } = configure({ admin, lent, bdf, format, pairs, isDqo, counters });
  if (isDqo) readPacketTypes(admin, lent);
  if (use.mtu !== undefined) setMtu(admin, use.mtu);
  const queues = new DriverQueues({ admin, lent, board, format, pairs, entries, pages });
  const interrupts = polled ? null : new BlockInterrupts(port, msix);
  interrupts?.manage(2 * pairs, () => listener.changed());
  interrupts?.serveAll(board, queues.pairs, { blocks, first: 0, isDqo }, listener);
  const mtu = use.mtu ?? description.mtuOf(format);
  return cardOf({ port, bdf, admin, description, format, mtu, queues, interrupts, lent });
}

/** What is behind a card in use. */
interface Behind {
  readonly port: GuestPort;
  readonly bdf: number;
  readonly admin: AdminDriver;
  readonly description: Description;
  readonly format: QueueFormat;
  readonly mtu: number;
  readonly queues: DriverQueues;
  readonly interrupts: BlockInterrupts | null;
  readonly lent: LentMemory;
}

function cardOf(behind: Behind): Card {
  const { port, admin, description, format, mtu, queues, interrupts, lent } = behind;
  const { mac } = description.fields;
  const status = () => admin.read(DEVICE_STATUS);
  return {
    ...{ format, formats: description.formats, mac: macText(mac), mtu, pairs: queues.pairs, interrupts },
    // Its status is looked at each time.
    poll: () => undefined,
    isLinkUp: () => (status() & LINK_STATUS) !== 0,
    wantsReset: () => (status() & RESET) !== 0,
    addFlowRule: (rule) => addFlowRule(admin, port, rule),
    removeFlowRule: (location) => removeFlowRule(admin, port, location),
    flowRules: () => flowRuleIds(admin, port),
    time: () => readTime(admin, port),
    speed: () => readSpeed(admin, lent),
    reportStatistics: () => reportStatistics(admin, lent, queues.pairs.length),
    spread: (table) => spread(admin, lent, table) === COMMAND_STATUS.PASSED,
    takeDown: () => takeDown(behind),
    fail: (what) => admin.fail(what),
  };
}

/** Asks for the card's clock. */
function readTime(admin: AdminDriver, port: GuestPort): bigint {
  const at = port.allocate(nic_timestamp.size, PAGE);
  const area = { length: BigInt(nic_timestamp.size), addr: BigInt(at) };
  admin.must(OPCODE.REPORT_NIC_TIMESTAMP, memory_area, area);
  const bytes = new Uint8Array(nic_timestamp.size);
  port.memory.read(at, bytes);
  port.release(at);
  return nic_timestamp.decode(bytes).nic_timestamp;
}

/** Takes queues, pages and resources from the device, resets it, and turns its bus access off. */
function takeDown({ port, bdf, admin, queues, interrupts, lent }: Behind): void {
  queues.destroy();
  admin.must(OPCODE.DECONFIGURE_DEVICE_RESOURCES, NOTHING, {});
  admin.stop();
  interrupts?.close();
  disable(port, bdf, BUS_MASTER);
  lent.release();
}

/** Tells the device what this driver knows. One from before the command does without. */
function introduce(admin: AdminDriver, port: GuestPort): void {
  const at = port.allocate(driver_info.size, PAGE);
  const info = { os_type: OS_OTHER, driver_major: 1, driver_capability_flags1: BigInt(KNOWN) };
  port.memory.write(at, driver_info.encode(info));
  const { VERIFY_DRIVER_COMPATIBILITY } = OPCODE;
  const area = { length: BigInt(driver_info.size), addr: BigInt(at) };
  const status = admin.run(VERIFY_DRIVER_COMPATIBILITY, memory_area, area);
  port.release(at);
  if (status !== COMMAND_STATUS.PASSED && status !== COMMAND_STATUS.UNIMPLEMENTED)
    admin.fail(`it refuses this driver with status ${status.toString(16)}`);
}

/** Gives the device its array of counters, and reads where the doorbells of the blocks are. */
function configure({
  admin,
  lent,
  bdf,
  format,
  pairs,
  isDqo,
  counters,
}: {
  readonly admin: AdminDriver;
  readonly lent: LentMemory;
  readonly bdf: number;
  readonly format: QueueFormat;
  readonly pairs: number;
  readonly isDqo: boolean;
  readonly counters: number;
}): { readonly board: Board; readonly blocks: readonly number[] } {
  const { port } = lent;
  const count = 2 * pairs;
  const array = lent.allocate(counters * WORD, PAGE);
  const doorbells = lent.allocate(count * STRIDE, PAGE);
  admin.must(OPCODE.CONFIGURE_DEVICE_RESOURCES, configure_device_resources, {
    counter_array: BigInt(array),
    irq_db_addr: BigInt(doorbells),
    num_counters: counters,
    num_irq_dbs: count,
    irq_db_stride: STRIDE,
    queue_format: QUEUE_FORMAT[format],
  });
  const blocks = Array.from({ length: count }, (_, block) => loadBig(port, doorbells + block * STRIDE, WORD));
  if (blocks.some((index) => index >= DOORBELLS)) admin.fail('the doorbell of a block is nowhere');
  const board = new Board(port, addressOf(port, bdf, GVNIC_BAR.doorbells), { array, counters }, isDqo);
  return { board, blocks };
}

/** What the numbers in completions mean; these drivers do without. */
function readPacketTypes(admin: AdminDriver, lent: LentMemory): void {
  const length = PTYPES * ptype_entry.size;
  const table = lent.allocate(length, PAGE);
  admin.must(OPCODE.GET_PTYPE_MAP, memory_area, { length: BigInt(length), addr: BigInt(table) });
}

export function addressOf(port: GuestPort, bdf: number, index: number): Gpa {
  const bar = barAddress(port, bdf, index);
  if (bar === null) throw new DriverError(port, `gvnic ${bdfText(bdf)}`, `BAR ${index} has no address`);
  return bar.address;
}
