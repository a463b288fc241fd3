import type { Driver, PciId } from '../../core/driver.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import { COM_PORTS, PORT } from '../../core/places.ts';
import { BAR0, CAPABILITIES_POINTER, CAPABILITY_ID } from '../../pci/registers.ts';
import { LSR } from '../../serial/registers.ts';
import { NET_STATUS } from '../../virtio/net/registers.ts';
import {
  DEVICE_FEATURES,
  DEVICE_STATUS,
  LEGACY_CONFIG,
  QUEUE_SIZE,
  VIRTIO_VENDOR_ID,
} from '../../virtio/registers.ts';
import { config_generation, device_feature } from '../../virtio/transport/modern/registers.ts';
import type { DriverModel } from '../model/model.ts';

/** For tests: drivers that believe one thing of a network card, and use nothing else of it. */

const { CONFADD, CONFDATA } = PORT;
const NET = [0x1000, 0x1041];
const CONFIG = LEGACY_CONFIG.withoutMsix;
const MODERN_BAR = 4;

const isNet = ({ vendor, device }: PciId): boolean => vendor === VIRTIO_VENDOR_ID && NET.includes(device);

function config(port: GuestPort, bdf: number, at: number): number {
  port.out(CONFADD, 0x8000_0000 + bdf * 256 + (at & 0xfc), 4);
  return port.in(CONFDATA + (at & 3), 1);
}

function bar(port: GuestPort, bdf: number, index: number): number {
  port.out(CONFADD, 0x8000_0000 + bdf * 256 + BAR0 + 4 * index, 4);
  return (port.in(CONFDATA, 4) & ~0xf) >>> 0;
}

function believing(name: string, attach: (port: GuestPort, bdf: number) => unknown): DriverModel {
  const driver: Driver<unknown> = { name, matches: isNet, attach };
  return { name, drivers: [driver], run: (port) => void port.in(CONFDATA, 4) };
}

/** Reads until two values in a row are one. */
function settled(read: () => number): number {
  let before = read();
  for (let now = read(); now !== before; now = read()) before = now;
  return before;
}

/** The places of its capabilities. */
function capabilities(port: GuestPort, bdf: number): number[] {
  const found: number[] = [];
  for (let at = config(port, bdf, CAPABILITIES_POINTER.offset); at !== 0; at = config(port, bdf, at + 1))
    found.push(at);
  return found;
}

const msixOf = (port: GuestPort, bdf: number) =>
  capabilities(port, bdf).find((at) => config(port, bdf, at) === CAPABILITY_ID.MSIX)!;

export const WALKERS = {
  list: believing('walks a list to its end', capabilities),
  reach: believing('copies all that lies before a table', (port, bdf) => {
    const at = msixOf(port, bdf);
    const offset = [7, 6, 5].reduce((sum, byte) => sum * 256 + config(port, bdf, at + byte), 0) * 256;
    return new Float64Array(offset);
  }),
  bar: believing('takes the number of a BAR for one', (port, bdf) => {
    const bars = [0, 1, 2, 3, 4, 5].map((index) => ({ address: bar(port, bdf, index) }));
    return bars[config(port, bdf, msixOf(port, bdf) + 4) & 7]!.address;
  }),
  reset: believing('waits for a reset for ever', (port, bdf) => {
    const base = bar(port, bdf, 0);
    port.out(base + DEVICE_STATUS.offset, 0, 1);
    while (port.in(base + DEVICE_STATUS.offset, 1) !== 0);
  }),
  features: believing('reads features until they are the same twice', (port, bdf) => {
    const base = bar(port, bdf, 0);
    settled(() => port.in(base + DEVICE_FEATURES.offset, 4));
  }),
  queueSize: believing('takes a queue size for a power of two', (port, bdf) =>
    Array(Math.log2(port.in(bar(port, bdf, 0) + QUEUE_SIZE.offset, 2)) + 1).fill(0),
  ),
  queueRoom: believing('makes room for a queue of any size', (port, bdf) =>
    port.allocate(16 * port.in(bar(port, bdf, 0) + QUEUE_SIZE.offset, 2), 16),
  ),
  configuration: believing('takes the status of a link for 1', (port, bdf) => {
    const read = () => ({ 1: 'up' })[port.in(bar(port, bdf, 0) + CONFIG + NET_STATUS.offset, 2)]!.length;
    return read() + read();
  }),
  generation: believing('reads a configuration until its generation stays', (port, bdf) => {
    const common = bar(port, bdf, MODERN_BAR);
    settled(() => port.read(common + config_generation.offset, 1));
    return port.read(common + device_feature.offset, 4);
  }),
} satisfies Record<string, DriverModel>;

/** Reads a field of two bytes twice. @param use gets what it reads, and what an honest device has there. */
function reads(name: string, offset: number, use: (value: number, honest: number) => unknown): DriverModel {
  const matches = ({ vendor }: PciId) => vendor === VIRTIO_VENDOR_ID;
  const driver: Driver<number> = {
    name,
    matches,
    attach: (port, bdf) => bar(port, bdf, 0) + CONFIG + offset,
  };
  return {
    name,
    drivers: [driver],
    run: (port, places, machine) => {
      for (const at of [...places, ...places] as number[]) use(port.in(at, 2), machine.port.in(at, 2));
    },
  };
}

/** Readers of a field: one knows what it was, and one has a range for it. */
export const readersOf = (offset: number) => ({
  believing: reads('takes a field for what it was', offset, (value, honest) => {
    return { [honest]: 'known' }[value]!.length;
  }),
  careful: reads('takes a field for a number', offset, (value) => new Uint8Array(Math.min(value, 16))),
});

const [COM1] = COM_PORTS;
const { THRE, DR } = LSR.mask;

export const UART_BELIEVERS = {
  prints: {
    name: 'waits for room for ever',
    drivers: [],
    run: (port) => {
      while ((port.in(COM1 + LSR.offset, 1) & THRE) === 0);
      port.out(COM1, 0x41, 1);
    },
  },
  drains: {
    name: 'takes characters until there are none',
    drivers: [],
    run: (port) => {
      while ((port.in(COM1 + LSR.offset, 1) & DR) !== 0) port.in(COM1, 1);
    },
  },
} satisfies Record<string, DriverModel>;
