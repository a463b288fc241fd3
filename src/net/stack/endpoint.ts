import { type Address, type Ipv4, ipv4Text } from './address.ts';
import { ipv6Text } from './address6.ts';

/** One end of a connection. */
export interface Endpoint<A extends Address = Ipv4> {
  readonly address: A;
  readonly port: number;
}

/** The same in the form that users get. */
export interface SocketAddress {
  /** Such as `10.128.0.2`, or `fd20::a80:2`. */
  readonly address: string;
  readonly port: number;
}

export function socketAddress({ address, port }: Endpoint<Address>): SocketAddress {
  return { address: typeof address === 'number' ? ipv4Text(address) : ipv6Text(address), port };
}
