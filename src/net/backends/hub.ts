import type { NetBackend } from './backend.ts';
import { SegmentPorts } from './segment-ports.ts';

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
 * A port without a NIC loses its frames, like an unplugged cable.
 */
export class Hub {
  private readonly ports: SegmentPorts = new SegmentPorts('hub', (frame, from) =>
    this.ports.flood(frame, from),
  );

  /** A new port. @throws MisuseError if the name is taken: a port has one NIC. */
  port(name: string): NetBackend {
    return this.ports.add(name);
  }
}
