import type { Width } from '../../core/bits.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import type { V86Cpu, V86Port } from './emulator.ts';
import type { SharedMemory } from './memory.ts';
import type { WordReads } from './word-access.ts';

/**
 * Ports that v86 answers itself, first and last: those of its VGA. The 8259 pair and ELCR (20, 21, A0, A1, 4D0, 4D1)
 * and the APICs' pages never leave its WebAssembly.
 */
const VGA = { first: 0x3b0, last: 0x3df };
const PORTS = 0x1_0000;
const FOUR_GIB = 0x1_0000_0000;

/** Called before each access: brings time and memory up to date. */
type BeforeAccess = () => void;

/** What memory also needs: which bytes are halves of words, and that interrupts wait. */
interface MemoryBus {
  readonly before: BeforeAccess;
  readonly shared: SharedMemory;
  readonly words: WordReads;
}

/** A v86 port that our machine answers. */
class ForwardedPort implements V86Port {
  readonly device = this;
  private readonly port: number;
  private readonly guest: GuestPort;
  private readonly before: BeforeAccess;

  constructor(port: number, guest: GuestPort, before: BeforeAccess) {
    this.port = port;
    this.guest = guest;
    this.before = before;
  }

  read8(): number {
    return this.read(1);
  }

  read16(): number {
    return this.read(2);
  }

  read32(): number {
    return this.read(4) | 0;
  }

  write8(value: number): void {
    this.write(value, 1);
  }

  write16(value: number): void {
    this.write(value, 2);
  }

  write32(value: number): void {
    this.write(value >>> 0, 4);
  }

  private read(width: Width): number {
    this.before();
    return this.guest.in(this.port, width);
  }

  private write(value: number, width: Width): void {
    this.before();
    this.guest.out(this.port, value, width);
  }
}

/** Puts our machine behind every port of v86 except the VGA's. */
export function forwardPorts(cpu: V86Cpu, guest: GuestPort, before: BeforeAccess): void {
  for (let port = 0; port < PORTS; port++)
    if (port < VGA.first || port > VGA.last) cpu.io.ports[port] = new ForwardedPort(port, guest, before);
}

/** Puts our machine behind every memory address from `ram`, the size of RAM, up to 4 GiB. */
export function forwardMemory(cpu: V86Cpu, guest: GuestPort, ram: number, bus: MemoryBus): void {
  const { shared } = bus;
  const read = (address: number, width: Width) => {
    const wereOn = shared.holdInterrupts();
    try {
      bus.before();
      return guest.read(address, width);
    } finally {
      shared.takeInterrupts(wereOn);
    }
  };
  const write = (width: Width) => (address: number, value: number) => {
    const wereOn = shared.holdInterrupts();
    try {
      bus.before();
      guest.write(address >>> 0, value >>> 0, width);
    } finally {
      shared.takeInterrupts(wereOn);
    }
  };
  const bytewise = cpu.mmap_write16;
  const write16 = write(2);
  cpu.mmap_write16 = (address, value) =>
    address >>> 0 >= ram ? write16(address, value) : bytewise.call(cpu, address, value);
  cpu.io.mmap_register(
    ram,
    FOUR_GIB - ram,
    (address) => bus.words.read8(address >>> 0, read),
    write(1),
    (address) => read(address >>> 0, 4) | 0,
    write(4),
  );
}
