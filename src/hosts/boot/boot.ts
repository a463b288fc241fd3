import { PAM0 } from '../../chipset/registers/i440fx.ts';
import { DEVACTB } from '../../chipset/registers/piix4-acpi.ts';
import { checkBytes, checkMethods, checkObject } from '../../core/checks.ts';
import { MisuseError } from '../../core/misuse.ts';
import type { Machine } from '../../machine/machine.ts';
import { loadLinux, readKernel, type UefiTables } from './linux/load-linux.ts';
import { loadMultiboot, readMultiboot } from './multiboot/load-multiboot.ts';

/** The processor that will run it, and what its host has. */
interface BootCpu {
  /** It runs 64-bit code. */
  readonly wide: boolean;
  /** There is a VGA. */
  readonly vga: boolean;
}

/** A Linux to run, or another kernel with a Multiboot header, without any firmware. */
export interface LinuxBoot {
  /**
   * A `vmlinux` or bzImage, for i386 where v86 runs it; or a file with a Multiboot 1 header, as ELF or with addresses in
   * that header.
   */
  readonly kernel: Uint8Array;
  /** The one module of a Multiboot kernel. */
  readonly initrd?: Uint8Array | undefined;
  /** The command line. Default `console=ttyS0,115200`, and none for a Multiboot kernel. */
  readonly append?: string | undefined;
}

/** A BIOS to run, on a machine built with `firmware: false`. It chooses by itself what to boot. */
export interface FirmwareBoot {
  /** Its image, 64, 128 or 256 KiB that end at 1 MiB; the CPU begins at F000:FFF0. */
  readonly firmware: Uint8Array;
}

const MEBIBYTE = 0x10_0000;
/** Device and function numbers on bus 0. */
const HOST_BRIDGE = 0x00;
const PIIX4_ACPI = 0x0b;
const IMAGE_SIZES = [0x1_0000, 0x2_0000, 0x4_0000];

/**
 * @returns a function that puts it into RAM, once the CPU owns RAM.
 * @throws MisuseError for neither kernel nor firmware, or both, for a value of the wrong type, for a file that is not a
 * kernel that the processor can run, for an image of another size, and for one on a machine with firmware.
 */
export function prepare(machine: Machine, boot: LinuxBoot | FirmwareBoot, cpu: BootCpu): () => void {
  checkMethods('machine', machine, ['attach', 'observe', 'reset', 'close'], 'a machine (example gceN1())');
  checkObject('boot', boot);
  const { kernel, firmware } = boot as Partial<LinuxBoot & FirmwareBoot>;
  if (kernel === undefined && firmware === undefined)
    throw new MisuseError('boot', boot, '', 'needs kernel or firmware: the bytes of one');
  if (kernel !== undefined && firmware !== undefined)
    throw new MisuseError('boot', boot, '', 'has both kernel and firmware, and needs only one');
  return firmware === undefined
    ? prepareLinux(machine, boot as LinuxBoot, cpu)
    : prepareFirmware(machine, boot as FirmwareBoot);
}

/** @throws MisuseError for a value of the wrong type. */
function checkLinux({ kernel, initrd, append }: LinuxBoot): void {
  checkBytes('kernel', kernel);
  if (initrd !== undefined) checkBytes('initrd', initrd);
  if (append !== undefined && typeof append !== 'string')
    throw new MisuseError('append', append, 'a string, the command line');
}

function prepareLinux(machine: Machine, boot: LinuxBoot, { wide, vga }: BootCpu): () => void {
  checkLinux(boot);
  const { kernel, initrd, append } = boot;
  const { memory } = machine.chassis.board;
  const memoryMap = machine.e820;
  const multiboot = readMultiboot(kernel, wide);
  if (multiboot !== null) return () => loadMultiboot(memory, multiboot, { initrd, append, memoryMap, vga });
  const image = readKernel(kernel, wide);
  const uefi = uefiTables(machine);
  return () =>
    loadLinux(memory, image, { initrd, append: append ?? 'console=ttyS0,115200', memoryMap, vga, uefi });
}

function uefiTables({ chassis: { firmware, tables } }: Machine): UefiTables | undefined {
  if (firmware.kind !== 'uefi') return undefined;
  const [rsdp, smbios] = ['RSDP', '_SM_'].map((name) => tables.find((table) => table.name === name)!);
  return { rsdp: rsdp!.address, smbios: smbios!.bytes };
}

/**
 * Our hosts execute code only in RAM, and PAM has no effect there. So the image is placed where a BIOS shadows itself,
 * and the host bridge reports it as shadowed from the start; else the BIOS would go on at the top of 4 GiB to copy
 * itself, where no code can be executed.
 *
 * Nor is there a system management mode. A BIOS for it, such as SeaBIOS's build of 256 KiB, would request it by APMC and
 * wait without end; if DEVACTB says that APMC already raises SMI, it takes that for done, as on QEMU with `smm=off`.
 */
function prepareFirmware({ chassis }: Machine, { firmware }: FirmwareBoot): () => void {
  checkBytes('firmware', firmware);
  if (!IMAGE_SIZES.includes(firmware.length))
    throw new MisuseError('firmware', firmware.length, '64, 128 or 256 KiB, as a BIOS image is');
  if (chassis.tables.length > 0)
    throw new MisuseError('boot', firmware.length, '', 'a BIOS needs a machine built with firmware: false');
  return () => {
    chassis.board.memory.write(MEBIBYTE - firmware.length, firmware);
    chassis.bus.at(HOST_BRIDGE)!.writeConfig(PAM0.offset, PAM0.mask.RE1, 1);
    chassis.bus.at(PIIX4_ACPI)!.writeConfig(DEVACTB.offset, DEVACTB.mask.APMC_EN, 4);
  };
}
