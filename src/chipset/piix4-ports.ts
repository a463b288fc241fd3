import type { Described, Region } from '../core/access.ts';
import { registerBlock, registerText } from '../core/register-block.ts';
import { APMC, APMS, DMA_PAGE, PORT92, RC } from './registers/piix4-isa.ts';

const APM = registerBlock([APMC, APMS]);
const { SRST, RCPU } = RC.mask;
const { INIT } = PORT92.mask;

/** `hard` resets the platform; otherwise only the CPU, by INIT. */
export type OnReset = (hard: boolean) => void;

/** Reset control, port CF9: RCPU resets each time it is written, and reads 0. */
export class ResetControl implements Region {
  readonly name = 'RC';
  readonly size = 1;
  private value = 0;
  private readonly onReset: OnReset;

  constructor(onReset: OnReset) {
    this.onReset = onReset;
  }

  read(): number {
    return this.value;
  }

  write(_offset: number, value: number): void {
    this.value = RC.write(this.value, value) & ~RCPU;
    if (value & RCPU) this.onReset((value & SRST) !== 0);
  }

  reset(): void {
    this.value = RC.reset;
  }

  describe(access: Described): string {
    return `piix4 ${registerText(RC, access)}`;
  }
}

/** Port 92: a rising INIT resets the CPU. A20 is kept; no address is masked. */
export class Port92 implements Region {
  readonly name = 'PORT92';
  readonly size = 1;
  private value = 0;
  private readonly onReset: OnReset;

  constructor(onReset: OnReset) {
    this.onReset = onReset;
  }

  read(): number {
    return this.value;
  }

  write(_offset: number, value: number): void {
    const rises = (value & ~this.value & INIT) !== 0;
    this.value = PORT92.write(this.value, value);
    if (rises) this.onReset(false);
  }

  reset(): void {
    this.value = PORT92.reset;
  }

  describe(access: Described): string {
    return `piix4 ${registerText(PORT92, access)}`;
  }
}

/**
 * Ports 80 to 8F, the page registers of the DMA controllers, kept for software that probes for them. No reset affects
 * them.
 */
export class DmaPages implements Region {
  readonly name = 'DMA_PAGE';
  readonly size = 16;
  readonly widths = 1;
  private readonly pages = new Uint8Array(16);

  read(offset: number): number {
    return this.pages[offset]!;
  }

  write(offset: number, value: number): void {
    this.pages[offset] = value;
  }

  describe(access: Described): string {
    return `piix4 8${access.offset.toString(16)} ${registerText(DMA_PAGE, access)}`;
  }
}

/** Ports B2 and B3: commands to the firmware's SMI handler. */
export class ApmPorts implements Region {
  readonly name = 'APM';
  readonly size = 2;
  readonly widths = 1;
  private readonly values = new Uint8Array(2);
  private readonly onCommand: (command: number) => void;

  constructor(onCommand: (command: number) => void) {
    this.onCommand = onCommand;
  }

  read(offset: number): number {
    return this.values[offset]!;
  }

  write(offset: number, value: number): void {
    this.values[offset] = value;
    if (offset === APMC.offset) this.onCommand(value);
  }

  reset(): void {
    this.values.fill(0);
  }

  describe(access: Described): string {
    return APM.describe(access, 'piix4');
  }
}
