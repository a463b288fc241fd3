import { readFileSync } from 'node:fs';
import type { Nanos } from '../../core/bits.ts';
import { checkFunction, checkObject } from '../../core/checks.ts';
import { MisuseError } from '../../core/misuse.ts';
import type { Machine } from '../../machine/machine.ts';
import { type FirmwareBoot, type LinuxBoot, prepare } from '../boot/boot.ts';
import { HostClock, pause } from '../system/host-clock.ts';
import { KvmCpu } from './cpu.ts';
import type { KvmCrash, KvmWhere } from './crash.ts';
import { KvmSystem } from './system.ts';
import type { Vcpu } from './vcpu.ts';
import { shareRam, VirtualMachine } from './virtual-machine.ts';

/** What is known of a system before it runs a guest. */
export interface KvmFacts {
  readonly platform: string;
  readonly arch: string;
  /** Whether /dev/kvm opens; else the code of the error. */
  readonly device: 'opens' | (string & {});
  /** /proc/cpuinfo has svm or vmx. */
  readonly virtualizes: boolean;
  /** The time of a kernel's instruction; measured where the processor does not virtualize. */
  nanosPerInstruction(): number;
}

/** Above this time per instruction the kernel is not executed by a processor, but interpreted. */
const SLOWEST = 50;

/** Why no guest can run there, and what to do; null if one can. @param slow run it even if it is slow. */
export function refusal(facts: KvmFacts, slow: boolean): string | null {
  const { platform, arch, device, virtualizes } = facts;
  if (platform !== 'linux' || arch !== 'x64')
    return `needs Linux on x86-64, and this is ${platform} on ${arch}: take v86 or QEMU`;
  if (device === 'ENOENT')
    return 'there is no /dev/kvm: turn virtualization on in the firmware, or nested virtualization where this is a virtual machine, then modprobe kvm_intel or kvm_amd';
  if (device === 'EACCES' || device === 'EPERM')
    return '/dev/kvm may not be opened: join its group (sudo usermod -aG kvm $USER, and log in anew)';
  if (device !== 'opens') return `/dev/kvm does not open (${device}): take v86 or QEMU`;
  if (slow || virtualizes) return null;
  const nanos = facts.nanosPerInstruction();
  return nanos <= SLOWEST
    ? null
    : `/dev/kvm takes ${Math.round(nanos)} ns for an instruction of a kernel (most: ${SLOWEST}), and /proc/cpuinfo has neither svm nor vmx: take a machine with hardware virtualization, or v86 or QEMU; slow (--on kvm:slow) runs it all the same`;
}

/** Where a guest may run. */
export interface KvmOptions {
  /** Also where the processor does not virtualize, and a kernel's instructions take hundreds of nanoseconds each. Default false. */
  readonly slow?: boolean;
}

/** How far to run. */
export interface KvmRunOptions {
  /** Called every two milliseconds or so, and whenever the guest idles: whether the run may end. */
  readonly until?: () => boolean;
  /** The most nanoseconds of the guest's time, which is the host's. Default: no limit. */
  readonly limit?: Nanos;
}

/**
 * Why a run ended: `off` and `reset` are the guest's doing, `crash` is a triple fault, or what KVM cannot do; `halted`: its
 * processor halted with interrupts off.
 */
export type KvmEnd = 'until' | 'limit' | 'off' | 'reset' | 'crash' | 'halted';

const CPU = { wide: true, vga: false } as const;
const RESET_VECTOR = { segment: 0xf000, ip: 0xfff0 } as const;

/**
 * One of our machines with a processor of KVM: 64 bits, one of them. All else is the machine's: RAM, ports, buses,
 * interrupt controllers with the local APIC, timers. Time is the host's, so no two runs are the same.
 *
 * @example
 * const machine = gceN1({ memory: { below4G: 512 << 20 } });
 * await using host = await KvmHost.create(machine, { kernel, initrd, append: 'console=ttyS0,115200' });
 * const end = await host.run({ until: () => machine.serial[0]!.text.includes('login:') });
 * machine.findings;                // what the guest's drivers did wrong
 */
export class KvmHost {
  readonly machine: Machine;
  private readonly system: KvmSystem;
  private readonly vm: VirtualMachine;
  private readonly cpu: KvmCpu;
  /** The guest's position when the processor was released. */
  private left: KvmWhere | null = null;

  /**
   * Gives `machine` a processor, and loads a kernel or a BIOS into its RAM.
   *
   * @throws MisuseError, in one line, if koffi is not installed, the system is not Linux on x86-64, /dev/kvm is missing
   * or may not be opened, or an instruction takes too long; for a file that is neither an x86 kernel nor a BIOS image,
   * for a BIOS on a machine that our firmware step has set up already, and for RAM that cannot be mapped.
   */
  static async create(
    machine: Machine,
    boot: LinuxBoot | FirmwareBoot,
    options: KvmOptions = {},
  ): Promise<KvmHost> {
    checkObject('options', options);
    const load = prepare(machine, boot, CPU);
    const system = await KvmHost.open(options);
    try {
      load();
      return new KvmHost(machine, system);
    } catch (error) {
      system.close();
      throw error;
    }
  }

  /** Checks that one can be created here. @throws MisuseError, as `create` does, if it cannot. */
  static async check(options: KvmOptions = {}): Promise<void> {
    (await KvmHost.open(options)).close();
  }

  private static async open({ slow = false }: KvmOptions): Promise<KvmSystem> {
    if (typeof slow !== 'boolean') throw new MisuseError('slow', slow, 'true or false');
    const { facts, system } = await kvmFacts();
    const why = refusal(facts, slow);
    if (why === null && system !== null) return system;
    system?.close();
    throw new MisuseError('kvm', undefined, '', why ?? 'does not open');
  }

  private constructor(machine: Machine, system: KvmSystem) {
    const { board, port } = machine.chassis;
    this.machine = machine;
    this.system = system;
    const slots = shareRam(board.memory, system.mappings);
    this.vm = new VirtualMachine(system);
    for (const slot of slots) this.vm.addRam(slot);
    // A kernel may poll and idle, and its stores are not seen.
    port.idles();
    port.memory.direct();
    const vcpu = this.vm.addVcpu(machine.chassis.kvm.features);
    vcpu.startAt(RESET_VECTOR.segment, RESET_VECTOR.ip);
    this.cpu = new KvmCpu(machine, vcpu, new HostClock(board.clock, () => {}));
  }

  /** The guest's present position: cheap enough to read as often as `until` is called. */
  get where(): KvmWhere {
    return this.left ?? this.cpu.where;
  }

  /** The crash that ended the run. */
  get crash(): KvmCrash | null {
    return this.cpu.crash;
  }

  /**
   * Runs the guest. A run that ended with `until` or `limit` can be continued.
   *
   * @throws MisuseError for a limit below 0, or that is not a number, for an `until` that cannot be called, and once it
   * is closed.
   */
  async run(options: KvmRunOptions = {}): Promise<KvmEnd> {
    if (this.left !== null) throw new MisuseError('run', undefined, '', 'the host is closed');
    checkObject('options', options);
    const { until, limit = Number.POSITIVE_INFINITY } = options;
    if (typeof limit !== 'number' || !(limit >= 0)) throw new MisuseError('limit', limit, '0 ns or more');
    if (until !== undefined) checkFunction('until', until);
    const { cpu, machine } = this;
    const end = machine.now + limit;
    for (;;) {
      if (until?.()) return 'until';
      if (this.left !== null) throw new MisuseError('run', undefined, '', 'the host was closed meanwhile');
      if (cpu.ended !== null) return cpu.ended;
      if (machine.now >= end) return 'limit';
      await pause(cpu.slice());
    }
  }

  /** Releases the processor. The machine stays, for you to close; another processor may be put into it. */
  async close(): Promise<void> {
    if (this.left !== null) return;
    this.left = this.cpu.where;
    this.cpu.close();
    this.vm.close();
    this.system.close();
  }

  /** The same at the end of a block: `await using host = …`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** In milliseconds: how long the loop is timed once. */
const TIMED = 4;
/** The fastest counts: a busy host is no slow processor. */
const TIMES = 5;
const PAGE = 4096;
/** `dec ecx; jnz` back to it, in real mode. */
const LOOP = [0x66, 0x49, 0x75, 0xfc];
const INSTRUCTIONS = 2;
/** From 0 down ECX goes all the way round. */
const ROUND = 2n ** 32n;

/** How long a KVM processor takes for an instruction of a kernel, in nanoseconds. */
function nanosPerInstruction(system: KvmSystem): number {
  const machine = new VirtualMachine(system);
  const mapped = system.mappings.fresh(PAGE)!;
  mapped.bytes.set(LOOP);
  machine.addRam({ base: 0, size: PAGE, mapped, offset: 0 });
  const vcpu = machine.addVcpu();
  try {
    vcpu.startAt(0, 0);
    return Math.min(...Array.from({ length: TIMES }, () => timed(vcpu)));
  } finally {
    vcpu.close();
    machine.close();
  }
}

function timed(vcpu: Vcpu): number {
  const left = countOf(vcpu);
  const begun = performance.now();
  vcpu.within(begun, TIMED);
  vcpu.run();
  const took = performance.now() - begun;
  return (took * 1e6) / (Number((left - countOf(vcpu) + ROUND) % ROUND) * INSTRUCTIONS);
}

function countOf(vcpu: Vcpu): bigint {
  return vcpu.registers().rcx;
}

/** The abilities of this system. `system` is KVM, open; null if it cannot be opened. */
async function kvmFacts(): Promise<{ readonly facts: KvmFacts; readonly system: KvmSystem | null }> {
  const { platform, arch } = process;
  const there = { platform, arch, virtualizes: virtualizes() };
  if (platform !== 'linux' || arch !== 'x64')
    return { facts: { ...there, device: 'unasked', nanosPerInstruction: () => Number.NaN }, system: null };
  const opened = await open();
  if (typeof opened === 'string')
    return { facts: { ...there, device: opened, nanosPerInstruction: () => Number.NaN }, system: null };
  return {
    facts: { ...there, device: 'opens', nanosPerInstruction: () => nanosPerInstruction(opened) },
    system: opened,
  };
}

async function open(): Promise<KvmSystem | string> {
  try {
    return await KvmSystem.open();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    return code;
  }
}

function virtualizes(): boolean {
  try {
    return /^flags\s*:.*\b(svm|vmx)\b/m.test(readFileSync('/proc/cpuinfo', 'utf8'));
  } catch {
    return false;
  }
}
