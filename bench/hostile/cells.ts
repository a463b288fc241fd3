/** An access of a malicious guest, or its consequences in virtual time. */
export interface HostileCell {
  readonly name: string;
  readonly about: string;
  /** Maximum milliseconds of the longest single access, or point of virtual time. */
  readonly must: number;
}

/** On the default machine, and with an option. */
const DEFAULT = 50;
const OPTION = 250;

export const HOSTILE_CELLS: readonly HostileCell[] = [
  {
    name: 'scsi tables',
    about: '8192 requests, each by an indirect table of 8192 buffers',
    must: DEFAULT,
  },
  { name: 'scsi one head', about: 'one chain of 8192 buffers, made available 8192 times', must: DEFAULT },
  {
    name: 'scsi pieces',
    about: '4096 reads of 256 KiB in 4096 pieces each, from a disk in a file',
    must: OPTION,
  },
  {
    name: 'scsi flushes',
    about: '8192 times SYNCHRONIZE CACHE, of a disk in a file',
    must: OPTION,
  },
  {
    name: 'scsi unmap',
    about: '2729 times UNMAP of the same 512 MiB of a disk in a file, of which one in 16 was written',
    must: OPTION,
  },
  { name: 'scsi queries', about: '8192 times QUERY TASK, of 8192 requests in flight', must: OPTION },
  { name: 'scsi aborts', about: '8192 times ABORT TASK, of 8192 requests in flight', must: OPTION },
  {
    name: 'scsi tags',
    about: '16,384 requests with one id, each to another unit, of which none is there, in flight',
    must: OPTION,
  },
  {
    name: 'net frames',
    about:
      '256 frames of 64 KiB, to be cut to 1448 bytes: what a driver may do, a little more than fits into a kick',
    must: DEFAULT,
  },
  {
    name: 'net segments',
    about: '4096 frames of 64 KiB, each to be cut to segments of eight bytes',
    must: DEFAULT,
  },
  { name: 'net pieces', about: '4096 frames in 4096 pieces each', must: DEFAULT },
  {
    name: 'net receives',
    about: 'a frame of 1500 bytes comes; each of 4096 buffers has 4095 pieces to read and a byte to write',
    must: OPTION,
  },
  { name: 'net control', about: '4096 commands in 4096 pieces each', must: DEFAULT },
  { name: 'big-endian', about: 'an indirect table as long as RAM, of a big-endian guest', must: OPTION },
  {
    name: 'spoil',
    about: '8192 requests of 4096 buffers to read and 4096 to write, with spoil',
    must: OPTION,
  },
  { name: 'in order', about: '8192 requests, each by a table of 8192 buffers, with IN_ORDER', must: OPTION },
  { name: 'in order late', about: '8192 requests that are published together, with IN_ORDER', must: OPTION },
  { name: 'balloon', about: 'all pages of 3 GiB are given in one request', must: OPTION },
  { name: 'balloon again', about: '256 requests, each of all pages of RAM', must: OPTION },
  { name: 'rng', about: '256 requests for 64 bytes', must: OPTION },
  { name: 'rng pages', about: '256 requests for 4096 bytes', must: OPTION },
];
