/** A path through a device from end to end, in guestrig and in lean C. */
export interface PathCell {
  readonly name: string;
  readonly about: string;
  /** Bytes transferred. */
  readonly bytes: number;
  /** Maximum multiple of C's time; null without a limit. */
  readonly must: number | null;
}

/** What takes the time where it is missed: nanoseconds of the one thing alone, and shares of a profile, all on a busy machine. */
export const CAUSES: readonly string[] = [
  '**4K**: the copy to or from the disk is a quarter of the profile, what looks at a request and takes it a fifth, walking its chain 5%. A write needs a view of its buffer, which is kept.',
  '**4K, file**: requests of a kick that go on where the one before ends take one call of Node, as they do here; in C each has its own. One by one, a read takes 1450 ns and a write 4240 ns on the machine where they take 597 and 829 so, and C 738 and 1142.',
  '**256K in pages, file**: all pages come by one call, and go to their places by 64 copies, which take 12,000 ns; one call for each page took 73,000 ns to read, and 238,000 to write. `fs.readvSync` takes as long, and makes a view of each page.',
  '**read 1M**: sixteen pages of the disk, each copied by one `set`, take what `memcpy` of 1 MiB takes, 50,000 ns; four requests take 1,000. What is beyond that comes and goes with what else the host copies.',
  '**driver reads 256K**: the driver gives back an array of its own. To make one of 256 KiB and fill it takes 53,000 ns, to fill one that is there 8,000: the host has to find new pages. Of 64 pages that it asks for it makes a view each, twice, at 60 ns.',
  '**frame in**: `set` of 1500 bytes from an array takes 40 ns, and is a quarter of the profile. As much is what a user may hand in being looked at.',
  '**frame out**: what takes and gives back a batch is a third of the profile, the loop over its frames another. Of each frame a view is handed on, which was made before.',
  '**gvnic out**: the copy, a call of WebAssembly, is a quarter of the profile, to look at a descriptor and complete it another, what takes frames a seventh. C needs fewer nanoseconds here than by the ring of virtio.',
  '**nvme read 4K**: the copy is 47% of the profile, to find its page and its blocks 15%, to fetch a command and answer it 14%, to look at it 10%. C needs 82 ns for the copy, and 10 for all else.',
  '**gvnic in**: the sum is a quarter of the profile, made where the frame was put. The hash is a tenth, what a user may hand in being looked at another, two rings and their checks a quarter.',
  '**join**: each frame is copied twice by `set`, at 40 to 54 ns, and summed by WebAssembly, which is half; its headers are compared by words, 50 ns, and its IP header is summed by pairs, 25.',
  '**sum 64**: all but 1 ns is what a sum costs before its first byte: the call, fields of the module, the call of WebAssembly.',
  '**uart byte**: two timers fall due at each byte (start bit, last stop bit), each with what the user may throw kept: with what they do half of the profile. Checks of two accesses, and finding who answers, are a quarter.',
];

/** 45 segments of 1448 bytes of TCP, and the headers. */
export const SEGMENTS = 45;
export const MSS = 1448;
const LARGE = SEGMENTS * MSS;
const KIB = 1024;

export const PATH_CELLS: readonly PathCell[] = [
  {
    name: 'read 4K',
    about: 'READ(10) of 8 blocks from memory, 32 a kick: ring, request, CDB, medium, response',
    bytes: 4 * KIB,
    must: 2,
  },
  { name: 'write 4K', about: 'WRITE(10), the same', bytes: 4 * KIB, must: 2 },
  {
    name: 'read 4K, file',
    about: 'READ(10) from a file; in C by pread',
    bytes: 4 * KIB,
    must: 1.3,
  },
  { name: 'write 4K, file', about: 'WRITE(10) to a file; in C by pwrite', bytes: 4 * KIB, must: 1.3 },
  {
    name: 'read 256K in pages, file',
    about: 'READ(10) of 256 KiB from a file to 64 pages that lie apart; in C by preadv',
    bytes: 256 * KIB,
    must: null,
  },
  {
    name: 'write 256K in pages, file',
    about: 'WRITE(10), the same; in C by pwritev',
    bytes: 256 * KIB,
    must: null,
  },
  {
    name: 'read 1M',
    about: 'four READ(10) of 256 KiB, through 16 MiB of a disk; in C memcpy of as much, and nothing else',
    bytes: KIB * KIB,
    must: 1.11,
  },
  {
    name: 'driver reads 256K',
    about: 'READ(10) of 256 KiB by the reference driver: driver, ring, disk, and its copy',
    bytes: 256 * KIB,
    must: null,
  },
  {
    name: 'nvme read 4K',
    about: 'an NVMe READ of 8 blocks from memory, 32 a doorbell: command, PRP, medium, completion',
    bytes: 4 * KIB,
    must: 2,
  },
  {
    name: 'frame out, 60',
    about: 'a frame of 60 bytes in two buffers, 256 a kick: ring, header, checks, what takes frames',
    bytes: 60,
    must: 1.8,
  },
  { name: 'frame out, 1500', about: 'the same of 1500 bytes', bytes: 1500, must: 1.8 },
  {
    name: 'frame in',
    about: 'a frame of 1500 bytes from the wire to the guest: filter, header, buffer, used ring',
    bytes: 1500,
    must: 1.8,
  },
  {
    name: 'frame in, plain',
    about: 'the same where RAM is no WebAssembly.Memory',
    bytes: 1500,
    must: null,
  },
  {
    name: 'gvnic out, 1500',
    about:
      'a frame of 1500 bytes by a DQO ring of a gVNIC, 256 a kick: descriptor, what takes frames, completion',
    bytes: 1500,
    must: 2,
  },
  {
    name: 'gvnic in',
    about: 'a frame of 1500 bytes from the wire into a DQO ring: headers, sums, hash, buffer, completion',
    bytes: 1500,
    must: 2,
  },
  {
    name: 'gvnic cut',
    about: `${LARGE} bytes of TCP by a DQO ring, in four descriptors, gathered and cut into ${SEGMENTS} frames`,
    bytes: LARGE,
    must: 2,
  },
  {
    name: 'cut',
    about: `${LARGE} bytes of TCP cut into ${SEGMENTS} frames, each with its sums`,
    bytes: LARGE,
    must: 1.5,
  },
  { name: 'cut, plain', about: 'the same without WebAssembly', bytes: LARGE, must: 5 },
  {
    name: 'join',
    about: `${SEGMENTS} frames, whose sums are looked at, joined to one`,
    bytes: LARGE,
    must: 3,
  },
  { name: 'sum 64', about: 'the Internet checksum of 64 bytes', bytes: 64, must: 4 },
  { name: 'sum 64, plain', about: 'the same without WebAssembly', bytes: 64, must: 4 },
  { name: 'sum 1500', about: 'the same of 1500 bytes', bytes: 1500, must: null },
  { name: 'sum 1500, plain', about: 'the same without WebAssembly', bytes: 1500, must: null },
  { name: 'sum 65536', about: 'the same of 65536 bytes', bytes: 65_536, must: null },
  {
    name: 'sum 65536, plain',
    about: 'the same without WebAssembly',
    bytes: 65_536,
    must: null,
  },
  {
    name: 'uart byte',
    about: 'a read of LSR and a write of THR, through the port space and virtual time',
    bytes: 1,
    must: 1.5,
  },
];
