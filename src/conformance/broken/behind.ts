import type { Driver } from '../../core/driver.ts';
import type { DriverMemory, GuestPort } from '../../core/guest-port.ts';
import type { Register } from '../../core/register.ts';
import { barAddress } from '../../guest/pci/bars.ts';
import { CONFADD, CONFDATA } from '../../pci/registers.ts';

/** The port with some of its methods replaced: it places a mistake between a good driver and the machine. */
export function behind(port: GuestPort, changes: Partial<GuestPort>): GuestPort {
  return {
    in: (at, width) => port.in(at, width),
    out: (at, value, width) => port.out(at, value, width),
    read: (address, width) => port.read(address, width),
    write: (address, value, width) => port.write(address, value, width),
    memory: port.memory,
    allocate: (bytes, align) => port.allocate(bytes, align),
    release: (at) => port.release(at),
    handle: (vector, handler) => port.handle(vector, handler),
    mask: () => port.mask(),
    unmask: () => port.unmask(),
    now: () => port.now(),
    wait: (until, limit) => port.wait(until, limit),
    ...(port.processors !== undefined && { processors: port.processors }),
    ...changes,
  };
}

/** The driver `good` behind the port that `change` makes of its own. */
export function attachedBehind<Handle>(
  good: Driver<Handle>,
  change: (port: GuestPort, bdf: number) => GuestPort,
): Driver<Handle> {
  return { ...good, attach: (port, bdf) => good.attach(change(port, bdf), bdf) };
}

/** Guest memory, of which a method may be replaced; `store` is that of integers. */
export function behindMemory(
  memory: DriverMemory,
  store: DriverMemory['store'] = (address, value, width) => memory.store(address, value, width),
): DriverMemory {
  return {
    ...(memory.endian !== undefined && { endian: memory.endian }),
    load: (address, width) => memory.load(address, width),
    store,
    read: (address, into) => memory.read(address, into),
    write: (address, from) => memory.write(address, from),
    fill: (address, value, length) => memory.fill(address, value, length),
    fence: () => memory.fence(),
  };
}

/** The port with some methods of its memory replaced. */
export function withMemory(port: GuestPort, changes: Partial<DriverMemory>): GuestPort {
  return behind(port, { memory: { ...behindMemory(port.memory), ...changes } });
}

/** The replacement of a write: another value, or null to drop it. */
type Rewrite = (at: number, value: number) => number | null;

/** Every write of configuration space goes through `rewrite`, with the register's offset. */
export function rewriteConfig(port: GuestPort, rewrite: Rewrite): GuestPort {
  let selected = 0;
  return behind(port, {
    out: (at, value, width) => {
      if (at === CONFADD.offset && width === 4) selected = value & CONFADD.mask.REGISTER;
      const data = at - CONFDATA;
      const changed = data >= 0 && data < 4 ? rewrite(selected + data, value) : value;
      if (changed !== null) port.out(at, changed, width);
    },
  });
}

/** Every write of one register of the legacy virtio header goes through `rewrite`. */
export function rewriteHeader(
  port: GuestPort,
  bdf: number,
  register: Register,
  rewrite: (value: number) => number | null,
): GuestPort {
  const target = headerAddress(port, bdf) + register.offset;
  return behind(port, {
    out: (at, value, width) => {
      const changed = at === target ? rewrite(value) : value;
      if (changed !== null) port.out(at, changed, width);
    },
  });
}

/** Every read of one register of the legacy virtio header is answered by `answer`, which may read the device. */
export function answerHeader(
  port: GuestPort,
  bdf: number,
  register: Register,
  answer: (ask: () => number) => number,
): GuestPort {
  const target = headerAddress(port, bdf) + register.offset;
  return behind(port, {
    in: (at, width) => (at === target ? answer(() => port.in(at, width)) : port.in(at, width)),
  });
}

/** One register of the legacy header reads as the value that was last written, if `trusts` accepts it. */
export function rememberHeader(
  port: GuestPort,
  bdf: number,
  register: Register,
  trusts: (written: number) => boolean,
): GuestPort {
  const memory = new Remembered(trusts);
  return answerHeader(rewriteHeader(port, bdf, register, memory.note), bdf, register, memory.answer);
}

/** The value last written to a register, which a driver trusts instead of reading the register. */
export class Remembered {
  private written: number | null = null;
  private readonly trusts: (written: number) => boolean;

  constructor(trusts: (written: number) => boolean) {
    this.trusts = trusts;
  }

  readonly note = (value: number): number => {
    this.written = value;
    return value;
  };

  readonly answer = (ask: () => number): number =>
    this.written !== null && this.trusts(this.written) ? this.written : ask();
}

/** Where the legacy header of the function at `bdf` begins. */
export function headerAddress(port: GuestPort, bdf: number): number {
  return barAddress(port, bdf, 0)?.address ?? 0;
}
