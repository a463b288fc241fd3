import { describe, expect, test } from 'vitest';
import { SMBIOS_HEADER } from './smbios.ts';
import {
  ARRAY_ADDRESS,
  DEVICE_ADDRESS,
  MEMORY_ARRAY,
  MEMORY_DEVICE,
  memoryStructures,
} from './smbios-memory.ts';

const GIB = 2 ** 30;
const KIB_OF_GIB = 2 ** 20;
const ofType = (type: number, ram: Parameters<typeof memoryStructures>[0]) =>
  memoryStructures(ram)
    .filter((bytes) => bytes[0] === type)
    .map((bytes) => bytes.subarray(SMBIOS_HEADER.size));

describe('a machine with 16 GiB', () => {
  const ram = { below4G: 3 * GIB, above4G: 13 * GIB };

  test('has one device', () => {
    const [array] = ofType(16, ram).map((bytes) => MEMORY_ARRAY.decode(bytes));

    expect([array!.Maximum_Capacity, array!.Number_of_Memory_Devices]).toEqual([16 * KIB_OF_GIB, 1]);
    expect(ofType(17, ram).map((bytes) => MEMORY_DEVICE.decode(bytes).Size)).toEqual([16 * 1024]);
  });

  test('has a range below 4 GiB and one above, in the array and in the device', () => {
    const array = ofType(19, ram).map((bytes) => ARRAY_ADDRESS.decode(bytes));
    const device = ofType(20, ram).map((bytes) => DEVICE_ADDRESS.decode(bytes));

    const ranges = [
      [0, 3 * KIB_OF_GIB - 1],
      [4 * KIB_OF_GIB, 17 * KIB_OF_GIB - 1],
    ];
    expect(array.map((one) => [one.Starting_Address, one.Ending_Address])).toEqual(ranges);
    expect(device.map((one) => [one.Starting_Address, one.Ending_Address])).toEqual(ranges);
    expect(device.map((one) => one.Memory_Array_Mapped_Address_Handle)).toEqual([0x0300, 0x0301]);
  });
});

test('a machine without RAM above 4 GiB has one range', () => {
  const ram = { below4G: 128 << 20, above4G: 0 };

  expect([ofType(19, ram).length, ofType(20, ram).length]).toEqual([1, 1]);
});

test('a machine with 30 GiB has two devices, and the range above 4 GiB is split between them', () => {
  const ram = { below4G: 3 * GIB, above4G: 27 * GIB };

  const devices = ofType(17, ram).map((bytes) => MEMORY_DEVICE.decode(bytes).Size);
  const mapped = ofType(20, ram).map((bytes) => DEVICE_ADDRESS.decode(bytes));

  expect(devices).toEqual([16 * 1024, 14 * 1024]);
  expect(mapped.map((one) => [one.Memory_Device_Handle, one.Ending_Address + 1])).toEqual([
    [0x7000, 3 * KIB_OF_GIB],
    [0x7000, 17 * KIB_OF_GIB],
    [0x7001, 31 * KIB_OF_GIB],
  ]);
});
