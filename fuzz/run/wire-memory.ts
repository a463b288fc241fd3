import type { Gpa, Width } from '../../src/core/bits.ts';
import type { DriverMemory } from '../../src/core/guest-port.ts';
import type { Endian } from '../../src/core/struct.ts';
import { checkAddress } from './driver-mistake.ts';
import { OP } from './op.ts';
import type { Run } from './run.ts';

/** Guest RAM whose accesses go through the wire. */
export class WireMemory implements DriverMemory {
  readonly endian: Endian;
  private readonly inner: DriverMemory;
  private readonly index: number;
  private readonly run: Run;

  constructor(inner: DriverMemory, index: number, run: Run) {
    this.inner = inner;
    this.endian = inner.endian ?? 'le';
    this.index = index;
    this.run = run;
  }

  load(address: Gpa, width: Width): number {
    checkAddress(address);
    this.run.begin(OP.load, address, 0, width);
    let value = 0;
    try {
      value = this.inner.load(address, width);
    } catch (error) {
      this.run.threw(error);
    }
    this.run.end();
    this.run.digest.add(value);
    return value;
  }

  store(address: Gpa, value: number, width: Width): void {
    checkAddress(address);
    this.run.write(['store', this.index, address, value, width]);
    this.run.begin(OP.store, address, value, width);
    try {
      this.inner.store(address, value, width);
    } catch (error) {
      this.run.threw(error);
    }
    this.run.end();
  }

  read(address: Gpa, into: Uint8Array): void {
    checkAddress(address);
    this.run.begin(OP.load, address, 0, 1);
    try {
      this.inner.read(address, into);
    } catch (error) {
      this.run.threw(error);
    }
    this.run.end();
    this.run.digest.bytes(into);
  }

  write(address: Gpa, from: Uint8Array): void {
    checkAddress(address);
    if (this.run.trace !== null)
      this.run.write(['bytes', this.index, address, Buffer.from(from).toString('hex')]);
    this.run.begin(OP.bytes, address, from.length, 1);
    try {
      this.inner.write(address, from);
    } catch (error) {
      this.run.threw(error);
    }
    this.run.end();
  }

  fill(address: Gpa, value: number, length: number): void {
    checkAddress(address);
    this.run.write(['fill', this.index, address, value, length]);
    this.run.begin(OP.fill, address, value, 1);
    try {
      this.inner.fill(address, value, length);
    } catch (error) {
      this.run.threw(error);
    }
    this.run.end();
  }

  fence(): void {
    this.inner.fence();
  }
}
