import { FwCfg } from '../chipset/fw-cfg.ts';
import { E820_ENTRY } from '../chipset/registers/fw-cfg.ts';
import type { GuestMemory } from '../core/memory.ts';
import type { FwCfgFiles } from './fw-cfg-option.ts';

const RAM = 1;

/** QEMU's firmware configuration device as it describes a machine: RAM, CPUs, and RAM once more by ranges. */
export function makeFwCfg(
  memory: GuestMemory,
  cpus: { readonly vcpus: number; readonly maxCpus: number },
  files: FwCfgFiles,
): FwCfg {
  const e820 = new Uint8Array(memory.ranges.length * E820_ENTRY.size);
  for (const [i, { base, size }] of memory.ranges.entries())
    E820_ENTRY.encode({ address: BigInt(base), length: BigInt(size), type: RAM }, e820, i * E820_ENTRY.size);
  return new FwCfg('fw_cfg', { ram: memory.size, ...cpus, files: { 'etc/e820': e820, ...files } });
}
