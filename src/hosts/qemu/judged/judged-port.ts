import type { Gpa, Nanos, Width } from '../../../core/bits.ts';
import type { DriverMemory, GuestPort } from '../../../core/guest-port.ts';
import type { TraceEvent } from '../../log/qemu/trace-line.ts';
import type { QemuPort } from '../port.ts';
import type { Shadow } from './shadow.ts';
import type { TraceTail } from './trace-tail.ts';

/** A port onto QEMU that repeats each access to a register on a shadow, as QEMU's own trace reports it. */
export class JudgedPort implements GuestPort {
  readonly memory: DriverMemory;
  private readonly port: QemuPort;
  private readonly tail: TraceTail;
  private readonly shadow: Shadow;

  constructor(port: QemuPort, tail: TraceTail, shadow: Shadow) {
    this.port = port;
    this.tail = tail;
    this.shadow = shadow;
    this.memory = port.memory;
  }

  in(port: number, width: Width): number {
    this.tail.skip();
    const value = this.port.in(port, width);
    if (!this.isTold()) this.unknown.in(port, width);
    return value;
  }

  out(port: number, value: number, width: Width): void {
    this.tail.skip();
    this.port.out(port, value, width);
    if (!this.isTold()) this.unknown.out(port, value, width);
  }

  read(address: Gpa, width: Width): number {
    this.tail.skip();
    const value = this.port.read(address, width);
    if (!this.isTold() && address >= this.port.ramBytes) this.unknown.read(address, width);
    return value;
  }

  write(address: Gpa, value: number, width: Width): void {
    this.tail.skip();
    this.port.write(address, value, width);
    const told = this.shadow.take(this.tail.events().flatMap((event) => asWritten(event, value)));
    if (!told && address >= this.port.ramBytes) this.unknown.write(address, value, width);
  }

  allocate(bytes: number, align: number): Gpa {
    return this.port.allocate(bytes, align);
  }

  release(at: Gpa): void {
    this.port.release(at);
  }

  handle(vector: number, handler: () => void): void {
    this.port.handle(vector, handler);
  }

  mask(): void {
    this.port.mask();
  }

  unmask(): void {
    this.port.unmask();
  }

  now(): Nanos {
    return this.port.now();
  }

  wait(until: () => boolean, limit: Nanos): boolean {
    return this.port.wait(until, limit);
  }

  private isTold(): boolean {
    return this.shadow.take(this.tail.events());
  }

  /** QEMU's trace has no access that it refuses, nor those to the controllers that replace its own. */
  private get unknown(): GuestPort {
    return this.shadow.machine.port;
  }
}

/** The port writes other addresses to MSI-X tables than it was given, and searches for the tables beforehand. */
function asWritten(event: TraceEvent, value: number): TraceEvent[] {
  if (event.event === 'config') return [];
  if (event.event !== 'access') return [event];
  if (event.name.startsWith('pci-conf')) return [];
  return [event.name === 'msix-table' ? { ...event, value: value >>> 0 } : event];
}
