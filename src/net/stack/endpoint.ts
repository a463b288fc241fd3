import { type Ipv4, ipv4Text } from './address.ts';

/** One end of a conversation. */
export interface Endpoint {
  readonly address: Ipv4;
  readonly port: number;
}

/** The same as a user is told of it. */
export interface SocketAddress {
  /** As `10.128.0.2`. */
  readonly address: string;
  readonly port: number;
}

export function socketAddress({ address, port }: Endpoint): SocketAddress {
  return { address: ipv4Text(address), port };
}
