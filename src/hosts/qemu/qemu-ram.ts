import type { Gpa, Width } from '../../core/bits.ts';
import type { DriverMemory } from '../../core/guest-port.ts';
import { MisuseError } from '../../core/misuse.ts';
import { AllocatedRam } from '../../machine/ram-allocator.ts';
import type { QtestWire } from './qtest-wire.ts';

export const LETTER = { 1: 'b', 2: 'w', 4: 'l' } as const;
/** The most bytes of memory in one command. */
const CHUNK = 16_384;
/** Below 1 MiB a PC has more than RAM. */
const FIRST = 0x10_0000;
const PAGE = 4096;

/** QEMU's RAM for a driver, over the wire. */
export class QemuRam implements DriverMemory {
  private readonly wire: QtestWire;

  constructor(wire: QtestWire) {
    this.wire = wire;
  }

  load(address: Gpa, width: Width): number {
    return Number(this.wire.ask(`read${LETTER[width]} ${address}`));
  }

  store(address: Gpa, value: number, width: Width): void {
    this.wire.ask(`write${LETTER[width]} ${address} ${value >>> 0}`);
  }

  read(address: Gpa, into: Uint8Array): void {
    for (let at = 0; at < into.length; at += CHUNK) {
      const length = Math.min(CHUNK, into.length - at);
      into.set(Buffer.from(this.wire.ask(`b64read ${address + at} ${length}`), 'base64'), at);
    }
  }

  write(address: Gpa, from: Uint8Array): void {
    for (let at = 0; at < from.length; at += CHUNK) {
      const part = from.subarray(at, at + CHUNK);
      this.wire.ask(`b64write ${address + at} ${part.length} ${Buffer.from(part).toString('base64')}`);
    }
  }

  fill(address: Gpa, value: number, length: number): void {
    if (length > 0) this.wire.ask(`memset ${address} ${length} ${value & 0xff}`);
  }

  /** Each command is done before the next. */
  fence(): void {}
}

/** RAM for drivers: pages that are not otherwise used, with a free page before each, so that no two touch. */
export class QemuAllocator {
  private readonly ram: QemuRam;
  private readonly end: Gpa;
  private readonly allocated = new AllocatedRam();
  private next = FIRST;

  /** @param end the end of the RAM to use. */
  constructor(ram: QemuRam, end: Gpa) {
    this.ram = ram;
    this.end = end;
  }

  allocate(bytes: number, align: number): Gpa {
    const at = this.allocated.allocate(bytes, align, this.carve);
    this.ram.fill(at, 0, bytes);
    return at;
  }

  release(at: Gpa): void {
    this.allocated.release(at);
  }

  private readonly carve = (bytes: number, align: number): Gpa => {
    const at = Math.ceil((this.next + PAGE) / align) * align;
    this.next = Math.ceil((at + bytes) / PAGE) * PAGE;
    if (this.next > this.end)
      throw new MisuseError('memory', this.end, `large enough for ${bytes} more bytes of driver memory`);
    return at;
  };
}
