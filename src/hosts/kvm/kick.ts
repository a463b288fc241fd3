import { struct } from '../../core/struct.ts';
import type { Libc } from '../system/libc.ts';
import { KVM } from './registers.ts';
import type { KvmCalls } from './system.ts';

/** As Linux numbers them on x86-64. */
const SIG_BLOCK = 0;
const CLOCK_MONOTONIC = 1;
const SIGEV_THREAD_ID = 4;
/** A real-time signal that neither Node nor libc has a use for. */
const SIGNAL = 40;
const SIGSET_BYTES = 128;
/** As the kernel has a set of signals. */
const KERNEL_SIGSET_BYTES = 8;

const sigevent = struct('sigevent', 'le', {
  sigev_value: 'u64',
  sigev_signo: 'u32',
  sigev_notify: 'u32',
  sigev_notify_thread_id: 'u32',
  padding: { bytes: 44 },
});
const itimerspec = struct('itimerspec', 'le', {
  interval_sec: 'u64',
  interval_nsec: 'u64',
  value_sec: 'u64',
  value_nsec: 'u64',
});
const kvm_signal_mask = struct('kvm_signal_mask', 'le', {
  len: 'u32',
  sigset: { bytes: KERNEL_SIGSET_BYTES },
});

/** The shortest that a timer can be set to: zero would stop it. */
const SHORTEST = 1;

const bytesOf = (length: number) => new Uint8Array(new ArrayBuffer(length));

/**
 * Makes a processor return in time, whatever its guest does: by a timer's signal that this thread has blocked, and
 * KVM_RUN has not. So it ends KVM_RUN and is never delivered, and one that comes before KVM_RUN begins is not lost.
 */
export class Kick {
  private readonly calls: KvmCalls;
  private readonly set = bytesOf(SIGSET_BYTES);
  private readonly setAt: bigint;
  private readonly time = bytesOf(itimerspec.size);
  private readonly timeView = new DataView(this.time.buffer);
  private readonly timeAt: bigint;
  private readonly none = bytesOf(16);
  private readonly noneAt: bigint;
  private readonly timer: bigint;
  /** When the timer expires, in `performance.now()`'s time. */
  private due = Number.POSITIVE_INFINITY;

  constructor(libc: Libc, calls: KvmCalls) {
    this.calls = calls;
    this.setAt = libc.addressOf(this.set);
    this.timeAt = libc.addressOf(this.time);
    this.noneAt = libc.addressOf(this.none);
    this.set[(SIGNAL - 1) >> 3] = 1 << ((SIGNAL - 1) & 7);
    calls.pthread_sigmask(SIG_BLOCK, this.setAt, null);
    const event = bytesOf(sigevent.size);
    const sigev_notify_thread_id = calls.gettid();
    sigevent.encode({ sigev_signo: SIGNAL, sigev_notify: SIGEV_THREAD_ID, sigev_notify_thread_id }, event);
    const timer = bytesOf(8);
    calls.timer_create(CLOCK_MONOTONIC, libc.addressOf(event), libc.addressOf(timer));
    this.timer = new DataView(timer.buffer).getBigUint64(0, true);
  }

  /** No signal is blocked while `vcpu`, of that file, executes. */
  attach(libc: Libc, vcpu: number): void {
    const mask = bytesOf(kvm_signal_mask.size);
    kvm_signal_mask.encode({ len: KERNEL_SIGSET_BYTES }, mask);
    this.calls.ioctl(vcpu, KVM.SET_SIGNAL_MASK, libc.addressOf(mask));
  }

  /** The processor must return within this many milliseconds from `now` on. */
  within(now: number, milliseconds: number): void {
    // The expired signal may have been consumed for another processor.
    if (this.due > now && now + milliseconds >= this.due) return;
    this.due = now + milliseconds;
    const nanos = Math.max(SHORTEST, Math.floor(milliseconds * 1e6));
    const { value_sec, value_nsec } = itimerspec.offset;
    this.timeView.setUint32(value_sec, nanos / 1e9, true);
    this.timeView.setUint32(value_nsec, nanos % 1e9, true);
    this.calls.timer_settime(this.timer, 0, this.timeAt, null);
  }

  /** The processor has returned: the signal is no longer needed. */
  done(): void {
    this.due = Number.POSITIVE_INFINITY;
    this.calls.sigtimedwait(this.setAt, null, this.noneAt);
  }

  close(): void {
    this.calls.timer_delete(this.timer);
    this.done();
  }
}
