import type { RamDecode } from '../chipset/i440fx.ts';
import type { Gpa, Nanos, Width } from '../core/bits.ts';
import { type Clock, TIME_END } from '../core/clock.ts';
import type { GuestPort } from '../core/guest-port.ts';
import type { GuestMemory } from '../core/memory.ts';
import { MisuseError } from '../core/misuse.ts';
import type { MmioSpace } from '../core/mmio-space.ts';
import type { PortSpace } from '../core/port-space.ts';
import type { Endian } from '../core/struct.ts';
import type { Cpu } from './cpu.ts';
import { EndlessWait } from './endless-wait.ts';
import { RamAccess } from './ram-access.ts';
import type { RamAllocator } from './ram-allocator.ts';

/** Beyond, the host bridge gives every access to RAM where there is some. */
const MEGABYTE = 0x10_0000;

/** What a port needs of its machine. */
interface PortParts {
  readonly ports: PortSpace;
  readonly mmio: MmioSpace;
  readonly ram: GuestMemory;
  readonly decode: RamDecode;
  readonly clock: Clock;
  readonly cpu: Cpu;
  readonly allocator: RamAllocator;
  /** Virtual time that each access costs. */
  readonly accessTime: Nanos;
  /** The guest's byte order. */
  readonly endian: Endian;
  /** Carries out what a write asked for and could not do in its middle: a reset of the machine. */
  settle(): void;
}

/** A guest's way into one of our machines. Every access moves virtual time on. */
export class MachinePort implements GuestPort {
  readonly memory: RamAccess;
  private readonly parts: PortParts;

  constructor(parts: PortParts) {
    this.parts = parts;
    this.memory = new RamAccess(parts.ram, parts.endian);
  }

  in(port: number, width: Width): number {
    const { clock, ports, accessTime } = this.parts;
    clock.advance(accessTime);
    return ports.read(checkPort(port, width), width);
  }

  out(port: number, value: number, width: Width): void {
    const { clock, ports, accessTime } = this.parts;
    clock.advance(accessTime);
    ports.write(checkPort(port, width), value, width);
    this.parts.settle();
  }

  read(address: Gpa, width: Width): number {
    const { clock, mmio, decode, accessTime } = this.parts;
    clock.advance(accessTime);
    return this.isRam(address, width) && (address >= MEGABYTE || decode.readsRam(address, width))
      ? this.memory.load(address, width)
      : mmio.read(checkAddress(address), width);
  }

  write(address: Gpa, value: number, width: Width): void {
    const { clock, mmio, decode, accessTime } = this.parts;
    clock.advance(accessTime);
    if (this.isRam(address, width) && (address >= MEGABYTE || decode.writesRam(address, width)))
      this.memory.store(address, value, width);
    else mmio.write(checkAddress(address), value, width);
  }

  allocate(bytes: number, align: number): Gpa {
    const at = this.parts.allocator.allocate(bytes, align);
    // The allocator zeroed it: who watches takes that for the driver's doing, whose memory it now is.
    this.memory.tap?.filling(at, 0, bytes);
    return at;
  }

  release(at: Gpa): void {
    this.parts.allocator.release(at);
  }

  handle(vector: number, handler: () => void): void {
    this.parts.cpu.handle(vector, handler);
  }

  mask(): void {
    this.parts.cpu.mask();
  }

  unmask(): void {
    this.parts.cpu.unmask();
  }

  now(): Nanos {
    return this.parts.clock.now;
  }

  wait(until: () => boolean, limit: Nanos): boolean {
    const { clock, cpu } = this.parts;
    if (!(limit >= 0)) throw new MisuseError('wait.limit', limit, 'a number of nanoseconds from 0');
    const end = clock.now + Math.ceil(limit);
    const endless = end > TIME_END ? new EndlessWait(clock) : null;
    for (;;) {
      const interrupted = cpu.takeInterrupts(end);
      if (until()) return true;
      if (clock.now >= end || endless?.isInVain(interrupted)) return false;
      clock.step(end);
    }
  }

  private isRam(address: Gpa, width: Width): boolean {
    return this.parts.ram.find(address, width) !== null;
  }
}

function checkPort(port: number, width: Width): number {
  if (width !== 1 && width !== 2 && width !== 4) throw new MisuseError('width', width, '1, 2 or 4 bytes');
  if (Number.isInteger(port) && port >= 0 && port <= 0xffff) return port;
  throw new MisuseError('port', port, 'a port, 0 to 65535');
}

function checkAddress(address: Gpa): number {
  if (Number.isSafeInteger(address) && address >= 0) return address;
  throw new MisuseError('address', address, 'a guest physical address');
}
