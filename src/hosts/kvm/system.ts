import { closeSync, constants, openSync } from 'node:fs';
import { MisuseError } from '../../core/misuse.ts';
import { type Libc, loadLibc } from '../system/libc.ts';
import { Mappings } from '../system/mappings.ts';
import { type KvmCalls, kvmCalls } from './calls.ts';
import { API_VERSION, KVM } from './registers.ts';

const DEVICE = '/dev/kvm';

/** What a process has of KVM. */
export class KvmSystem {
  readonly libc: Libc;
  readonly mappings: Mappings;
  private readonly calls: KvmCalls;
  private readonly fd: number;

  /** @throws MisuseError where koffi or a call is not there. What `/dev/kvm` cannot do, it throws as Node does. */
  static async open(): Promise<KvmSystem> {
    // Who has no such device need not install anything to hear of it.
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
   * @param argument a number, or a buffer of its own that the request reads or writes.
   * @returns what it is answered with, often a file.
   * @throws MisuseError for a request that is refused, as CREATE_VM is where another hypervisor has the processor.
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
