/** A work of a card's offloads, done by guestrig and by lean C. */
export interface OffloadCell {
  readonly name: string;
  readonly about: string;
  /** Bytes that a turn goes through. */
  readonly bytes: number;
  /** Times of C that it may take; null where nothing must hold. */
  readonly must: number | null;
}

/** 45 segments of 1448 bytes of TCP, and the headers. */
export const SEGMENTS = 45;
export const MSS = 1448;
const LARGE = SEGMENTS * MSS;

export const OFFLOAD_CELLS: readonly OffloadCell[] = [
  {
    name: 'cut',
    about: `${LARGE} bytes of TCP cut into ${SEGMENTS} frames, each with its sums`,
    bytes: LARGE,
    must: 5,
  },
  {
    name: 'cut, wasm',
    about: 'the same, where both lie in a WebAssembly.Memory',
    bytes: LARGE,
    must: 1.9,
  },
  {
    name: 'join',
    about: `${SEGMENTS} frames, whose sums are looked at, joined to one`,
    bytes: LARGE,
    must: null,
  },
  {
    name: 'receive',
    about: 'a frame of 1500 bytes from the wire to the guest: filter, header, buffer, used ring',
    bytes: 1500,
    must: 1.8,
  },
  { name: 'receive, wasm', about: 'the same into a WebAssembly.Memory', bytes: 1500, must: 1.8 },
  { name: 'sum 64', about: 'the Internet checksum of 64 bytes', bytes: 64, must: null },
  { name: 'sum 1500', about: 'the same of 1500 bytes', bytes: 1500, must: null },
  { name: 'sum 1500, wasm', about: 'the same in a WebAssembly.Memory', bytes: 1500, must: null },
  { name: 'sum 65536', about: 'the same of 65536 bytes', bytes: 65_536, must: null },
  { name: 'sum 65536, wasm', about: 'the same in a WebAssembly.Memory', bytes: 65_536, must: null },
];
