import { get16 } from '../../core/big-endian.ts';
import { type Address, type Ipv4, type Ipv6, ipv4Text } from './address.ts';

const WORDS = 8;

/** As in RFC 5952: lower case, the longest run of two or more zeros left out, the first of equally long ones. */
function ipv6Text(address: Ipv6): string {
  const words = Array.from({ length: WORDS }, (_, i) => get16(address, 2 * i).toString(16));
  let [best, length] = [0, 1];
  for (let from = 0; from < WORDS; from++) {
    let to = from;
    while (to < WORDS && words[to] === '0') to++;
    if (to - from > length) [best, length] = [from, to - from];
  }
  if (length < 2) return words.join(':');
  return `${words.slice(0, best).join(':')}::${words.slice(best + length).join(':')}`;
}

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
