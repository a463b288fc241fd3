import type { Described, Region } from '../core/access.ts';
import { allOnes, bdfText, hex, type Width } from '../core/bits.ts';
import { CONFIG_SIZE } from './config-space.ts';
import type { PciBus } from './pci-bus.ts';

/** Bytes of a function's configuration space by PCI Express, and of a bus. */
const EXTENDED_SIZE = 4096;
const BUS_SIZE = 256 * EXTENDED_SIZE;

/**
 * The enhanced configuration access mechanism (PCI Express 5.0, 7.2.2): 4 KiB of memory for each function. Functions here
 * have no extended capabilities: what is behind the first 256 bytes reads 0.
 */
export class Ecam implements Region {
  readonly name = 'ECAM';
  readonly size: number;
  private readonly bus: PciBus;

  /** @param buses how many it has room for; there are functions on bus 0 alone. */
  constructor(bus: PciBus, buses: number) {
    this.bus = bus;
    this.size = buses * BUS_SIZE;
  }

  read(offset: number, width: Width): number {
    const fn = this.at(offset);
    if (fn === null) return allOnes(width);
    const register = offset % EXTENDED_SIZE;
    return register < CONFIG_SIZE ? fn.readConfig(register, width) : 0;
  }

  write(offset: number, value: number, width: Width): void {
    const register = offset % EXTENDED_SIZE;
    if (register < CONFIG_SIZE) this.at(offset)?.writeConfig(register, value, width);
  }

  describe(access: Described): string {
    const { offset } = access;
    const at = bdfText(Math.floor(offset / EXTENDED_SIZE));
    const fn = this.at(offset);
    const register = offset % EXTENDED_SIZE;
    if (fn === null) return `${at} absent, config ${hex(register, 3)}`;
    if (register >= CONFIG_SIZE) return `${at} extended config ${hex(register, 3)}`;
    return `${at} ${fn.config.describe({ ...access, offset: register })}`;
  }

  private at(offset: number) {
    const bdf = Math.floor(offset / EXTENDED_SIZE);
    return bdf > 0xff ? null : this.bus.at(bdf);
  }
}
