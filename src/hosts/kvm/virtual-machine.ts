import { closeSync } from 'node:fs';
import type { Mapped } from '../system/mappings.ts';
import { KVM, kvm_userspace_memory_region } from './registers.ts';
import type { KvmSystem } from './system.ts';
import { KvmVcpu } from './vcpu.ts';

/** Four pages below 4 GiB, which the memory map says are reserved, for processors of Intel's that cannot begin in real mode. */
const IDENTITY_MAP = 0xfffb_c000;
const TSS = 0xfffb_d000;

/** RAM of a virtual machine, in one piece on both sides. */
export interface Slot {
  readonly base: number;
  readonly size: number;
  readonly mapped: Mapped;
  /** Where in it. */
  readonly offset: number;
}

/** A KVM virtual machine: RAM and one processor; its user has the interrupt controllers. */
export class VirtualMachine {
  private readonly system: KvmSystem;
  private readonly fd: number;
  private slots = 0;

  constructor(system: KvmSystem) {
    this.system = system;
    this.fd = system.ask(KVM.CREATE_VM);
    system.ioctl(this.fd, KVM.SET_TSS_ADDR, TSS);
    const at = new Uint8Array(new BigUint64Array([BigInt(IDENTITY_MAP)]).buffer);
    system.ioctl(this.fd, KVM.SET_IDENTITY_MAP_ADDR, at);
  }

  /** An access outside RAM goes to the bus. */
  addRam({ base, size, mapped, offset }: Slot): void {
    const region = new Uint8Array(new ArrayBuffer(kvm_userspace_memory_region.size));
    kvm_userspace_memory_region.encode(
      {
        slot: this.slots++,
        guest_phys_addr: BigInt(base),
        memory_size: BigInt(size),
        userspace_addr: mapped.at + BigInt(offset),
      },
      region,
    );
    this.system.ioctl(this.fd, KVM.SET_USER_MEMORY_REGION, region);
  }

  addVcpu(): KvmVcpu {
    return new KvmVcpu(this.system, this.system.ioctl(this.fd, KVM.CREATE_VCPU, 0));
  }

  close(): void {
    closeSync(this.fd);
  }
}
