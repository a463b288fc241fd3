import type { Gpa } from '../../core/bits.ts';
import { compose } from '../../core/compose.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import type { Machine } from '../../machine/machine.ts';
import type { NvmeController } from '../../nvme/controller.ts';
import { NVME_EVENTS, type NvmeEvents } from '../../nvme/events.ts';
import type { NvmeFunction } from '../../nvme/function.ts';
import { NVME_BAR, PAGE, REGISTERS_SIZE } from '../../nvme/registers/bar0.ts';
import { cqe, sqe } from '../../nvme/registers/commands.ts';
import { behind } from '../broken/behind.ts';
import type { Words } from '../broken/card-words.ts';
import type { ActiveLie, NvmeAnswer } from './lie.ts';

const { opcode: OPCODE, prp1: PRP1, cdw10: CDW10 } = sqe.offset;

/** Has the NVMe controllers of a machine tell a lie in RAM. */
export function lieOfNvme({ nvme }: Machine, active: ActiveLie): void {
  if (active.lie.nvme === undefined) return;
  for (const { fn } of nvme) {
    const { controller } = fn as unknown as NvmeFunction;
    const watches = controller.events === null ? [] : [controller.events];
    controller.events = compose<NvmeEvents>(NVME_EVENTS, [...watches, new Liar(controller, active)]);
  }
}

/** Changes what a controller wrote before its driver sees it. */
class Liar implements Partial<NvmeEvents> {
  private readonly controller: NvmeController;
  private readonly active: ActiveLie;
  private opcode = 0;
  private cdw10 = 0;
  private place: Gpa = 0;

  constructor(controller: NvmeController, active: ActiveLie) {
    this.controller = controller;
    this.active = active;
  }

  commanded(_queue: number, entry: DataView): void {
    this.opcode = entry.getUint8(OPCODE);
    this.cdw10 = entry.getUint32(CDW10, true);
    this.place = Number(entry.getBigUint64(PRP1, true));
  }

  answered(queue: number): void {
    const { active, opcode, cdw10, controller } = this;
    const completions = controller.queues.submissions[queue]?.completions;
    if (completions === undefined || !active.isDue()) return;
    const { address, size, tail } = completions;
    const last = (tail + size - 1) % size;
    const entries = Array.from(
      { length: size },
      (_, i) => this.words(address + ((last + i) % size) * cqe.size, cqe.size)!,
    );
    const data = queue === 0 ? this.words(this.place, PAGE) : null;
    const answer: NvmeAnswer = {
      entry: entries[0]!,
      entries,
      opcode: queue === 0 ? opcode : -1,
      cdw10,
      data,
    };
    active.tell(active.lie.nvme!.answered(answer, active.random));
  }

  private words(address: Gpa, length: number): Words | null {
    const range = this.controller.board.memory.find(address, length);
    return range && { view: range.view, at: address - range.base };
  }
}

/** The port with a lie in what registers of NVMe controllers read as. */
export function lyingNvme({ nvme }: Machine, port: GuestPort, active: ActiveLie): GuestPort {
  const { nvmeRegister } = active.lie;
  if (nvmeRegister === undefined) return port;
  return behind(port, {
    read: (address, width) => {
      const value = port.read(address, width);
      const base = nvme
        .map(({ fn }) => fn.bars.find(({ index }) => index === NVME_BAR.registers)?.mapped ?? -1)
        .find((at) => at >= 0 && address >= at && address < at + REGISTERS_SIZE);
      if (base === undefined || width !== 4) return value;
      const said = nvmeRegister(address - base, value) >>> 0;
      active.tell(said !== value);
      return said;
    },
  });
}
