import type { Described, Region } from '../core/access.ts';
import { ConfigSpace } from '../pci/config-space.ts';
import { SMBHSTCNT, SMBHSTSTS, SMBUS_REGISTERS, SMBUS_SIZE } from './registers/pm-io.ts';

const { DEV_ERR } = SMBHSTSTS.mask;
const { START } = SMBHSTCNT.mask;

/** The SMBus host controller's 16 ports at SMBBA. No device is on the bus: it is idle, and each transfer fails at once. */
export class SmbusHost implements Region {
  readonly name: string;
  readonly size = SMBUS_SIZE;
  readonly widths = 1;
  private readonly registers = new ConfigSpace();

  constructor(name: string) {
    this.name = name;
    for (const register of SMBUS_REGISTERS) this.registers.define(register);
  }

  read(offset: number): number {
    return this.registers.read(offset, 1);
  }

  write(offset: number, value: number): void {
    const { registers } = this;
    registers.write(offset, value, 1);
    const control = registers.get(SMBHSTCNT);
    if ((control & START) === 0) return;
    registers.set(SMBHSTCNT, control & ~START);
    registers.set(SMBHSTSTS, registers.get(SMBHSTSTS) | DEV_ERR);
  }

  reset(): void {
    this.registers.reset();
  }

  describe(access: Described): string {
    return `${this.name} ${this.registers.describe(access)}`;
  }
}
