import type { GuestPort } from '../../core/guest-port.ts';
import type { Register } from '../../core/register.ts';
import { type NvmeDriver, type NvmeUse, nvme } from '../../guest/index.ts';
import { barAddress } from '../../guest/pci/bars.ts';
import { gceN1 } from '../../machine/gce-n1.ts';
import type { MachineOptions } from '../../machine/options.ts';
import { DOORBELLS, NVME_BAR, REGISTERS_SIZE } from '../../nvme/registers/bar0.ts';
import { sqe } from '../../nvme/registers/commands.ts';
import { behind } from './behind.ts';
import { breaking } from './broken-driver.ts';
import { miswriteMemory } from './misreads.ts';

/** A way to break the good driver of a controller, which polls if nothing else is said. */
export function breakingNvme(
  use: (disk: NvmeDriver) => void,
  how: NvmeUse = { interrupts: 'polled' },
  more: MachineOptions = {},
): ReturnType<typeof breaking> {
  return breaking(nvme(how), use, () =>
    gceN1({ vcpus: 2, nvme: [{ namespaces: [{ bytes: 1 << 20 }], mdts: 5 }], ...more }),
  );
}

/** Every command `opcode` goes through `change`, which may write more behind it: `at` is where it lies. */
export function changeCommand(
  port: GuestPort,
  opcode: number,
  change: (entry: DataView, at: number) => void,
): GuestPort {
  return miswriteMemory(port, (bytes, at) => {
    if (bytes.length === sqe.size && bytes[0] === opcode) change(new DataView(bytes.buffer), at);
  });
}

/** Every write of a register goes through `change`, which makes the access itself. */
export function changeRegister(
  port: GuestPort,
  bdf: number,
  { offset }: Register,
  change: (write: (value: number, other?: Register) => void, value: number) => void,
): GuestPort {
  const base = barAddress(port, bdf, NVME_BAR.registers)!.address;
  const write = (value: number, other?: Register) =>
    port.write(base + (other?.offset ?? offset), value >>> 0, 4);
  return behind(port, {
    write: (address, value, width) => {
      if (address === base + offset) change(write, value);
      else port.write(address, value, width);
    },
  });
}

/** Every doorbell goes through `ring`, which gets its index: 2 * queue, and one more for a completion queue. */
export function changeDoorbells(
  port: GuestPort,
  bdf: number,
  ring: (write: (value: number, index?: number, width?: 2 | 4) => void, index: number, value: number) => void,
): GuestPort {
  const base = barAddress(port, bdf, NVME_BAR.registers)!.address;
  return behind(port, {
    write: (address, value, width) => {
      const offset = address - base;
      if (offset < DOORBELLS || offset >= REGISTERS_SIZE) {
        port.write(address, value, width);
        return;
      }
      const index = (offset - DOORBELLS) / 4;
      const write = (to: number, at = index, bytes: 2 | 4 = 4) =>
        port.write(base + DOORBELLS + at * 4, to, bytes);
      ring(write, index, value);
    },
  });
}
