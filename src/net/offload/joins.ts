/** What a guest takes joined: segments of TCP and datagrams of UDP, by version of IP, and fragments of one datagram of UDP. */
export interface Joins {
  readonly tcp4: boolean;
  readonly tcp6: boolean;
  readonly udp4: boolean;
  readonly udp6: boolean;
  readonly fragments: boolean;
  /** What of these goes through a tunnel over UDP, too; and where UDP around has a sum. */
  readonly tunnels: boolean;
  readonly tunnelSums: boolean;
  /** TCP of connections that tell of congestion (RFC 3168), too. */
  readonly ecn: boolean;
  /** Acknowledgments that say the same again, too: the first is handed on, with their number. */
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
