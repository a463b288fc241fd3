/** The watcher: none; the judge without the driver's memory; with all of it; the same without seeing stores. */
export const VARIANTS = ['off', 'on', 'stores', 'compared'] as const;
export type Variant = (typeof VARIANTS)[number];

/** The repeated work, and the two variants whose ratio counts. */
export interface JudgeCell {
  readonly name: string;
  readonly about: string;
  readonly watched: Variant;
  readonly than: Variant;
  readonly must: number | null;
  readonly aim: number;
}

export const JUDGE_CELLS: readonly JudgeCell[] = [
  {
    name: 'frame',
    about:
      'a kick, by the port, of one frame of 1500 bytes that lies in the ring, as far as `nic.sent`: no driver',
    watched: 'on',
    than: 'off',
    must: 1.3,
    aim: 1.15,
  },
  {
    name: 'frame, lost',
    about: 'the same where nobody keeps the frame: what the device does, and no byte more',
    watched: 'on',
    than: 'off',
    must: null,
    aim: 1.3,
  },
  {
    name: '32 frames, lost',
    about: 'the same, 32 frames at a kick; of one frame',
    watched: 'on',
    than: 'off',
    must: null,
    aim: 1.3,
  },
  {
    name: 'scsi read',
    about:
      'a kick, by the port, of one READ(10) of 4 KiB that lies in the ring, from a disk in memory: no driver',
    watched: 'on',
    than: 'off',
    must: 1.3,
    aim: 1.15,
  },
  {
    name: 'frame, held',
    about: 'as the first, and the device has it for 0.5 µs while the guest goes on',
    watched: 'compared',
    than: 'on',
    must: null,
    aim: 1.5,
  },
  {
    name: 'driver sends',
    about: 'the reference driver sends a frame of 60 bytes and gets its buffer back, polling',
    watched: 'stores',
    than: 'on',
    must: null,
    aim: 1.5,
  },
  {
    name: 'driver reads',
    about: 'the reference driver reads 4 KiB of a disk in memory, polling',
    watched: 'stores',
    than: 'on',
    must: null,
    aim: 1.5,
  },
  {
    name: 'nvme driver reads',
    about: 'the same of NVMe, eight times: a command and its completion each',
    watched: 'stores',
    than: 'off',
    must: null,
    aim: 1.5,
  },
];
