/** Why a command is refused, by Linux's numbers. */
export const ERRNO = {
  ENOENT: 2,
  EAGAIN: 11,
  ENOMEM: 12,
  EEXIST: 17,
  EINVAL: 22,
  ENOSPC: 28,
  ENOTSUP: 95,
} as const;

/** A command that cannot be executed: the client's error, reported in its own protocol. */
export class Refusal extends Error {
  readonly errno: number;

  constructor(errno: keyof typeof ERRNO) {
    super(errno);
    this.errno = ERRNO[errno];
  }
}
