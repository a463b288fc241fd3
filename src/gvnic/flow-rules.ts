import { ipv4, ipv6, PROTOCOL } from '../net/frame/headers.ts';
import type { FrameLayout } from '../net/frame/layout.ts';
import type { Arrival } from './card.ts';
import { COMMAND_STATUS, FLOW_RULES_MOST, FLOW_TYPE, flow_key } from './registers/admin.ts';

const { PASSED, ALREADY_EXISTS, INVALID_ARGUMENT, NOT_FOUND } = COMMAND_STATUS;
const [SCTP, AH, ESP] = [132, 51, 50];
/** From a type of IPv4 to the same of IPv6. */
const SIX = FLOW_TYPE.TCPv6 - FLOW_TYPE.TCPv4;
const TYPES = 2 * SIX;
const at = flow_key.offset;
/** A key's bytes that have a meaning. */
const USED = at.tos + 1;
const [ADDRESS4, ADDRESS6, PORTS, SPI_OF_AH] = [4, 16, 4, 4];
/** No queue, and no type. */
const NONE = -1;

/** A rule: frames of one type, whose fields are those of the key where the mask has bits, are for one queue. */
interface FlowRule {
  /** Its place: a lower one comes first. */
  readonly location: number;
  readonly type: number;
  readonly queue: number;
  readonly key: Uint8Array;
  readonly mask: Uint8Array;
}

/** The driver's rules about which receive queue gets a packet, before its hash is looked at. */
export class FlowRules {
  private readonly rules: FlowRule[] = [];
  private readonly queues: number;
  /** The fields of the packet at hand, as a key has them. */
  private readonly fields = new Uint8Array(flow_key.size);

  /** @param queues that the card may have. */
  constructor(queues: number) {
    this.queues = queues;
  }

  /** In the order of their locations. */
  get all(): readonly FlowRule[] {
    return this.rules;
  }

  /** @returns a status. */
  add(rule: FlowRule): number {
    const { location, type, queue } = rule;
    if (location >= FLOW_RULES_MOST || type >= TYPES || queue >= this.queues) return INVALID_ARGUMENT;
    const behind = this.rules.findIndex((other) => other.location >= location);
    if (this.rules[behind]?.location === location) return ALREADY_EXISTS;
    this.rules.splice(behind < 0 ? this.rules.length : behind, 0, rule);
    return PASSED;
  }

  /** @returns a status. */
  remove(location: number): number {
    const place = this.rules.findIndex((rule) => rule.location === location);
    if (place < 0) return NOT_FOUND;
    this.rules.splice(place, 1);
    return PASSED;
  }

  reset(): void {
    this.rules.length = 0;
  }

  /** The queue of the first rule that the packet fits; negative for none. */
  queueOf({ frame, at: layout }: Arrival): number {
    const { rules } = this;
    if (rules.length === 0) return NONE;
    const type = this.look(frame, layout);
    if (type < 0) return NONE;
    for (let i = 0; i < rules.length; i++) {
      const rule = rules[i]!;
      if (rule.type === type && this.fits(rule)) return rule.queue;
    }
    return NONE;
  }

  private fits({ key, mask }: FlowRule): boolean {
    const { fields } = this;
    for (let i = 0; i < USED; i++) if (((fields[i]! ^ key[i]!) & mask[i]!) !== 0) return false;
    return true;
  }

  /** Takes the fields out of a packet. @returns its type; negative for none that rules have. */
  private look(frame: Uint8Array, layout: FrameLayout): number {
    const { version, ip, fragment } = layout;
    if (version === 0 || fragment) return NONE;
    const isSix = version === 6;
    // What is authenticated is a protocol here, and an extension header to those who look for what is in it.
    const isAh = frame[ip + (isSix ? ipv6.offset.next_header : ipv4.offset.protocol)] === AH;
    const upper = isSix && isAh ? ip + ipv6.size : layout.upper;
    const type = isAh ? FLOW_TYPE.AHv4 : typeOf(layout.protocol);
    const ports = upper + (isAh ? SPI_OF_AH : 0);
    if (type < 0 || upper === 0 || ports + PORTS > frame.length) return NONE;
    const size = isSix ? ADDRESS6 : ADDRESS4;
    const source = ip + (isSix ? ipv6.offset.source : ipv4.offset.source);
    this.take(frame, source, size, at.source);
    this.take(frame, source + size, size, at.destination);
    this.take(frame, ports, PORTS, at.source_port);
    this.fields[at.tos] = isSix ? ((frame[ip]! << 4) | (frame[ip + 1]! >> 4)) & 0xff : frame[ip + 1]!;
    return isSix ? type + SIX : type;
  }

  private take(frame: Uint8Array, from: number, count: number, to: number): void {
    const { fields } = this;
    for (let i = 0; i < count; i++) fields[to + i] = frame[from + i]!;
  }
}

function typeOf(protocol: number): number {
  switch (protocol) {
    case PROTOCOL.TCP:
      return FLOW_TYPE.TCPv4;
    case PROTOCOL.UDP:
      return FLOW_TYPE.UDPv4;
    case SCTP:
      return FLOW_TYPE.SCTPv4;
    case ESP:
      return FLOW_TYPE.ESPv4;
    default:
      return NONE;
  }
}
