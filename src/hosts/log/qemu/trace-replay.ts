import type { Width } from '../../../core/bits.ts';
import type { Machine } from '../../../machine/machine.ts';
import { CAPABILITY_ID, CONFADD } from '../../../pci/registers.ts';
import type { VirtioFunction } from '../../../virtio/transport/function.ts';
import { PLACE } from '../../../virtio/transport/modern/interface.ts';
import { CFG_TYPE } from '../../../virtio/transport/modern/registers.ts';
import type { LogLines } from '../log-lines.ts';
import type { LoggedMachine } from './logged-machine.ts';
import { regionKind, type StructureName } from './regions.ts';
import type { SeenFunction, Survey } from './survey.ts';
import type { TraceEvent } from './trace-line.ts';

type Access = Extract<TraceEvent, { event: 'access' }>;

const PORTS = 0x1_0000;
const PAGE_MASK = 0xfff;
const STRUCTURES_BAR = 4;
const CAPABILITIES = 0x40;
/** Bytes of a capability of MSI-X. */
const MSIX_BYTES = 12;
const RESET_CPU = 0xfe;
const HARD_RESET = 0x04;

/** Replays on a similar machine a QEMU guest's accesses to registers. */
export class TraceReplay {
  accesses = 0;
  private readonly machine: Machine;
  private readonly virtio: ReadonlyMap<SeenFunction, VirtioFunction>;
  private readonly survey: Survey;
  private readonly lines: LogLines;
  /** The value of the machine's address register of configuration space. */
  private address = 0;
  /** The machine was reset, which each of its devices reports. */
  private wasReset = true;
  /**
   * The last access may have changed a status: a write of the status, or of a command register that ends bus
   * mastering.
   */
  private written = false;
  /** The device whose status followed it. */
  private told: string | null = null;

  /** @param survey gets the events again, so that it knows the present base addresses. */
  constructor({ machine, virtio }: LoggedMachine, survey: Survey, lines: LogLines) {
    this.machine = machine;
    this.virtio = virtio;
    this.survey = survey;
    this.lines = lines;
  }

  take(event: TraceEvent): void {
    switch (event.event) {
      case 'access':
        if (event.cpu >= 0) this.access(event);
        return;
      case 'status':
        this.status(event);
        return;
      default:
        return;
    }
  }

  /** A status change that no write explains, or explains for one device only, is a reset of the machine. */
  private status({ device, value }: Extract<TraceEvent, { event: 'status' }>): void {
    const explained = this.written && (this.told === null || this.told === device);
    if (value === 0 && !explained) this.reset();
    this.told = device;
  }

  private access(event: Access): void {
    const kind = regionKind(event.name);
    this.written = event.write && (kind === 'legacy' || kind === 'common' || kind === 'config data');
    this.told = null;
    if (kind === null) return;
    this.accesses++;
    this.wasReset = false;
    try {
      if (kind === 'config data') this.config(event);
      else if (kind === 'reset') this.mayReset(event);
      else if (kind === 'common' || kind === 'isr' || kind === 'device' || kind === 'notify')
        this.structure(kind, event);
      else this.plain(event.address, event);
      // A smaller write does not arrive.
      if (kind === 'config address' && event.write && event.size === 4) this.address = event.value;
    } catch (error) {
      this.lines.damage(error);
    }
  }

  /** At the same address. */
  private plain(address: number, { write, value, size }: Access): void {
    const { port } = this.machine;
    for (let at = 0; at < size; at += 4) {
      const width = Math.min(size, 4) as Width;
      const part = Math.floor(value / 2 ** (8 * at)) % 2 ** (8 * width);
      if (address < PORTS && write) port.out(address + at, part, width);
      else if (address < PORTS) port.in(address + at, width);
      else if (write) port.write(address + at, part, width);
      else port.read(address + at, width);
    }
  }

  /** The structures lie elsewhere behind our base address. */
  private structure(kind: StructureName, event: Access): void {
    const seen = this.survey.owner(event, STRUCTURES_BAR);
    const base = seen?.bases[STRUCTURES_BAR] ?? -1;
    if (base > 0) this.plain(base + PLACE[kind] + (event.address & PAGE_MASK), event);
  }

  /** And so do the capabilities: of those only MSI-X's is written, and a read of virtio's is only noted. */
  private config(event: Access): void {
    const { address } = this;
    const offset = (address & CONFADD.mask.REGISTER) | (event.address & 3);
    const fn = this.functionAt((address >>> 8) & 0xffff);
    if (fn === undefined || offset < CAPABILITIES) {
      this.plain(event.address, event);
      return;
    }
    const [seen, ours] = fn;
    const msix = seen.capabilities.get(CAPABILITY_ID.MSIX);
    if (msix !== undefined && offset >= msix && offset < msix + MSIX_BYTES) {
      const at = CAPABILITIES + offset - msix;
      if (event.write) ours.writeConfig(at, event.value, event.size as Width);
      else ours.readConfig(at, event.size as Width);
    } else if (!event.write && readsType(seen, offset, event.size)) ours.device.events?.capabilityRead();
  }

  private functionAt(bdf: number): readonly [SeenFunction, VirtioFunction] | undefined {
    return [...this.virtio].find(([seen]) => seen.bdf === bdf);
  }

  /** By the keyboard controller, or by port CF9. */
  private mayReset({ write, value, address }: Access): void {
    if (!write) return;
    if (address === 0x64 ? value === RESET_CPU : (value & HARD_RESET) !== 0) this.reset();
  }

  private reset(): void {
    if (this.wasReset) return;
    this.wasReset = true;
    this.machine.reset('hard');
  }
}

/** A walk for another capability reads ids and links; a driver that looks for virtio's reads the type of the first. */
function readsType({ capabilities }: SeenFunction, offset: number, size: number): boolean {
  const type = (capabilities.get(CAPABILITY_ID.VENDOR) ?? Number.NaN) + CFG_TYPE.offset;
  return offset <= type && type < offset + size;
}
