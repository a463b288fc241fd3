import { describe, expect, test } from 'vitest';
import { gceN1 } from './gce-n1.ts';
import type { Machine } from './machine.ts';
import type { MachineOptions } from './options.ts';
import { qemuPc } from './qemu-pc.ts';

/** Name, place and index of each base address, in the order of the slots. */
function placesOf({ functions }: Machine): [name: string, index: number, at: number | null][] {
  return functions.flatMap(({ name, bars }) =>
    bars.map(({ index, mapped }): [string, number, number | null] => [name, index, mapped]),
  );
}

test('the MP pointer lies where another build of the BIOS has it', () => {
  const { port } = gceN1({ firmware: { mpPointer: 0xf_2810 } });

  expect(port.read(0xf_2810, 4)).toBe(0x5f50_4d5f);
});

test.each<[MachineOptions['firmware'], (options: MachineOptions) => Machine]>([
  [{ mpPointer: 0xf_2811 }, gceN1],
  [{ mpPointer: 0xf_0ff0 }, gceN1],
  [{ mpPointer: 0xf_2810, kind: 'uefi' }, gceN1],
  [{ mpPointer: 0xf_2810 }, qemuPc],
])('an MP pointer that cannot be is refused: %o', (firmware, make) => {
  expect(() => make({ firmware })).toThrow('firmware.mpPointer');
});

describe('the firmware places base addresses', () => {
  test('as the firmware of 2024 did, with display and balloon', () => {
    const machine = gceN1({ vcpus: 2, firmware: { build: 2024 }, display: true, balloon: true, rng: true });

    expect(placesOf(machine)).toEqual([
      ['scsi0', 0, 0xc000],
      ['scsi0', 1, 0xfe80_0000],
      ['net0', 0, 0xc040],
      ['net0', 1, 0xfe80_1000],
      ['display0', 0, 0xfe00_0000],
      ['balloon0', 0, 0xc080],
      ['balloon0', 1, 0xfe80_2000],
      ['rng0', 0, 0xc0a0],
      ['rng0', 1, 0xfe80_3000],
    ]);
  });

  test('from September 2024 on, where the balloon has no MSI-X, with virtio-rng in its place', () => {
    const firmware = { build: 2024 } as const;
    const machine = gceN1({ firmware, firmwareDate: '09/13/2024', display: true, balloon: true, rng: true });

    expect(placesOf(machine).at(-1)).toEqual(['rng0', 1, 0xfe80_2000]);
  });

  // 128 pairs have 257 vectors, whose table and pending bits take 8 KiB; the largest comes first, on a multiple of it.
  test('the larger ones below the smaller ones, whatever their slots', () => {
    const machine = gceN1({ nics: [{ queues: 128 }] });

    expect(placesOf(machine)).toEqual([
      ['scsi0', 0, 0xc000],
      ['scsi0', 1, 0xfebf_e000],
      ['net0', 0, 0xc040],
      ['net0', 1, 0xfebf_c000],
    ]);
  });

  test.each([
    [false, 'bios', [0xfebf_8000, 0xfebf_d000]],
    [false, 'uefi', [0x8000_0000, 0x8000_5000]],
    [true, 'bios', [0x80_e000_0000, 0xfebf_f000]],
    [true, 'uefi', [0x80_e000_0000, 0x8000_1000]],
  ] as const)('of 64 bits above 4 GiB: %s, by a %s', (barsAbove4G, kind, places) => {
    const machine = gceN1({ firmware: { kind, barsAbove4G }, nvme: [{}], nics: [] });

    expect(machine.nvme[0]!.fn.bars.map(({ mapped }) => mapped)).toEqual(places);
  });

  test('and a display decodes memory and ports, as Linux found it', () => {
    const { functions } = gceN1({ display: true });
    const display = functions.find(({ name }) => name === 'display0')!;

    expect(display.readConfig(0x04, 2) & 0x3).toBe(0x3);
  });
});
