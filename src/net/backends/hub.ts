import { MisuseError } from '../../core/misuse.ts';
import type { NetBackend, NetPort } from './backend.ts';

/**
 * An Ethernet hub: a frame sent on one port goes to all others at once, in the order the ports were made. It
 * joins NICs of one machine, or of several that share a clock.
 *
 * @example
 * const hub = new Hub();
 * const clock = new Clock();
 * const left = gceN1({ clock, nics: [{ backend: hub.port('left') }] });
 * const right = gceN1({ clock, nics: [{ backend: hub.port('right') }] });
 *
 * A port whose NIC is not there loses what comes, as an unplugged cable does.
 */
export class Hub {
  private readonly ports: HubPort[] = [];

  /** A new port. @throws MisuseError if the name is taken: a port has one NIC. */
  port(name: string): NetBackend {
    if (typeof name !== 'string') throw new MisuseError('hub.port', name, 'a name');
    if (this.ports.some((port) => port.name === name))
      throw new MisuseError('hub.port', name, 'a name that no other port of this hub has');
    const port = new HubPort(name, this.ports);
    this.ports.push(port);
    return port;
  }
}

/** What was expected where `given` is no backend: of a hub a port is one. */
export function backendExpected(given: unknown, expected: string): string {
  return given instanceof Hub ? "a backend, but its ports are: use hub.port('a')" : expected;
}

class HubPort implements NetBackend {
  readonly name: string;
  private nic: NetPort | null = null;
  private readonly all: readonly HubPort[];

  constructor(name: string, all: readonly HubPort[]) {
    this.name = name;
    this.all = all;
  }

  attach(port: NetPort | null): void {
    this.nic = port;
  }

  send(frame: Uint8Array): void {
    for (const port of this.all) if (port !== this) port.nic?.receive(frame);
  }
}
