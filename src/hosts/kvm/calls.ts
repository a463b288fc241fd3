import type { Libc } from '../system/libc.ts';

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
export function kvmCalls(libc: Libc): KvmCalls {
  if (bound?.libc !== libc) bound = { libc, calls: libc.declare<KvmCalls>(DECLARATIONS) };
  return bound.calls;
}
