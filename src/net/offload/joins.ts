/** What a guest accepts joined: TCP segments and UDP datagrams, by IP version, and fragments of a UDP datagram. */
export interface Joins {
  readonly tcp4: boolean;
  readonly tcp6: boolean;
  readonly udp4: boolean;
  readonly udp6: boolean;
  readonly fragments: boolean;
  /** The same in tunnels over UDP; and with a checksum in outer UDP. */
  readonly tunnels: boolean;
  readonly tunnelSums: boolean;
  /** Also TCP connections that signal congestion (RFC 3168). */
  readonly ecn: boolean;
  /** Also duplicate acknowledgments: the first is delivered, with their number. */
  readonly acks: boolean;
}

export const NO_JOINS: Joins = {
  tcp4: false,
  tcp6: false,
  udp4: false,
  udp6: false,
  fragments: false,
  tunnels: false,
  tunnelSums: false,
  ecn: false,
  acks: false,
};
