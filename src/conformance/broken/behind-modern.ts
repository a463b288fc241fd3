import type { Gpa, Width } from '../../core/bits.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import type { Register } from '../../core/register.ts';
import { findStructures, type ModernStructures } from '../../guest/index.ts';
import { behind, Remembered } from './behind.ts';

/** Where the structures of the modern function at `bdf` lie. */
export function structuresOf(port: GuestPort, bdf: number): ModernStructures {
  return findStructures(port, bdf)!;
}

/** A register of the common configuration, as a mistake reads and writes it by itself. */
export class CommonRegister {
  readonly address: Gpa;
  private readonly port: GuestPort;
  private readonly width: Width;

  constructor(port: GuestPort, bdf: number, { offset, width }: Register) {
    this.address = structuresOf(port, bdf).common + offset;
    this.port = port;
    this.width = width;
  }

  read(): number {
    return this.port.read(this.address, this.width);
  }

  write(value: number): void {
    this.port.write(this.address, value, this.width);
  }
}

/** Every write of one register of the common configuration goes through `rewrite`; null drops the write. */
export function rewriteCommon(
  port: GuestPort,
  bdf: number,
  register: Register,
  rewrite: (value: number) => number | null,
): GuestPort {
  const { address } = new CommonRegister(port, bdf, register);
  return behind(port, {
    write: (at, value, width) => {
      const changed = at === address ? rewrite(value) : value;
      if (changed !== null) port.write(at, changed, width);
    },
  });
}

/** Every read of one register of the common configuration is answered by `answer`, which may read the device. */
export function answerCommon(
  port: GuestPort,
  bdf: number,
  register: Register,
  answer: (ask: () => number) => number,
): GuestPort {
  const { address } = new CommonRegister(port, bdf, register);
  return behind(port, {
    read: (at, width) => (at === address ? answer(() => port.read(at, width)) : port.read(at, width)),
  });
}

/** One register of the common configuration reads as the value that was last written, if `trusts` accepts it. */
export function rememberCommon(
  port: GuestPort,
  bdf: number,
  register: Register,
  trusts: (written: number) => boolean,
): GuestPort {
  const memory = new Remembered(trusts);
  return answerCommon(rewriteCommon(port, bdf, register, memory.note), bdf, register, memory.answer);
}

/** One register of the common configuration is accessed with another width than its own. */
export function resizeCommon(port: GuestPort, bdf: number, register: Register, width: Width): GuestPort {
  const { address } = new CommonRegister(port, bdf, register);
  const widthAt = (at: Gpa, own: Width) => (at === address ? width : own);
  return behind(port, {
    read: (at, own) => port.read(at, widthAt(at, own)),
    write: (at, value, own) => port.write(at, value, widthAt(at, own)),
  });
}

/** Every kick of queue 0 through the notify structure is made by `kick`. */
export function rewriteKicks(
  port: GuestPort,
  bdf: number,
  kick: (value: number, width: Width) => readonly [value: number, width: Width],
): GuestPort {
  const { notify } = structuresOf(port, bdf);
  return behind(port, {
    write: (at, value, width) => {
      const [changed, wide] = at === notify ? kick(value, width) : ([value, width] as const);
      port.write(at, changed, wide);
    },
  });
}
