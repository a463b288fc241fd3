import { MisuseError } from '../../core/misuse.ts';
import type { NetBackend, NetPort } from './backend.ts';

/** One port of a hub or a switch. A port without a NIC loses its frames, like an unplugged cable. */
export class SegmentPort implements NetBackend {
  readonly name: string;
  nic: NetPort | null = null;
  private readonly forward: (frame: Uint8Array, from: SegmentPort) => void;

  constructor(name: string, forward: SegmentPort['forward']) {
    this.name = name;
    this.forward = forward;
  }

  attach(nic: NetPort | null): void {
    this.nic = nic;
  }

  send(frame: Uint8Array): void {
    this.forward(frame, this);
  }
}

/** The ports of a hub or a switch, in the order they were made. `kind` names it in errors. */
export class SegmentPorts {
  readonly all: SegmentPort[] = [];
  private readonly kind: string;
  private readonly forward: SegmentPort['forward'];

  constructor(kind: string, forward: SegmentPort['forward']) {
    this.kind = kind;
    this.forward = forward;
  }

  /** A new port. @throws MisuseError if the name is taken: a port has one NIC. */
  add(name: string): NetBackend {
    if (typeof name !== 'string') throw new MisuseError(`${this.kind}.port`, name, 'a name');
    if (this.all.some((port) => port.name === name))
      throw new MisuseError(`${this.kind}.port`, name, `a name that no other port of this ${this.kind} has`);
    const port = new SegmentPort(name, this.forward);
    this.all.push(port);
    return port;
  }

  flood(frame: Uint8Array, from: SegmentPort): void {
    for (const port of this.all) if (port !== from) port.nic?.receive(frame);
  }
}
