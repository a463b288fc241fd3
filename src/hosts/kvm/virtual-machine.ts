import { closeSync } from 'node:fs';
import type { GuestMemory, RamRange } from '../../core/memory.ts';
import { MisuseError } from '../../core/misuse.ts';
import type { Mapped, Mappings } from '../system/mappings.ts';
import { KVM, kvm_userspace_memory_region } from './registers.ts';
import type { KvmSystem } from './system.ts';
import { KvmVcpu } from './vcpu.ts';

/** Four pages below 4 GiB, which the memory map says are reserved, for processors of Intel's that cannot begin in real mode. */
const IDENTITY_MAP = 0xfffb_c000;
const TSS = 0xfffb_d000;

/** RAM of a virtual machine, in one piece on both sides. */
interface Slot {
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

  /** @param features those of KVM's guest interface that it offers; default none. */
  addVcpu(features = 0): KvmVcpu {
    return new KvmVcpu(this.system, this.system.ioctl(this.fd, KVM.CREATE_VCPU, 0), features);
  }

  close(): void {
    closeSync(this.fd);
  }
}

/** A longer view ends the process. */
const MOST = 2 ** 32 - 4096;
/** Where a VGA would be. */
const HOLE = { from: 0xa_0000, to: 0xc_0000 } as const;
const PIECE = 0x1_0000;
const ZEROES = new Uint8Array(PIECE);

/**
 * Moves a machine's RAM, with its contents, to memory that KVM can use.
 *
 * @returns the parts that a processor may access.
 * @throws MisuseError for more than 4 GiB in one piece, and for more than the system has.
 */
export function shareRam(memory: GuestMemory, mappings: Pick<Mappings, 'fresh'>): Slot[] {
  return memory.ranges.flatMap((range) => {
    if (range.size > MOST)
      throw new MisuseError('memory.above4G', range.size, 'less than 4 GiB, all that can be mapped at once');
    const mapped = mappings.fresh(range.size);
    if (mapped === null)
      throw new MisuseError('memory', range.size, 'an amount of RAM that this process can allocate');
    moveInto(mapped.bytes, range.bytes);
    memory.replace(range.base, mapped.bytes);
    return slotsOf(range, mapped);
  });
}

/** PAM does not act: from C0000 on it is all RAM. */
function slotsOf({ base, size }: RamRange, mapped: Mapped): Slot[] {
  if (base > 0) return [{ base, size, mapped, offset: 0 }];
  const pieces = [
    { base: 0, size: Math.min(size, HOLE.from) },
    { base: HOLE.to, size: size - HOLE.to },
  ];
  return pieces.filter((piece) => piece.size > 0).map((piece) => ({ ...piece, mapped, offset: piece.base }));
}

/** A page that was never written costs the system nothing. */
function moveInto(fresh: Uint8Array, from: Uint8Array): void {
  for (let at = 0; at < from.length; at += PIECE) {
    const piece = from.subarray(at, at + PIECE);
    if (Buffer.compare(piece, ZEROES.subarray(0, piece.length)) !== 0) fresh.set(piece, at);
  }
}
