import { PORT } from '../core/places.ts';
import { struct } from '../core/struct.ts';
import { SCI_IRQ, type TablesConfig } from './config.ts';
import { table } from './header.ts';

/** The address of a register block, in the form for any address space (ACPI 6.5, 5.2.3.2). */
export const GENERIC_ADDRESS = struct('GENERIC_ADDRESS', 'le', {
  Address_Space_ID: 'u8',
  Register_Bit_Width: 'u8',
  Register_Bit_Offset: 'u8',
  Access_Size: 'u8',
  Address: 'u64',
});

/** Where a register block in memory is. @param bits of each register. */
export function memoryAt(address: number, bits: 8 | 16 | 32): Uint8Array {
  return GENERIC_ADDRESS.encode({
    Register_Bit_Width: bits,
    Access_Size: Math.log2(bits / 8) + 1,
    Address: BigInt(address),
  });
}

const GAS = { bytes: GENERIC_ADDRESS.size } as const;

/**
 * The Fixed ACPI Description Table after its header, with the length of ACPI 2.0 to 4.0: 244 bytes with the header.
 * Source: ACPI 6.5, 5.2.9, up to X_GPE1_BLK.
 */
export const FADT = struct('FADT', 'le', {
  FIRMWARE_CTRL: 'u32',
  DSDT: 'u32',
  INT_MODEL: 'u8',
  Preferred_PM_Profile: 'u8',
  SCI_INT: 'u16',
  SMI_CMD: 'u32',
  ACPI_ENABLE: 'u8',
  ACPI_DISABLE: 'u8',
  S4BIOS_REQ: 'u8',
  PSTATE_CNT: 'u8',
  PM1a_EVT_BLK: 'u32',
  PM1b_EVT_BLK: 'u32',
  PM1a_CNT_BLK: 'u32',
  PM1b_CNT_BLK: 'u32',
  PM2_CNT_BLK: 'u32',
  PM_TMR_BLK: 'u32',
  GPE0_BLK: 'u32',
  GPE1_BLK: 'u32',
  PM1_EVT_LEN: 'u8',
  PM1_CNT_LEN: 'u8',
  PM2_CNT_LEN: 'u8',
  PM_TMR_LEN: 'u8',
  GPE0_BLK_LEN: 'u8',
  GPE1_BLK_LEN: 'u8',
  GPE1_BASE: 'u8',
  CST_CNT: 'u8',
  P_LVL2_LAT: 'u16',
  P_LVL3_LAT: 'u16',
  FLUSH_SIZE: 'u16',
  FLUSH_STRIDE: 'u16',
  DUTY_OFFSET: 'u8',
  DUTY_WIDTH: 'u8',
  DAY_ALRM: 'u8',
  MON_ALRM: 'u8',
  CENTURY: 'u8',
  IAPC_BOOT_ARCH: 'u16',
  Reserved: 'u8',
  Flags: 'u32',
  RESET_REG: GAS,
  RESET_VALUE: 'u8',
  ARM_BOOT_ARCH: 'u16',
  FADT_Minor_Version: 'u8',
  X_FIRMWARE_CTRL: 'u64',
  X_DSDT: 'u64',
  X_PM1a_EVT_BLK: GAS,
  X_PM1b_EVT_BLK: GAS,
  X_PM1a_CNT_BLK: GAS,
  X_PM1b_CNT_BLK: GAS,
  X_PM2_CNT_BLK: GAS,
  X_PM_TMR_BLK: GAS,
  X_GPE0_BLK: GAS,
  X_GPE1_BLK: GAS,
});

const REVISION = 2;
const SYSTEM_IO = 1;
/** Latencies from 101 and 1001 µs up mean no C2 and no C3. */
const NO_STATE = 0xfff;
/** Two 8259, as INT_MODEL means in ACPI 1.0. */
const DUAL_PIC = 1;
const WBINVD = 1 << 0;
const PROC_C1 = 1 << 2;
/** The RTC wakes from S4. PWR_BUTTON and SLP_BUTTON are clear: both buttons are fixed hardware. */
const RTC_S4 = 1 << 7;
const RESET_REG_SUP = 1 << 10;
const USE_PLATFORM_CLOCK = 1 << 15;
/** Reset by the PIIX4's reset control register. */
const HARD_RESET = 0x06;

/** The register blocks of the PIIX4: each is `bytes` long. */
const PM1_EVT = { offset: 0, bytes: 4 };
const PM1_CNT = { offset: 4, bytes: 2 };
const PM_TMR = { offset: 8, bytes: 4 };
const GPE0_BYTES = 4;

/** @param facs @param dsdt their addresses. @param wide the FACS address in the 64-bit field: 0 is none. */
export function fadt({ pm }: TablesConfig, facs: number, dsdt: number, wide = facs): Uint8Array {
  const event = pm.base + PM1_EVT.offset;
  const control = pm.base + PM1_CNT.offset;
  const timer = pm.base + PM_TMR.offset;
  const body = FADT.encode({
    FIRMWARE_CTRL: facs,
    DSDT: dsdt,
    INT_MODEL: DUAL_PIC,
    SCI_INT: SCI_IRQ,
    SMI_CMD: pm.smiCommand,
    ACPI_ENABLE: pm.acpiEnable,
    ACPI_DISABLE: pm.acpiDisable,
    PM1a_EVT_BLK: event,
    PM1a_CNT_BLK: control,
    PM_TMR_BLK: timer,
    GPE0_BLK: pm.gpe0,
    PM1_EVT_LEN: PM1_EVT.bytes,
    PM1_CNT_LEN: PM1_CNT.bytes,
    PM_TMR_LEN: PM_TMR.bytes,
    GPE0_BLK_LEN: GPE0_BYTES,
    P_LVL2_LAT: NO_STATE,
    P_LVL3_LAT: NO_STATE,
    Flags: WBINVD | PROC_C1 | RTC_S4 | RESET_REG_SUP | USE_PLATFORM_CLOCK,
    RESET_REG: ports(PORT.RESET_CONTROL, 1),
    RESET_VALUE: HARD_RESET,
    X_FIRMWARE_CTRL: BigInt(wide),
    X_DSDT: BigInt(dsdt),
    X_PM1a_EVT_BLK: ports(event, PM1_EVT.bytes),
    X_PM1a_CNT_BLK: ports(control, PM1_CNT.bytes),
    X_PM_TMR_BLK: ports(timer, PM_TMR.bytes),
    X_GPE0_BLK: ports(pm.gpe0, GPE0_BYTES),
  });
  return table('FACP', REVISION, body);
}

function ports(first: number, bytes: number): Uint8Array {
  return GENERIC_ADDRESS.encode({
    Address_Space_ID: SYSTEM_IO,
    Register_Bit_Width: 8 * bytes,
    Address: BigInt(first),
  });
}
