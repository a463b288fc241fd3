import type { KvmSystem } from './system.ts';
import { VirtualMachine } from './virtual-machine.ts';

/** In milliseconds: as long as the loop is timed. */
const TIMED = 20;
const PAGE = 4096;
/** `dec ecx; jnz` back to it, in real mode. */
const LOOP = [0x66, 0x49, 0x75, 0xfc];
const INSTRUCTIONS = 2;
/** ECX at 0 goes all the way round. */
const ROUND = 2n ** 32n;

/** How long a processor of KVM's takes for an instruction of a kernel, in nanoseconds. */
export function nanosPerInstruction(system: KvmSystem): number {
  const machine = new VirtualMachine(system);
  const mapped = system.mappings.fresh(PAGE)!;
  mapped.bytes.set(LOOP);
  machine.addRam({ base: 0, size: PAGE, mapped, offset: 0 });
  const vcpu = machine.addVcpu();
  try {
    vcpu.startAt(0, 0);
    const begun = performance.now();
    vcpu.within(begun, TIMED);
    vcpu.run();
    const took = performance.now() - begun;
    const { rcx } = vcpu.registers();
    return (took * 1e6) / (Number(ROUND - rcx) * INSTRUCTIONS);
  } finally {
    vcpu.close();
    machine.close();
  }
}
