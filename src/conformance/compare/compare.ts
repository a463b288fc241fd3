import { hex } from '../../core/bits.ts';
import { RunningController } from '../../guest/drivers/nvme/controller.ts';
import type { ScsiHost } from '../../guest/index.ts';
import { virtioScsiDriver } from '../../guest/index.ts';
import type { FunctionView } from '../../machine/function-view.ts';
import type { Machine } from '../../machine/machine.ts';
import { QUEUE_SELECT, QUEUE_SIZE } from '../../virtio/registers.ts';
import { Asked } from './asked.ts';
import { bytesOf, type Capture, type CapturedItem, PCI_ITEM } from './capture-file.ts';
import { type ComparedItem, differing, equal, skipped } from './compared.ts';
import { compareProcessor } from './processor.ts';
import { compareText } from './texts.ts';

/** Puts what was captured to our machine, item by item: a request is sent, a register read, a table looked up. */
export function compareCapture(capture: Capture, machine: Machine): ComparedItem[] {
  const comparison = new Comparison(capture, machine);
  return [...capture.items].flatMap(([name, item]) => {
    try {
      return comparison.item(name, item);
    } catch (error) {
      // Its name or its numbers are of no device: the others are compared nevertheless.
      return [skipped(name, `it cannot be compared: ${(error as Error).message}`)];
    }
  });
}

const SCSI_ITEM = /^scsi\/\d+:0:(\d+):(\d+)\/(.+)$/;
/** PCI type 0: Command, the interrupt of Status, cache line and latency, and the line are its guest's. */
const GUESTS = [0x04, 0x05, 0x0c, 0x0d, 0x3c];
const STATUS_INTX = 0x08;
const HEADER = 64;
const BARS = { begin: 0x10, end: 0x28 } as const;
const MSIX = 0x11;
/** Of the ISA bridge: which interrupts the links lead to, by the guest. */
const PIRQRC = { device: 0x7110, begin: 0x60, end: 0x64 } as const;
/** Registers of a legacy function that its driver writes: accepted features, a queue's address and number, status. */
const DRIVERS = [0x04, 0x08, 0x0e, 0x12];
const CONFIG = 0x14;

class Comparison {
  private readonly items: Capture['items'];
  private readonly machine: Machine;
  private scsi: ScsiHost | null | undefined;
  private controllers: RunningController[] | null = null;

  constructor({ items }: Capture, machine: Machine) {
    this.items = items;
    this.machine = machine;
  }

  item(name: string, item: CapturedItem): ComparedItem[] {
    const [kind = ''] = name.split('/');
    if (item.volatile !== true && (kind === 'cpuid' || kind === 'msr'))
      return [compareProcessor(name, item, this.machine)];
    const bytes = bytesOf(item);
    if (bytes === null) return [skipped(name, `not captured: ${item.status}`)];
    if (item.volatile === true) return [skipped(name, 'it changes by itself')];
    if (kind === 'text')
      return name === 'text/kernel-log'
        ? compareText(bytes.toString('utf8'), this.machine)
        : [skipped(name, 'a text for people')];
    if (kind === 'pci') return [this.pci(name, item, bytes)];
    if (kind === 'scsi') return [this.command(name, item, bytes)];
    if (kind === 'nvme') return [this.admin(name, item, bytes)];
    if (kind === 'acpi') return [this.table(name, item, bytes)];
    if (kind === 'smbios') return [this.smbios(name, item, bytes)];
    if (kind === 'port') return [this.port(name, item, bytes)];
    return [skipped(name, 'nothing here to compare it with')];
  }

  private port(name: string, item: CapturedItem, bytes: Buffer): ComparedItem {
    const port = Number.parseInt(name.slice('port/'.length), 16);
    const timer = new Asked(this.machine).fadt('PM_TMR_BLK') ?? Number.NaN;
    if (port >= timer && port < timer + 4) return skipped(name, 'it counts');
    return this.bytes(name, item, bytes, Buffer.of(this.machine.port.in(port, 1)));
  }

  private pci(name: string, item: CapturedItem, bytes: Buffer): ComparedItem {
    const [, bus = '', device = '', fn = '', what = ''] = PCI_ITEM.exec(name) ?? [];
    if (what === '') return skipped(name, 'it is behind no bridge here');
    const bdf = (Number.parseInt(bus, 16) << 8) | (Number.parseInt(device, 16) << 3) | Number(fn);
    const view = this.machine.functions.find((one) => one.bdf === bdf);
    if (view === undefined) return differing(name, 'our machine has no function there');
    if (what === 'config')
      return bytes.length < HEADER
        ? skipped(name, `it has ${bytes.length} bytes, and a header has ${HEADER}`)
        : this.bytes(name, item, ...configsOf(view, bytes));
    if (what === 'resource') return resources(name, view, bytes.toString('latin1'));
    return this.register(name, item, view, Number.parseInt(what.replace('bar0/', ''), 16), bytes);
  }

  /** A register of BAR0: of virtio's legacy header, gVNIC or NVMe. */
  private register(
    name: string,
    item: CapturedItem,
    view: FunctionView,
    offset: number,
    bytes: Buffer,
  ): ComparedItem {
    const { port } = this.machine;
    const [bar] = view.bars;
    if (bar === undefined || bar.mapped === null) return differing(name, 'our function has no BAR 0');
    if (bar.kind !== 'io') {
      const value = Buffer.alloc(4);
      value.writeUInt32LE(port.read(bar.mapped + offset, 4) >>> 0);
      return offset === 4 ? skipped(name, "it is the driver's") : this.bytes(name, item, bytes, value);
    }
    if (DRIVERS.includes(offset)) return skipped(name, "it is the driver's");
    const prefix = name.slice(0, name.lastIndexOf('/'));
    const selected = this.items.get(`${prefix}/${hex(QUEUE_SELECT.offset, 2)}`);
    const select = selected === undefined ? null : bytesOf(selected);
    if (offset === QUEUE_SIZE.offset && select?.length === 2)
      port.out(bar.mapped + QUEUE_SELECT.offset, select.readUInt16LE(), 2);
    if (offset >= CONFIG) return this.bytes(name, item, bytes, this.deviceConfig(bar.mapped, bytes.length));
    const value = Buffer.alloc(4);
    value.writeUInt32LE(port.in(bar.mapped + offset, bytes.length as 1 | 2 | 4) >>> 0);
    return this.bytes(name, item, bytes, value.subarray(0, bytes.length));
  }

  /** Behind two vectors where MSI-X is on; byte by byte, as it was captured. */
  private deviceConfig(base: number, length: number): Buffer {
    return Buffer.from(Array.from({ length }, (_, at) => this.machine.port.in(base + CONFIG + at, 1)));
  }

  private command(name: string, item: CapturedItem, bytes: Buffer): ComparedItem {
    const [, target = '', lun = '', what = ''] = SCSI_ITEM.exec(name) ?? [];
    if (item.cdb === undefined) return skipped(name, 'no command of a disk');
    this.scsi ??= this.machine.functions.some(({ name: fn }) => fn.startsWith('scsi'))
      ? this.machine.attach(virtioScsiDriver)
      : null;
    if (this.scsi === null) return differing(name, 'our machine has no SCSI adapter');
    const unit = [Number(target), Number(lun)] as const;
    if (this.scsi.inquiry(...unit) === null)
      return differing(name, `our machine has no disk at target ${target}`);
    this.scsi.testUnitReady(...unit);
    const sent = {
      name: what,
      cdb: Buffer.from(item.cdb, 'hex'),
      ...(item.length ? { dataIn: item.length } : {}),
    };
    const { data, rawSense, status } = this.scsi.execute(...unit, sent);
    if (what === 'test-unit-ready') return skipped(name, 'it depends on what was before');
    if (status !== (item.scsi ?? 0))
      return differing(name, `status ${hex(item.scsi ?? 0, 2)} there, ${hex(status, 2)} here`);
    if (status !== 0)
      return this.bytes(name, item, Buffer.from(item.sense ?? '', 'hex'), Buffer.from(rawSense));
    return this.bytes(name, item, bytes, Buffer.from(data));
  }

  private admin(name: string, item: CapturedItem, bytes: Buffer): ComparedItem {
    const index = Number(/^nvme\/nvme(\d+)\//.exec(name)?.[1] ?? Number.NaN);
    const { opcode, nsid = 0, cdw10 = 0, nvme = 0, length = 0 } = item;
    if (opcode === undefined) return skipped(name, 'no command of a controller');
    this.controllers ??= this.machine.functions
      .filter(({ name: fn }) => fn.startsWith('nvme'))
      .map(({ bdf }) => new RunningController(this.machine.port, bdf, { interrupts: 'polled' }));
    const controller = this.controllers[index];
    if (controller === undefined) return differing(name, 'our machine has no such controller');
    const { completion, data } = controller.ask({ opcode, nsid, cdw10 }, length);
    // Phase is no part of what the ioctl returns, and MORE and DNR are.
    if (completion.status !== nvme)
      return differing(name, `status ${hex(nvme, 4)} there, ${hex(completion.status, 4)} here`);
    if (nvme !== 0) return equal(name);
    const result = item.result ?? 0;
    if (length === 0 && completion.result !== result)
      return differing(name, `${hex(result, 8)} there, ${hex(completion.result, 8)} here`);
    return this.bytes(name, item, bytes, Buffer.from(data));
  }

  private table(name: string, item: CapturedItem, bytes: Buffer): ComparedItem {
    const wanted = name.slice('acpi/'.length).replace(/\d+$/, '');
    const id = bytes.toString('latin1', 16, 24);
    const { tables } = this.machine.chassis;
    // A second SSDT has a name of its own here.
    const ours = tables.find((one) => one.name === id) ?? tables.find((one) => one.name === wanted);
    if (ours === undefined) return differing(name, 'our machine has no such table');
    return this.bytes(name, item, bytes, withoutSum(Buffer.from(ours.bytes)), withoutSum);
  }

  private smbios(name: string, item: CapturedItem, bytes: Buffer): ComparedItem {
    const wanted = name === 'smbios/DMI' ? 'DMI' : '_SM_';
    const ours = this.machine.chassis.tables.find((one) => one.name === wanted);
    if (ours === undefined) return differing(name, 'our machine has no such table');
    if (wanted === '_SM_') return skipped(name, 'it says where the table lies');
    return this.bytes(name, item, bytes, Buffer.from(ours.bytes));
  }

  /** What was masked counts as equal to anything. */
  private bytes(
    name: string,
    { masked = [] }: CapturedItem,
    there: Buffer,
    here: Buffer,
    prepare = (one: Buffer) => one,
  ): ComparedItem {
    const theirs = prepare(Buffer.from(there));
    const isMasked = masked.length > 0;
    const isAlike = (at: number) =>
      theirs[at] === here[at] || masked.some(([from, length]) => at >= from && at < from + length);
    if (theirs.length !== here.length)
      return differing(
        name,
        `${theirs.length} bytes there, ${here.length} here: ${pieces(theirs, here, isAlike)}`,
      );
    const said = pieces(theirs, here, isAlike);
    return said === '' ? equal(name, isMasked) : differing(name, said);
  }
}

const CHECKSUM = 9;

function withoutSum(table: Buffer): Buffer {
  if (table.length > CHECKSUM && table.toString('latin1', 0, 4) !== 'FACS') table[CHECKSUM] = 0;
  return table;
}

const SHOWN = 4;

/** `at 40: 1100 there, 0000 here`, for the first runs of bytes that differ. */
function pieces(there: Buffer, here: Buffer, isAlike: (at: number) => boolean): string {
  const found: string[] = [];
  const end = Math.min(there.length, here.length);
  for (let at = 0; at < end; at++) {
    if (isAlike(at)) continue;
    let to = at + 1;
    while (to < end && to - at < 16 && !isAlike(to)) to++;
    found.push(
      `at ${hex(at, 2)}: ${there.toString('hex', at, to)} there, ${here.toString('hex', at, to)} here`,
    );
    at = to;
  }
  return found.length <= SHOWN
    ? found.join('; ')
    : `${found.slice(0, SHOWN).join('; ')}; and ${found.length - SHOWN} more`;
}

/** Both without what a guest writes: base addresses keep their kind. */
function configsOf(view: FunctionView, captured: Buffer): [there: Buffer, here: Buffer] {
  const here = Buffer.from(Array.from({ length: captured.length }, (_, at) => view.readConfig(at, 1)));
  return [there(captured, view), there(here, view)];
}

function there(config: Buffer, view: FunctionView): Buffer {
  const plain = Buffer.from(config);
  for (const at of GUESTS) plain[at] = 0;
  plain[6]! &= ~STATUS_INTX;
  for (let at: number = BARS.begin; at < BARS.end; at += 4) {
    const low = plain.readUInt32LE(at) & 0xf;
    plain.writeUInt32LE(low & 1 ? low & 3 : low, at);
  }
  if (view.readConfig(2, 2) === PIRQRC.device && plain.length > PIRQRC.end)
    plain.fill(0, PIRQRC.begin, PIRQRC.end);
  for (
    let at = plain[0x34] ?? 0, n = 0;
    at >= 64 && at + 4 <= plain.length && n < 48;
    at = plain[at + 1]!, n++
  )
    if (plain[at] === MSIX) plain[at + 3]! &= 0x3f;
  return plain;
}

/** Sizes of base addresses, as Linux lists them: begin, end, flags. */
function resources(name: string, view: FunctionView, text: string): ComparedItem {
  const sizes = text
    .split('\n')
    .slice(0, 6)
    .map((row) => row.split(/\s+/).map(Number))
    .map(([begin = 0, end = 0]) => (end > begin ? end - begin + 1 : 0));
  const ours = Array.from(
    { length: 6 },
    (_, index) => view.bars.find((bar) => bar.index === index)?.region.size ?? 0,
  );
  const wrong = ours.flatMap((size, index) => {
    const found = sizes[index] ?? 0;
    return found === size ? [] : [`BAR ${index}: ${found} bytes there, ${size} here`];
  });
  return wrong.length === 0 ? equal(name) : differing(name, wrong.join('; '));
}
