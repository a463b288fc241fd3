/** An access that QEMU's memory core made to a region for a CPU; a DMA's has no CPU, which is -1. */
interface OpsEvent {
  readonly event: 'access';
  readonly cpu: number;
  /** Distinguishes regions of one name. */
  readonly region: string;
  readonly name: string;
  readonly write: boolean;
  readonly address: number;
  readonly value: number;
  readonly size: number;
}

/** Configuration space of a function. The width of the access is not in it. */
interface ConfigEvent {
  readonly event: 'config';
  /** As QEMU names the device: `virtio-net-pci`. */
  readonly name: string;
  readonly bdf: number;
  readonly write: boolean;
  readonly offset: number;
  readonly value: number;
}

/** A virtio device's status changed, by its driver or by a reset of the machine. */
interface StatusEvent {
  readonly event: 'status';
  /** Distinguishes devices. */
  readonly device: string;
  readonly value: number;
}

/** A virtio event that is not an access, such as the end of a chain. */
interface OtherEvent {
  readonly event: 'other';
}

export type TraceEvent = OpsEvent | ConfigEvent | StatusEvent | OtherEvent;

const EVENT =
  /(?:^|[\s:])((?:memory_region_ops|pci_cfg)_(?:read|write)|virtio_set_status|(?:virtio|virtqueue|memory_region|msix|pci)_\w+) (.*)$/;
const OPS = /^cpu (-?\d+) mr (\S+) addr 0x([0-9a-f]+) value 0x([0-9a-f]+) size ([1248])(?: name '([^']*)')?$/;
/** From QEMU 7 on with the bus, before without. */
const CONFIG =
  /^(\S+) (?:([0-9a-f]{2}):([0-9a-f]{2})\.([0-7])|(\d{2}):([0-7])) @0x([0-9a-f]+) (?:->|<-) 0x([0-9a-f]+)$/;
const STATUS = /^vdev (\S+) val (\d+)$/;

/** The event of a line of QEMU's trace; null for any other line, `damaged` for one that began as an event. */
export function traceEvent(line: string): TraceEvent | 'damaged' | null {
  const [, name, rest] = EVENT.exec(line.trimEnd()) ?? [];
  if (name === undefined || rest === undefined) return null;
  const write = name.endsWith('_write');
  switch (name) {
    case 'memory_region_ops_read':
    case 'memory_region_ops_write':
      return opsEvent(rest, write);
    case 'pci_cfg_read':
    case 'pci_cfg_write':
      return configEvent(rest, write);
    case 'virtio_set_status': {
      const [, device, value] = STATUS.exec(rest) ?? [];
      return device === undefined ? 'damaged' : { event: 'status', device, value: Number(value) };
    }
    default:
      return { event: 'other' };
  }
}

function opsEvent(rest: string, write: boolean): OpsEvent | 'damaged' {
  const [, cpu, region, address, value, size, name = ''] = OPS.exec(rest) ?? [];
  if (cpu === undefined) return 'damaged';
  return {
    event: 'access',
    cpu: Number(cpu),
    region: region!,
    name,
    write,
    address: Number.parseInt(address!, 16),
    value: Number.parseInt(value!, 16),
    size: Number(size),
  };
}

function configEvent(rest: string, write: boolean): ConfigEvent | 'damaged' {
  const [, name, bus, device, fn, slot, slotFn, offset, value] = CONFIG.exec(rest) ?? [];
  if (name === undefined) return 'damaged';
  const bdf =
    bus === undefined
      ? (Number(slot) << 3) | Number(slotFn)
      : (Number.parseInt(bus, 16) << 8) | (Number.parseInt(device!, 16) << 3) | Number(fn);
  return {
    event: 'config',
    name,
    bdf,
    write,
    offset: Number.parseInt(offset!, 16),
    value: Number.parseInt(value!, 16),
  };
}
