import type { Described, Region } from '../core/access.ts';
import { hex, type Width } from '../core/bits.ts';
import type { Register } from '../core/register.ts';
import { registerBlock, valueText } from '../core/register-block.ts';
import type { NvmeController } from './controller.ts';
import { VERSION } from './identify.ts';
import * as reg from './registers/bar0.ts';
import { TIMEOUT_UNITS } from './settings.ts';

const REGISTERS = registerBlock([
  reg.CAP,
  reg.CAP_UPPER,
  reg.VS,
  reg.INTMS,
  reg.INTMC,
  reg.CC,
  reg.CSTS,
  reg.NSSR,
  reg.AQA,
  reg.ASQ,
  reg.ASQ_UPPER,
  reg.ACQ,
  reg.ACQ_UPPER,
]);
const HIGH = 0x1_0000_0000;
const WORD = 4;

/** The registers and doorbells behind BAR0. */
export class NvmeWindow implements Region {
  readonly name: string;
  readonly size = reg.REGISTERS_SIZE;
  private readonly controller: NvmeController;
  /** Bytes from a doorbell to the next. */
  private readonly stride: number;

  constructor(controller: NvmeController) {
    this.name = controller.name;
    this.controller = controller;
    this.stride = reg.DOORBELL_BYTES << controller.settings.dstrd;
  }

  read(offset: number, width: Width): number {
    const { events } = this.controller;
    events?.registerRead(REGISTERS.at(offset), offset, width, this.controller.csts);
    const register = REGISTERS.at(offset & ~(WORD - 1));
    const word = register === null ? 0 : this.valueOf(register);
    const shift = (offset & (WORD - 1)) * 8;
    return width === WORD ? word : (word >>> shift) & (width === 2 ? 0xffff : 0xff);
  }

  write(offset: number, value: number, width: Width): void {
    const { controller } = this;
    const { csts, events } = controller;
    if (offset >= reg.DOORBELLS) {
      events?.doorbellWritten(offset, width, value, csts, controller.canReachMemory);
      if (width !== WORD || offset % this.stride !== 0) return;
      const index = (offset - reg.DOORBELLS) / this.stride;
      if ((index & 1) === 0) controller.queues.ringSubmission(index >>> 1, value & 0xffff);
      else controller.queues.ringCompletion(index >>> 1, value & 0xffff);
      return;
    }
    const register = REGISTERS.at(offset);
    events?.registerWritten(register, offset, width, value, csts, controller.canReachMemory);
    if (register !== null && width === WORD) this.store(register, value);
  }

  describe(access: Described): string {
    const { offset } = access;
    if (offset < reg.DOORBELLS) return REGISTERS.describe(access, this.name);
    const index = (offset - reg.DOORBELLS) / this.stride;
    if (!Number.isInteger(index)) return `${this.name} ${hex(offset, 4)}, no doorbell${valueText(access)}`;
    const what = (index & 1) === 0 ? 'SQ' : 'CQ';
    return `${this.name} ${what} ${index >>> 1} ${what === 'SQ' ? 'tail' : 'head'}${valueText(access)}`;
  }

  private store(register: Register, value: number): void {
    const { controller } = this;
    switch (register) {
      case reg.INTMS:
        controller.mask(controller.interruptMask | value);
        break;
      case reg.INTMC:
        controller.mask(controller.interruptMask & ~value);
        break;
      case reg.CC:
        controller.configure(value);
        break;
      case reg.AQA:
        controller.aqa = reg.AQA.write(controller.aqa, value);
        break;
      case reg.ASQ:
        controller.asq = controller.asq - (controller.asq % HIGH) + reg.ASQ.write(0, value);
        break;
      case reg.ASQ_UPPER:
        controller.asq = (controller.asq % HIGH) + value * HIGH;
        break;
      case reg.ACQ:
        controller.acq = controller.acq - (controller.acq % HIGH) + reg.ACQ.write(0, value);
        break;
      case reg.ACQ_UPPER:
        controller.acq = (controller.acq % HIGH) + value * HIGH;
        break;
    }
  }

  private valueOf(register: Register): number {
    const { controller } = this;
    const { settings } = controller;
    switch (register) {
      case reg.CAP:
        return reg.CAP.encode({
          MQES: settings.entries - 1,
          CQR: 1,
          // Weighted round robin with an urgent class.
          AMS: settings.offers.weighted ? 1 : 0,
          TO: TIMEOUT_UNITS,
        });
      case reg.CAP_UPPER:
        // The NVM command set alone, which older UEFIs want: exactly 1.
        return reg.CAP_UPPER.encode({ DSTRD: settings.dstrd, CSS: 1 });
      case reg.VS:
        return VERSION;
      case reg.INTMS:
      case reg.INTMC:
        return controller.interruptMask;
      case reg.CC:
        return controller.cc;
      case reg.CSTS:
        return controller.csts;
      case reg.AQA:
        return controller.aqa;
      case reg.ASQ:
        return controller.asq % HIGH;
      case reg.ASQ_UPPER:
        return Math.floor(controller.asq / HIGH);
      case reg.ACQ:
        return controller.acq % HIGH;
      case reg.ACQ_UPPER:
        return Math.floor(controller.acq / HIGH);
      default:
        return 0;
    }
  }
}
