import { closeSync, constants, openSync } from 'node:fs';
import { MisuseError } from '../../core/misuse.ts';
import { type Libc, loadLibc } from '../system/libc.ts';
import { Mappings } from '../system/mappings.ts';
import { API_VERSION, KVM } from './registers.ts';

const DEVICE = '/dev/kvm';

/** A process's access to KVM. */
export class KvmSystem {
  readonly libc: Libc;
  readonly mappings: Mappings;
  private readonly calls: KvmCalls;
  private readonly fd: number;

  /** @throws MisuseError if koffi or a call is missing. Errors of `/dev/kvm` are thrown as by Node. */
  static async open(): Promise<KvmSystem> {
    // Without such a device, the error needs no package.
    const fd = openSync(DEVICE, constants.O_RDWR);
    try {
      return new KvmSystem(await loadLibc(), fd);
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  }

  private constructor(libc: Libc, fd: number) {
    this.libc = libc;
    this.fd = fd;
    this.mappings = new Mappings(libc);
    this.calls = kvmCalls(libc);
    const version = this.ioctl(fd, KVM.GET_API_VERSION, 0);
    if (version !== API_VERSION) throw new MisuseError(DEVICE, version, `API version ${API_VERSION}`);
  }

  get kvmCalls(): KvmCalls {
    return this.calls;
  }

  /** A request of the device itself. */
  ask(request: number, argument: number | Uint8Array = 0): number {
    return this.ioctl(this.fd, request, argument);
  }

  /**
   * @param argument a number, or a buffer that the request reads or writes.
   * @returns its result, often a file.
   * @throws MisuseError for a request that is refused, as CREATE_VM is while another hypervisor uses the
   * processor.
   */
  ioctl(fd: number, request: number, argument: number | Uint8Array): number {
    const value = typeof argument === 'number' ? argument : this.libc.addressOf(argument);
    const answer = this.calls.ioctl(fd, request, value);
    if (answer < 0) throw this.refused(request, this.libc.errno());
    return answer;
  }

  private refused(request: number, errno: number): MisuseError {
    const [name] = Object.entries(KVM).find(([, number]) => number === request)!;
    return new MisuseError('kvm', errno, '', `${DEVICE} refuses ${name} (errno ${errno})`);
  }

  close(): void {
    closeSync(this.fd);
  }
}

/** Calls that KVM needs in addition to those of every host. Each returns what libc does. */
export interface KvmCalls {
  ioctl(fd: number, request: number, argument: number | bigint): number;
  gettid(): number;
  pthread_sigmask(how: number, set: bigint, before: null): number;
  sigtimedwait(set: bigint, info: null, timeout: bigint): number;
  timer_create(clock: number, event: bigint, timer: bigint): number;
  timer_settime(timer: bigint, flags: number, value: bigint, before: null): number;
  timer_delete(timer: bigint): number;
}

const DECLARATIONS = {
  ioctl: 'int ioctl(int, unsigned long, uintptr_t)',
  gettid: 'int gettid(void)',
  pthread_sigmask: 'int pthread_sigmask(int, uintptr_t, void *)',
  sigtimedwait: 'int sigtimedwait(uintptr_t, void *, uintptr_t)',
  timer_create: 'int timer_create(int, uintptr_t, uintptr_t)',
  timer_settime: 'int timer_settime(uintptr_t, int, uintptr_t, void *)',
  timer_delete: 'int timer_delete(uintptr_t)',
} as const;

let bound: { readonly libc: Libc; readonly calls: KvmCalls } | null = null;

/** Once for each library. */
function kvmCalls(libc: Libc): KvmCalls {
  if (bound?.libc !== libc) bound = { libc, calls: libc.declare<KvmCalls>(DECLARATIONS) };
  return bound.calls;
}
