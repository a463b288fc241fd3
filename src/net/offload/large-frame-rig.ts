import fc from 'fast-check';

/** Description of a large frame: tests of offloads make frames from it, and compute what these must become. */
export interface LargeFrame {
  /** Types of VLAN tags. */
  readonly tags: readonly number[];
  readonly version: 4 | 6;
  /** IPv4 options, each complete. */
  readonly options: readonly (readonly number[])[];
  /** Extension headers of IPv6: type, and the bytes after the next-header field. */
  readonly extensions: readonly { readonly kind: number; readonly rest: readonly number[] }[];
  readonly identification: number;
  readonly protocol: 'tcp' | 'udp';
  /** Bytes of TCP options, a multiple of four. */
  readonly tcpOptions: readonly number[];
  readonly sequence: number;
  readonly flags: number;
  readonly payload: Uint8Array;
}

/** TCP over IPv4 without any option, an ACK with 20,000 bytes; a test says what of it is different. */
export const largeFrame = (made: Partial<LargeFrame> = {}): LargeFrame => ({
  ...{ tags: [], version: 4, options: [], extensions: [], identification: 9 },
  ...{ protocol: 'tcp', tcpOptions: [], sequence: 1, flags: 0x10 },
  payload: Uint8Array.from({ length: 20_000 }, (_, i) => i * 7),
  ...made,
});

const MACS = [0x42, 1, 0x0a, 0x80, 0, 1, 0x42, 1, 0x0a, 0x80, 0, 2];
const FROM4 = [10, 128, 0, 2];
const TO4 = [10, 128, 0, 1];
const six = (last: number) => [0xfd, ...new Array<number>(14).fill(0), last];
const PORTS = [0xc0, 0, 0, 80];
const [TCP, UDP] = [6, 17];
const [PSH_FIN, CWR] = [0x09, 0x80];
const [DF, MF] = [0x4000, 0x2000];

const half = (value: number) => [(value >> 8) & 0xff, value & 0xff];
const word = (value: number) => [...half(value >>> 16), ...half(value)];

/** RFC 1071: all words as one number in base 65536, and carries added back take it mod 65535. */
function onesSum(bytes: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i++) sum = (sum + bytes[i]! * (i % 2 === 0 ? 256 : 1)) % 65535;
  return sum;
}
/** The complement; a sum of ffff stays ffff, since none of ours is over zeros alone. */
const checksum = (bytes: readonly number[]) => 65535 - (onesSum(bytes) || 65535);

/** The final destination: RFC 791's source routes, RFC 8200's and RFC 8754's routing headers. */
function finalDestination({ version, options, extensions }: LargeFrame): readonly number[] {
  if (version === 4) {
    const route = options.find(
      ([type, length, pointer]) => (type === 131 || type === 137) && pointer! <= length!,
    );
    return route?.slice(-4) ?? TO4;
  }
  const route = extensions.find(({ kind, rest }) => kind === 43 && rest[2] !== 0);
  if (route === undefined) return six(1);
  return route.rest[1] === 4 ? route.rest.slice(7, 23) : route.rest.slice(-16);
}

function pseudo(large: LargeFrame, length: number): number[] {
  const from = large.version === 4 ? FROM4 : six(2);
  return [...from, ...finalDestination(large), 0, large.protocol === 'tcp' ? TCP : UDP, ...word(length)];
}

/** TCP or UDP with its payload; its checksum is complete, or that of the pseudo-header. */
function upperOf(large: LargeFrame, sum: 'complete' | 'partial'): number[] {
  const { protocol, tcpOptions, sequence, flags, payload } = large;
  const length = payload.length + (protocol === 'tcp' ? 20 + tcpOptions.length : 8);
  const before =
    protocol === 'tcp'
      ? [...PORTS, ...word(sequence), 0, 0, 0, 1, (5 + tcpOptions.length / 4) << 4, flags, 0x10, 0]
      : [...PORTS, ...half(length)];
  const after = protocol === 'tcp' ? [0, 0, ...tcpOptions, ...payload] : [...payload];
  const head = pseudo(large, length);
  const whole = checksum([...head, ...before, 0, 0, ...after]);
  const field = sum === 'partial' ? onesSum(head) : whole === 0 && protocol === 'udp' ? 0xffff : whole;
  return [...before, ...half(field), ...after];
}

function linkOf({ tags, version }: LargeFrame): number[] {
  const type = version === 4 ? 0x0800 : 0x86dd;
  return [...MACS, ...tags.flatMap((tpid, i) => [...half(tpid), ...half(5 + i)]), ...half(type)];
}

function ip4(large: LargeFrame, fragment: number, carried: readonly number[], copied = false): number[] {
  const options = large.options.filter(([type]) => !copied || type! >= 128).flat();
  while (options.length % 4 !== 0) options.push(0);
  const ihl = 5 + options.length / 4;
  const protocol = large.protocol === 'tcp' ? TCP : UDP;
  const before = [0x40 | ihl, 0, ...half(ihl * 4 + carried.length), ...half(large.identification)];
  const first = [...before, ...half(fragment), 64, protocol];
  const addresses = [...FROM4, ...TO4, ...options];
  return [...first, ...half(checksum([...first, 0, 0, ...addresses])), ...addresses, ...carried];
}

/** @param extensions each names the next; the last names `carries`. */
function ip6(extensions: LargeFrame['extensions'], carries: number, carried: readonly number[]): number[] {
  const kinds = [...extensions.map(({ kind }) => kind), carries];
  const headers = extensions.flatMap(({ rest }, i) => [kinds[i + 1]!, ...rest]);
  const length = headers.length + carried.length;
  return [0x60, 0, 0, 0, ...half(length), kinds[0]!, 64, ...six(2), ...six(1), ...headers, ...carried];
}

/** The frame as bytes. */
export function frameOf(large: LargeFrame, sum: 'complete' | 'partial'): Uint8Array {
  const upper = upperOf(large, sum);
  const protocol = large.protocol === 'tcp' ? TCP : UDP;
  const ip = large.version === 4 ? ip4(large, DF, upper) : ip6(large.extensions, protocol, upper);
  return Uint8Array.from([...linkOf(large), ...ip]);
}

/** The segments that RFC 9293, RFC 768, RFC 3168 and RFC 6864 require for pieces of `size` bytes. */
export function segmentsOf(large: LargeFrame, size: number): Uint8Array[] {
  const count = Math.max(1, Math.ceil(large.payload.length / size));
  return Array.from({ length: count }, (_, i) =>
    frameOf(
      {
        ...large,
        identification: (large.identification + i) & 0xffff,
        sequence: (large.sequence + i * size) >>> 0,
        flags: large.flags & ~(i < count - 1 ? PSH_FIN : 0) & ~(i > 0 ? CWR : 0),
        payload: large.payload.subarray(i * size, (i + 1) * size),
      },
      'complete',
    ),
  );
}

/** The fragments that RFC 791 and RFC 8200 require for `size` bytes; `id` is that of IPv6. */
export function fragmentsOf(large: LargeFrame, size: number, id: number): Uint8Array[] {
  const { extensions, version } = large;
  const upper = upperOf(large, 'complete');
  // RFC 8200: every fragment has all up to the last hop-by-hop or routing header; the rest is payload.
  const split = extensions.findLastIndex(({ kind }) => kind === 0 || kind === 43) + 1;
  const behind = extensions.slice(split);
  const kinds = [...behind.map(({ kind }) => kind), UDP];
  const carried = [
    ...(version === 4 ? [] : behind.flatMap(({ rest }, i) => [kinds[i + 1]!, ...rest])),
    ...upper,
  ];
  if (carried.length <= size) return [frameOf(large, 'complete')];
  const piece = size - (size % 8);
  return Array.from({ length: Math.ceil(carried.length / piece) }, (_, i) => {
    const part = carried.slice(i * piece, (i + 1) * piece);
    const more = (i + 1) * piece < carried.length;
    const field = [0, ...half(i * piece + (more ? 1 : 0)), ...word(id)];
    const ip =
      version === 4
        ? ip4(large, (more ? MF : 0) + (i * piece) / 8, part, i > 0)
        : ip6([...extensions.slice(0, split), { kind: 44, rest: field }], kinds[0]!, part);
    return Uint8Array.from([...linkOf(large), ...ip]);
  });
}

/** Copied to every fragment: router alert, security. Only in the first: record route, timestamp. Last: a strict route. */
const OPTIONS = [
  [148, 4, 0, 0],
  [130, 11, 0, 0, 0, 0, 0, 0, 0, 0, 0],
  [7, 7, 4, 0, 0, 0, 0],
  [68, 8, 5, 0, 0, 0, 0, 0],
  [1],
  [137, 7, 4, 10, 128, 0, 9],
];
const padded = (units: number, ...start: number[]) => [
  ...start,
  ...new Array<number>(units * 8 - 1 - start.length).fill(0),
];
const address = (last: number) => [0xfd, 1, ...new Array<number>(13).fill(0), last];
/** In the order of RFC 8200, section 4.1. */
const HOP_BY_HOP = [
  { kind: 0, rest: padded(1, 0, 1, 4) },
  { kind: 0, rest: padded(2, 1, 1, 12) },
];
const ROUTING = [
  { kind: 43, rest: [4, 0, 1, 0, 0, 0, 0, ...address(7), ...address(9)] },
  { kind: 43, rest: [2, 2, 1, 0, 0, 0, 0, ...address(9)] },
  { kind: 43, rest: [4, 4, 1, 1, 0, 0, 0, ...address(9), ...address(8)] },
  { kind: 43, rest: [2, 0, 0, 0, 0, 0, 0, ...address(9)] },
];
const DESTINATION = [{ kind: 60, rest: padded(1, 0, 1, 4) }];
const upTo = <T>(list: readonly T[]) => fc.array(fc.constantFrom(...list), { maxLength: 1 });

const extensions = fc
  .tuple(upTo(HOP_BY_HOP), upTo(DESTINATION), upTo(ROUTING), upTo(DESTINATION))
  .map(([hop, before, route, after]) => [...hop, ...(route.length > 0 ? before : []), ...route, ...after]);

/** A random large frame that a driver may send. */
export function anyLargeFrame(payloadMost: number): fc.Arbitrary<LargeFrame> {
  return fc.record({
    tags: fc.constantFrom([], [], [0x8100], [0x88a8, 0x8100], [0x8100, 0x8100]),
    version: fc.constantFrom(4 as const, 6 as const),
    options: fc.subarray(OPTIONS),
    extensions,
    identification: fc.integer({ min: 0, max: 0xffff }),
    protocol: fc.constantFrom('tcp' as const, 'udp' as const),
    tcpOptions: fc.constantFrom(
      [],
      [1, 1, 1, 1],
      [1, 1, 8, 10, 0x11, 0x11, 0x11, 0x11, 0x22, 0x22, 0x22, 0x22],
    ),
    sequence: fc.integer({ min: 0, max: 0xffff_ffff }),
    flags: fc.integer({ min: 0, max: 0xff }).map((flags) => (flags | 0x10) & ~0x26),
    payload: fc.uint8Array({ minLength: 1, maxLength: payloadMost }),
  });
}
