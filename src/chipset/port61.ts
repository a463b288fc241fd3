import type { Described, Region } from '../core/access.ts';
import { registerText } from '../core/register-block.ts';
import type { Pit8254 } from './pit8254.ts';
import { NMISC } from './registers/pit.ts';

const { TIM_CNT2_EN, REF_TOGGLE, TMR2_OUT_STS } = NMISC.mask;
/** Counter 1's divisor on a PC, whatever a guest writes to it: 15.1 µs. */
const REFRESH_TICKS = 18;

/**
 * Port 61. It gates and reads counter 2; there is no speaker. REF_TOGGLE toggles every 15.1 µs, independent of
 * counter 1. There is no source of NMI.
 * Source: 82371AB, NMI Status and Control Register.
 */
export class Port61 implements Region {
  readonly name = 'NMISC';
  readonly size = 1;
  private value = NMISC.reset;
  private readonly pit: Pit8254;

  constructor(pit: Pit8254) {
    this.pit = pit;
    this.reset();
  }

  read(): number {
    this.pit.outputRead();
    const refresh = Math.floor(this.pit.now() / REFRESH_TICKS) & 1 ? REF_TOGGLE : 0;
    return this.value | refresh | (this.pit.out2 ? TMR2_OUT_STS : 0);
  }

  write(_offset: number, value: number): void {
    this.value = NMISC.write(0, value);
    this.pit.gate2 = (value & TIM_CNT2_EN) !== 0;
  }

  reset(): void {
    this.write(0, NMISC.reset);
  }

  describe(access: Described): string {
    return `piix4 ${registerText(NMISC, access)}`;
  }
}
