import fc from 'fast-check';
import type { LargeFrame } from './large-frame-rig.ts';

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
