import { get16 } from '../frame/big-endian.ts';
import type { Ipv6 } from './address.ts';

const WORDS = 8;

/** As in RFC 5952: lower case, the longest run of two or more zeros left out, the first of equally long ones. */
export function ipv6Text(address: Ipv6): string {
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
