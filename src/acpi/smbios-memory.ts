import { FOUR_GIB } from '../core/memory.ts';
import { struct } from '../core/struct.ts';
import type { TablesConfig } from './config.ts';
import { structure } from './smbios.ts';

/** The machine's RAM in SMBIOS 2.4 (DSP0134, 3.3.17, 18, 20 and 21). */
export const MEMORY_ARRAY = struct('Physical Memory Array', 'le', {
  Location: 'u8',
  Use: 'u8',
  Memory_Error_Correction: 'u8',
  Maximum_Capacity: 'u32',
  Memory_Error_Information_Handle: 'u16',
  Number_of_Memory_Devices: 'u16',
});

export const MEMORY_DEVICE = struct('Memory Device', 'le', {
  Memory_Array_Handle: 'u16',
  Memory_Error_Information_Handle: 'u16',
  Total_Width: 'u16',
  Data_Width: 'u16',
  Size: 'u16',
  Form_Factor: 'u8',
  Device_Set: 'u8',
  Device_Locator: 'u8',
  Bank_Locator: 'u8',
  Memory_Type: 'u8',
  Type_Detail: 'u16',
});

export const ARRAY_ADDRESS = struct('Memory Array Mapped Address', 'le', {
  Starting_Address: 'u32',
  Ending_Address: 'u32',
  Memory_Array_Handle: 'u16',
  Partition_Width: 'u8',
});

export const DEVICE_ADDRESS = struct('Memory Device Mapped Address', 'le', {
  Starting_Address: 'u32',
  Ending_Address: 'u32',
  Memory_Device_Handle: 'u16',
  Memory_Array_Mapped_Address_Handle: 'u16',
  Partition_Row_Position: 'u8',
  Interleave_Position: 'u8',
  Interleaved_Data_Depth: 'u8',
});

/** A range of addresses from `start` on. */
interface Range {
  readonly start: number;
  readonly size: number;
}

const [ARRAY, DEVICE, ARRAY_RANGE, DEVICE_RANGE] = [0x0200, 0x7000, 0x0300, 0x4000];
const KIB = 1024;
const MIB = 1 << 20;
/** SeaBIOS describes RAM as devices of this size, the last of the remainder. */
const DEVICE_SIZE = 16 * 1024 * MIB;
const OTHER = 1;
const SYSTEM_MEMORY = 3;
const MULTI_BIT_ECC = 6;
const NO_HANDLE = 0xfffe;
const WIDTH = 64;
const DIMM = 9;
const RAM = 7;
const SYNCHRONOUS = 1 << 7;
/** The value for a capacity that does not fit its field. */
const CAPACITY_MAX = 0x8000_0000;
const ADDRESS_MAX = 0xffff_ffff;

/** Bytes of a second range, which the BIOS reserves even without RAM above 4 GiB. */
export const SECOND_RANGE =
  structure(ARRAY_ADDRESS, 19, 0, {}).length + structure(DEVICE_ADDRESS, 20, 0, {}).length;

/** The array, its devices, the ranges of RAM, and the mapping of ranges to devices. */
export function memoryStructures({ below4G, above4G }: TablesConfig['ram']): Uint8Array[] {
  const total = below4G + above4G;
  const sizes = Array.from({ length: Math.ceil(total / DEVICE_SIZE) }, (_, i) =>
    Math.min(DEVICE_SIZE, total - i * DEVICE_SIZE),
  );
  const ranges = [
    { start: 0, size: below4G },
    { start: FOUR_GIB, size: above4G },
  ].filter(({ size }) => size > 0);
  return [
    structure(MEMORY_ARRAY, 16, ARRAY, {
      Location: OTHER,
      Use: SYSTEM_MEMORY,
      Memory_Error_Correction: MULTI_BIT_ECC,
      Maximum_Capacity: Math.min(total / KIB, CAPACITY_MAX),
      Memory_Error_Information_Handle: NO_HANDLE,
      Number_of_Memory_Devices: sizes.length,
    }),
    ...sizes.map(memoryDevice),
    ...ranges.map(arrayAddress),
    ...mapped(ranges, sizes).map(deviceAddress),
  ];
}

function memoryDevice(size: number, index: number): Uint8Array {
  return structure(MEMORY_DEVICE, 17, DEVICE + index, {
    Memory_Array_Handle: ARRAY,
    Memory_Error_Information_Handle: NO_HANDLE,
    Total_Width: WIDTH,
    Data_Width: WIDTH,
    Size: size / MIB,
    Form_Factor: DIMM,
    Device_Locator: `DIMM ${index}`,
    Memory_Type: RAM,
    Type_Detail: SYNCHRONOUS,
  });
}

function arrayAddress(range: Range, index: number): Uint8Array {
  return structure(ARRAY_ADDRESS, 19, ARRAY_RANGE + index, {
    ...addresses(range),
    Memory_Array_Handle: ARRAY,
    Partition_Width: 1,
  });
}

function deviceAddress(part: Mapped, index: number): Uint8Array {
  return structure(DEVICE_ADDRESS, 20, DEVICE_RANGE + index, {
    ...addresses(part),
    Memory_Device_Handle: DEVICE + part.device,
    Memory_Array_Mapped_Address_Handle: ARRAY_RANGE + part.range,
    Partition_Row_Position: 1,
  });
}

/** In KiB, the last one inclusive. */
function addresses({ start, size }: Range): { Starting_Address: number; Ending_Address: number } {
  const [first, last] = [start / KIB, (start + size) / KIB - 1];
  return { Starting_Address: Math.min(first, ADDRESS_MAX), Ending_Address: Math.min(last, ADDRESS_MAX) };
}

interface Mapped extends Range {
  readonly device: number;
  readonly range: number;
}

/** Ranges split where a device ends. */
function mapped(ranges: readonly Range[], sizes: readonly number[]): Mapped[] {
  const parts: Mapped[] = [];
  let device = 0;
  let left = sizes[0]!;
  for (const [range, { start, size }] of ranges.entries())
    for (let done = 0; done < size; ) {
      if (left === 0) left = sizes[++device]!;
      const part = Math.min(left, size - done);
      parts.push({ device, range, start: start + done, size: part });
      done += part;
      left -= part;
    }
  return parts;
}
