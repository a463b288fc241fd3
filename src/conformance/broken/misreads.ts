import type { GuestPort } from '../../core/guest-port.ts';
import type { Register } from '../../core/register.ts';
import { CONFADD, CONFDATA } from '../../pci/registers.ts';
import { behind, withMemory } from './behind.ts';

/** Behind the header. */
const FIRST_CAPABILITY = 0x40;

/** One register of one function reads as `value`, regardless of its contents; `block` is where its block begins. */
export function misreadConfig(
  port: GuestPort,
  bdf: number,
  register: Register,
  value: number,
  block = 0,
): GuestPort {
  const offset = block + register.offset;
  const address = CONFADD.encode({ ENABLE: 1, REGISTER: offset >> 2 }) + bdf * 2 ** 8;
  let selected = 0;
  return behind(port, {
    out: (at, what, width) => {
      if (at === CONFADD.offset && width === 4) selected = what;
      port.out(at, what, width);
    },
    in: (at, width) => {
      const real = port.in(at, width);
      return selected === address && at === CONFDATA + (offset & 3) ? value : real;
    },
  });
}

/** The capabilities of one function are read from `other` instead. */
export function mistakeFor(port: GuestPort, bdf: number, other: number): GuestPort {
  const own = CONFADD.encode({ ENABLE: 1 }) + bdf * 2 ** 8;
  let selected = 0;
  return behind(port, {
    out: (at, what, width) => {
      if (at === CONFADD.offset && width === 4) selected = what;
      port.out(at, what, width);
    },
    in: (at, width) => {
      const isTheirs = at >= CONFDATA && selected - own >= FIRST_CAPABILITY && selected - own <= 0xff;
      if (isTheirs) port.out(CONFADD.offset, selected + (other - bdf) * 2 ** 8, 4);
      const value = port.in(at, width);
      if (isTheirs) port.out(CONFADD.offset, selected, 4);
      return value;
    },
  });
}

/** One port reads as `misread` returns. */
export function misreadPort(port: GuestPort, at: number, misread: (value: number) => number): GuestPort {
  return behind(port, {
    in: (address, width) => {
      const value = port.in(address, width);
      return address === at ? misread(value) : value;
    },
  });
}

/** Bytes that the driver copies out of RAM go through `misread`, which may change them. */
export function misreadMemory(port: GuestPort, misread: (bytes: Uint8Array) => void): GuestPort {
  return withMemory(port, {
    read: (address, into) => {
      port.memory.read(address, into);
      misread(into);
    },
  });
}

/** Bytes that the driver copies into RAM go through `miswrite`, which may change them and knows where they go. */
export function miswriteMemory(
  port: GuestPort,
  miswrite: (bytes: Uint8Array, address: number) => void,
): GuestPort {
  return withMemory(port, {
    write: (address, from) => {
      const bytes = from.slice();
      miswrite(bytes, address);
      port.memory.write(address, bytes);
    },
  });
}
