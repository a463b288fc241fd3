import { struct } from '../core/struct.ts';
import type { TablesConfig } from './config.ts';
import { type SmbiosTable, smbiosTable, structure } from './smbios.ts';
import { memoryStructures } from './smbios-memory.ts';

/** The structures that guests on Compute Engine listed, in SMBIOS 2.4 layout (DSP0134, 3.3). */
export const BIOS_INFORMATION = struct('BIOS Information', 'le', {
  Vendor: 'u8',
  BIOS_Version: 'u8',
  BIOS_Starting_Address_Segment: 'u16',
  BIOS_Release_Date: 'u8',
  BIOS_ROM_Size: 'u8',
  BIOS_Characteristics: 'u64',
  BIOS_Characteristics_Extension_Bytes: 'u16',
  System_BIOS_Major_Release: 'u8',
  System_BIOS_Minor_Release: 'u8',
  Embedded_Controller_Firmware_Major_Release: 'u8',
  Embedded_Controller_Firmware_Minor_Release: 'u8',
});

export const SYSTEM_INFORMATION = struct('System Information', 'le', {
  Manufacturer: 'u8',
  Product_Name: 'u8',
  Version: 'u8',
  Serial_Number: 'u8',
  UUID: { bytes: 16 },
  Wake_up_Type: 'u8',
  SKU_Number: 'u8',
  Family: 'u8',
});

export const BASE_BOARD = struct('Base Board Information', 'le', {
  Manufacturer: 'u8',
  Product: 'u8',
  Version: 'u8',
  Serial_Number: 'u8',
  Asset_Tag: 'u8',
  Feature_Flags: 'u8',
  Location_in_Chassis: 'u8',
  Chassis_Handle: 'u16',
  Board_Type: 'u8',
  Number_of_Contained_Object_Handles: 'u8',
});

export const CHASSIS = struct('System Enclosure or Chassis', 'le', {
  Manufacturer: 'u8',
  Type: 'u8',
  Version: 'u8',
  Serial_Number: 'u8',
  Asset_Tag_Number: 'u8',
  Boot_up_State: 'u8',
  Power_Supply_State: 'u8',
  Thermal_State: 'u8',
  Security_Status: 'u8',
  OEM_defined: 'u32',
  Height: 'u8',
  Number_of_Power_Cords: 'u8',
  Contained_Element_Count: 'u8',
});

export const PROCESSOR = struct('Processor Information', 'le', {
  Socket_Designation: 'u8',
  Processor_Type: 'u8',
  Processor_Family: 'u8',
  Processor_Manufacturer: 'u8',
  Processor_ID: 'u64',
  Processor_Version: 'u8',
  Voltage: 'u8',
  External_Clock: 'u16',
  Max_Speed: 'u16',
  Current_Speed: 'u16',
  Status: 'u8',
  Processor_Upgrade: 'u8',
  L1_Cache_Handle: 'u16',
  L2_Cache_Handle: 'u16',
  L3_Cache_Handle: 'u16',
});

export const SYSTEM_BOOT = struct('System Boot Information', 'le', {
  Reserved: { bytes: 6 },
  Boot_Status: 'u8',
});

const END_OF_TABLE = struct('End-of-Table', 'le', {});

const GOOGLE = 'Google';
const PRODUCT = 'Google Compute Engine';
const CHASSIS_HANDLE = 0x0099;
/** For the first processor, which is number 1. */
const PROCESSOR_HANDLE = 0x1001;
/** Bit 3: characteristics are not given. Bit 2 of the second extension byte: "targeted content distribution". */
const NOT_SUPPORTED = 1n << 3n;
const TARGETED_CONTENT = 1 << 10;
const NONE = 0xff;
const NO_CACHE = 0xffff;
const OTHER = 1;
const UNKNOWN = 2;
const SAFE = 3;

/** Differences between Google's firmwares. */
export interface SmbiosBuild {
  /** The firmware's date, month first, unless the machine sets another. */
  readonly released: string;
  /** Whether the board's serial number is included. */
  readonly boardSerial: boolean;
}

/** All structures, in the order in which dmidecode listed them. A processor for each possible one. */
export function smbios(config: TablesConfig, build: SmbiosBuild): SmbiosTable {
  const { maxCpus, uuid, ram, cpuid } = config;
  return smbiosTable([
    biosInformation(config.released ?? build.released),
    structure(SYSTEM_INFORMATION, 1, 0x0097, {
      Manufacturer: GOOGLE,
      Product_Name: PRODUCT,
      Serial_Number: `GoogleCloud-${uuid.toUpperCase()}`,
      UUID: uuidBytes(uuid),
      Wake_up_Type: 6,
    }),
    baseBoard(uuid, build),
    structure(CHASSIS, 3, CHASSIS_HANDLE, {
      Manufacturer: GOOGLE,
      Type: OTHER,
      Boot_up_State: SAFE,
      Power_Supply_State: SAFE,
      Thermal_State: SAFE,
      Security_Status: UNKNOWN,
    }),
    ...Array.from({ length: maxCpus }, (_, index) => processor(index, cpuid)),
    ...memoryStructures(ram),
    structure(SYSTEM_BOOT, 32, 0x0100, {}),
    structure(END_OF_TABLE, 127, 0xfeff, {}),
  ]);
}

function biosInformation(released: string): Uint8Array {
  return structure(BIOS_INFORMATION, 0, 0, {
    Vendor: GOOGLE,
    BIOS_Version: GOOGLE,
    BIOS_Starting_Address_Segment: 0xe800,
    BIOS_Release_Date: released,
    BIOS_Characteristics: NOT_SUPPORTED,
    BIOS_Characteristics_Extension_Bytes: TARGETED_CONTENT,
    System_BIOS_Major_Release: 1,
    Embedded_Controller_Firmware_Major_Release: NONE,
    Embedded_Controller_Firmware_Minor_Release: NONE,
  });
}

function baseBoard(uuid: string, { boardSerial }: SmbiosBuild): Uint8Array {
  return structure(BASE_BOARD, 2, 0x0098, {
    Manufacturer: GOOGLE,
    Product: PRODUCT,
    Serial_Number: boardSerial ? `Board-GoogleCloud-${uuid.toUpperCase()}` : '',
    Asset_Tag: uuidText(uuid).toUpperCase(),
    Feature_Flags: 1,
    Chassis_Handle: CHASSIS_HANDLE,
    Board_Type: 0x0a,
  });
}

function processor(index: number, { eax, edx }: TablesConfig['cpuid']): Uint8Array {
  return structure(PROCESSOR, 4, PROCESSOR_HANDLE + index, {
    // SeaBIOS's "CPU%2x": with room for 256 no other form fits the observed length of the structures.
    Socket_Designation: `CPU${(index + 1).toString(16).padStart(2)}`,
    Processor_Type: 3,
    Processor_Family: OTHER,
    Processor_Manufacturer: GOOGLE,
    Processor_ID: BigInt(eax) | (BigInt(edx) << 32n),
    Max_Speed: 2000,
    Current_Speed: 2000,
    Status: 0x41,
    Processor_Upgrade: OTHER,
    L1_Cache_Handle: NO_CACHE,
    L2_Cache_Handle: NO_CACHE,
    L3_Cache_Handle: NO_CACHE,
  });
}

/** In the byte order of its text: the first three groups are little-endian only from SMBIOS 2.6 on. */
function uuidBytes(uuid: string): Uint8Array {
  return Uint8Array.from({ length: 16 }, (_, at) => Number.parseInt(uuid.slice(2 * at, 2 * at + 2), 16));
}

function uuidText(uuid: string): string {
  return uuid.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
