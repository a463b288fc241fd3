import type { BitSet } from '../../core/bit-set.ts';
import { PROTOCOL, tcp, udp } from '../../net/frame/headers.ts';
import { FrameLayout, findHeaders } from '../../net/frame/layout.ts';
import type { Packet } from './backlog.ts';
import {
  NET_FEATURE,
  NET_HDR_F,
  NET_HDR_GSO,
  NET_HDR_UDP_TUNNEL,
  virtio_net_hdr,
  virtio_net_hdr_whole,
} from './registers.ts';

const { GUEST_TSO4, GUEST_UDP_TUNNEL_GSO, GUEST_UDP_TUNNEL_GSO_CSUM } = NET_FEATURE;
const { NEEDS_CSUM, DATA_VALID } = NET_HDR_F;
const { NONE, TCPV4 } = NET_HDR_GSO;
const { CSUM, GSO_IPV4, GSO_IPV6 } = NET_HDR_UDP_TUNNEL;
/** VXLAN, and Geneve without options. */
const TUNNEL_HEADER = 8;
const MSS = 1000;
/** Offsets within a frame, and beyond any. */
const WILD_TUNNEL = { outer_th_offset: 3, inner_nh_offset: 0xfffe } as const;

/** Oddities: offsets without a tunnel type; bits of both types; types to be refused; an outer checksum without a tunnel. */
export const ODD_TUNNELS = ['tunnel_offsets', 'tunnel_both', 'tunnel_unsound', 'tunnel_csum'] as const;
type OddTunnel = (typeof ODD_TUNNELS)[number];

/** Faults to be refused, in turn: no NEEDS_CSUM, DATA_VALID, no segmentation. */
const UNSOUND = [{ flags: 0 }, { flags: NEEDS_CSUM | DATA_VALID }, { gso_type: NONE | GSO_IPV4 }] as const;

/**
 * The headers of received frames in a tunnel over UDP, with TCP over IPv4 and a partial checksum, for a driver that accepts
 * them: every first is correct, and every second must not be accepted by any driver.
 */
export class OddTunnels {
  private readonly fields: readonly OddTunnel[];
  private takes = false;
  private takesCsum = false;
  private readonly outer = new FrameLayout();
  private readonly inner = new FrameLayout();

  constructor(fields: readonly OddTunnel[]) {
    this.fields = fields;
  }

  get asked(): boolean {
    return this.fields.length > 0;
  }

  negotiated(accepted: BitSet): void {
    this.takes = accepted.has(GUEST_UDP_TUNNEL_GSO) && accepted.has(GUEST_TSO4);
    this.takesCsum = accepted.has(GUEST_UDP_TUNNEL_GSO_CSUM);
  }

  /** @returns whether something odd was filled in, the `which`th time. */
  fill({ frame, header }: Packet, odd: boolean, which: number): boolean {
    const [field] = this.fields;
    if (field === undefined || !this.takes) return false;
    if (field === 'tunnel_offsets') {
      if (odd) virtio_net_hdr_whole.encode(WILD_TUNNEL, header);
      return odd;
    }
    if (!this.isTunnel(frame) || (field === 'tunnel_csum' && !this.takesCsum)) return false;
    virtio_net_hdr_whole.encode(this.sound(), header);
    if (!odd) return false;
    if (field === 'tunnel_both')
      virtio_net_hdr_whole.encode({ gso_type: TCPV4 | GSO_IPV4 | GSO_IPV6 }, header);
    if (field === 'tunnel_unsound') virtio_net_hdr_whole.encode(UNSOUND[which % UNSOUND.length]!, header);
    if (field === 'tunnel_csum')
      virtio_net_hdr_whole.encode({ flags: NEEDS_CSUM | CSUM, gso_type: NONE, gso_size: 0 }, header);
    return true;
  }

  private isTunnel(frame: Uint8Array): boolean {
    const { outer, inner } = this;
    findHeaders(frame, outer);
    if (outer.transport === 0 || outer.protocol !== PROTOCOL.UDP) return false;
    findHeaders(frame.subarray(this.within), inner);
    return inner.transport !== 0 && inner.version === 4 && inner.protocol === PROTOCOL.TCP;
  }

  /** Start of the inner frame. */
  private get within(): number {
    return this.outer.upper + udp.size + TUNNEL_HEADER;
  }

  private sound() {
    const { outer, inner, within } = this;
    return {
      flags: NEEDS_CSUM,
      gso_type: TCPV4 | GSO_IPV4,
      hdr_len: within + inner.payload,
      gso_size: MSS,
      csum_start: within + inner.upper,
      csum_offset: tcp.offset.checksum,
      outer_th_offset: outer.upper,
      inner_nh_offset: within + inner.ip,
    };
  }
}

const at = virtio_net_hdr.offset;
/** A flag that no version of the standard defines. */
const SPARE_FLAG = 0x80;
/** Offsets within a frame, far after it, and beyond everything. */
const WILD = [2, 0x1000, 0xfffe] as const;
/** Too short for any header; too long for any frame. */
const LENGTHS = [0, 1, 0xffff] as const;

/** Oddities that a device may put into the header of a received frame, and that a driver must not use. */
const UNUSED = ['flags', 'checksum', 'hdr_len'] as const;
/** These, and oddities of tunnels that it must not use or must not accept. */
export const ODD_FIELDS = [...UNUSED, ...ODD_TUNNELS] as const;
export type OddField = (typeof ODD_FIELDS)[number];

/**
 * Fills header fields that no driver may use, in every second packet: an unknown flag, if flags may be set at all; the
 * checksum fields without a partial checksum; the header length of a large frame; for tunnels, see
 * `OddTunnels`.
 */
export class OddHeaders {
  /** Number of headers that were changed. */
  given = 0;
  /** GUEST_CSUM is on: otherwise flags are 0. */
  private flagged = false;
  private turn = 0;
  private readonly fields: readonly (typeof UNUSED)[number][];
  private readonly tunnels: OddTunnels;

  constructor(fields: readonly OddField[]) {
    this.fields = UNUSED.filter((field) => fields.includes(field));
    this.tunnels = new OddTunnels(ODD_TUNNELS.filter((field) => fields.includes(field)));
  }

  get asked(): boolean {
    return this.fields.length > 0 || this.tunnels.asked;
  }

  negotiated(accepted: BitSet): void {
    this.flagged = accepted.has(NET_FEATURE.GUEST_CSUM);
    this.tunnels.negotiated(accepted);
  }

  fill(packet: Packet, little: boolean): void {
    if (!this.asked) return;
    const odd = this.turn++ % 2 === 1;
    if (this.tunnels.fill(packet, odd, this.given)) this.given++;
    if (odd) this.fillUnused(packet, little);
  }

  private fillUnused({ header, gsoSize }: Packet, little: boolean): void {
    const which = this.given % WILD.length;
    const put = (offset: number, value: number) => {
      header[offset] = little ? value & 0xff : value >> 8;
      header[offset + 1] = little ? value >> 8 : value & 0xff;
    };
    for (const field of this.fields) {
      if (field === 'flags' ? !this.flagged : (field === 'hdr_len') !== gsoSize > 0) continue;
      this.given++;
      if (field === 'flags') header[at.flags]! |= SPARE_FLAG;
      if (field === 'hdr_len') put(at.hdr_len, LENGTHS[which]!);
      if (field !== 'checksum') continue;
      put(at.csum_start, WILD[which]!);
      put(at.csum_offset, WILD[(which + 1) % WILD.length]!);
    }
  }
}
