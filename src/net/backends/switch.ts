import type { Nanos } from '../../core/bits.ts';
import { checkMethods } from '../../core/checks.ts';
import type { Clock } from '../../core/clock.ts';
import { MisuseError } from '../../core/misuse.ts';
import { MAC_BYTES } from '../frame/headers.ts';
import type { NetBackend, NetPort } from './backend.ts';

/** An address is forgotten after this long without a frame from it (IEEE 802.1D-2004, table 7-5). */
const AGEING: Nanos = 300e9;
/** Limit of learned addresses: a guest that invents addresses must not fill the host's memory. */
const ADDRESSES_MOST = 8192;
/** 01-80-C2-00-00-00 to 0F without the last byte, which no bridge forwards (IEEE 802.1D-2004, table 7-10). */
const LINK_LOCAL = [0x01, 0x80, 0xc2, 0x00, 0x00] as const;
const GROUP = 0x01;
/** What a cable joins. */
const EXPECTED = 'a backend (send, attach)';

/** Where an address was last seen. */
interface Place {
  port: SegmentPort;
  at: Nanos;
}

/**
 * A learning switch (IEEE 802.1D): a frame goes to the port where its destination was seen, or to all others if it is
 * for a group or was not seen within 300 virtual seconds, and never back.
 *
 * @example
 * const lan = new Switch();
 * const clock = new Clock();
 * const left = gceN1({ clock, nics: [{ backend: lan.port('left') }] });
 * const right = gceN1({ clock, nics: [{ backend: lan.port('right') }] });
 * lan.portOf('42:01:0a:80:00:02');      // 'left', once that NIC has sent something
 */
export class Switch {
  private readonly ports = new SegmentPorts('switch', (frame, from) => this.forward(frame, from));
  private readonly seen = new Map<string, Place>();

  /** A new port. @throws MisuseError if the name is taken: a port has one NIC. */
  port(name: string): NetBackend {
    return this.ports.add(name);
  }

  /** The port where an address (six bytes, as `42:01:0a:80:00:02`) was last seen, if any. */
  portOf(mac: string): string | undefined {
    return this.seen.get(mac.toLowerCase())?.port.name;
  }

  private forward(frame: Uint8Array, from: SegmentPort): void {
    if (frame.length < 2 * MAC_BYTES || isLinkLocal(frame)) return;
    const now = from.nic?.clock.now ?? 0;
    this.learn(frame, from, now);
    const known = isGroup(frame, 0) ? undefined : this.seen.get(macAt(frame, 0));
    if (known === undefined || now - known.at > AGEING) this.ports.flood(frame, from);
    else if (known.port !== from) known.port.nic?.receive(frame);
  }

  private learn(frame: Uint8Array, from: SegmentPort, now: Nanos): void {
    if (isGroup(frame, MAC_BYTES)) return;
    const source = macAt(frame, MAC_BYTES);
    const place = this.seen.get(source);
    if (place !== undefined) {
      place.port = from;
      place.at = now;
    } else if (this.seen.size < ADDRESSES_MOST) this.seen.set(source, { port: from, at: now });
  }
}

function macAt(frame: Uint8Array, at: number): string {
  let text = '';
  for (let i = at; i < at + MAC_BYTES; i++)
    text += `${i > at ? ':' : ''}${frame[i]!.toString(16).padStart(2, '0')}`;
  return text;
}

function isGroup(frame: Uint8Array, at: number): boolean {
  return (frame[at]! & GROUP) !== 0;
}

function isLinkLocal(frame: Uint8Array): boolean {
  return LINK_LOCAL.every((byte, i) => frame[i] === byte) && frame[MAC_BYTES - 1]! <= 0x0f;
}

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

/** One port of a hub or a switch. A port without a NIC loses its frames, like an unplugged cable. */
class SegmentPort implements NetBackend {
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
class SegmentPorts {
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

/** What to expect in an error when `given` is no backend: for a hub or a switch, one of its ports. */
export function backendExpected(given: unknown, expected: string): string {
  const kind = given instanceof Hub ? 'hub' : given instanceof Switch ? 'lan' : undefined;
  return kind === undefined ? expected : `a backend, but its ports are: use ${kind}.port('a')`;
}

/**
 * A cable between two backends: each takes the place of the other's NIC. It joins a switch to a hub, or to another
 * program's wire.
 *
 * @example
 * const lan = new Switch();
 * const clock = new Clock();
 * join(lan.port('qemu'), await SocketWire.connect({ port: 4444 }), clock);
 * const machine = gceN1({ clock, nics: [{ backend: lan.port('ours') }] });
 *
 * @throws MisuseError for an invalid backend.
 */
export function join(left: NetBackend, right: NetBackend, clock: Clock): void {
  checkMethods('join.left', left, ['send', 'attach'], backendExpected(left, EXPECTED));
  checkMethods('join.right', right, ['send', 'attach'], backendExpected(right, EXPECTED));
  left.attach({ clock, receive: (frame) => right.send(frame) });
  right.attach({ clock, receive: (frame) => left.send(frame) });
}
