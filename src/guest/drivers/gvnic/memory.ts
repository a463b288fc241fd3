import type { Gpa } from '../../../core/bits.ts';
import type { GuestPort } from '../../../core/guest-port.ts';

/** Memory that is the device's until it is reset; freed together. */
export class LentMemory {
  readonly port: GuestPort;
  private readonly all: Gpa[] = [];

  constructor(port: GuestPort) {
    this.port = port;
  }

  allocate(bytes: number, align: number): Gpa {
    const at = this.port.allocate(bytes, align);
    this.all.push(at);
    return at;
  }

  release(): void {
    for (const at of this.all.splice(0)) this.port.release(at);
  }
}
