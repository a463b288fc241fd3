import type { Budget } from '../../core/budget.ts';
import { Segments } from '../../core/segments.ts';
import type { Endian } from '../../core/struct.ts';
import type { LogicalUnit } from '../../scsi/logical-unit.ts';
import type { Virtqueue } from '../queue/virtqueue.ts';
import type { ScsiEvents } from './events.ts';
import type { Address } from './lun.ts';
import { parseLun } from './lun.ts';
import * as reg from './registers.ts';
import type { Request } from './request.ts';

const { TMF, AN_SUBSCRIBE } = reg.SCSI_CONTROL;
const { OK, BAD_TARGET, ABORTED, RESET, FUNCTION_SUCCEEDED, FUNCTION_REJECTED, INCORRECT_LUN } =
  reg.SCSI_RESPONSE;
const an = reg.virtio_scsi_ctrl_an_req;
const WORD = 0xffff_ffffn;
const anAnswer = reg.virtio_scsi_ctrl_an_resp;

/** The objects of task management. */
export interface TaskManager {
  hasTarget(target: number): boolean;
  hasUnit(target: number, lun: number): boolean;
  /** Null for the well-known unit, too. */
  unitOf(target: number, lun: number): LogicalUnit | null;
  resetNexus(target: number): void;
  count(which: (request: Request) => boolean): number;
  abort(which: (request: Request) => boolean, response: number): void;
}

/** Budget of a function beside searching the requests in flight: a driver sends one at a time. */
const FUNCTION = 4096;

/** The control queue: task management functions, and asynchronous notification, which disks do not have. */
export class ControlQueue {
  events: ScsiEvents | null = null;
  private readonly manager: TaskManager;
  private readonly budget: Budget;
  private readonly tmf: typeof reg.virtio_scsi_ctrl_tmf_req;
  private readonly address: Address = { target: 0, lun: 0 };
  private readonly readable = new Segments();
  private readonly writable = new Segments();

  constructor(manager: TaskManager, endian: Endian, budget: Budget) {
    this.manager = manager;
    this.budget = budget;
    this.tmf = reg.virtio_scsi_ctrl_tmf_req.in(endian);
  }

  serve(queue: Virtqueue): void {
    const { budget } = this;
    while (budget.left > 0 && queue.pop()) {
      budget.spendOn(queue.chain.count, 0);
      budget.spend(FUNCTION);
      queue.chain.resolve(this.readable, this.writable);
      queue.push(queue.chain.id, this.answer());
    }
    queue.flush();
  }

  private answer(): number {
    const { readable, writable, tmf } = this;
    const bytes = new Uint8Array(tmf.size);
    const length = readable.gather(bytes);
    const { type, subtype, lun, id } = tmf.decode(bytes);
    const { offset } = tmf;
    this.events?.controlled(
      length >= offset.subtype ? type : -1,
      length >= offset.lun ? subtype : -1,
      readable.total,
      writable.total,
      lun,
      parseLun(lun, 0, this.address),
    );
    if (length < offset.subtype) return 0;
    if (type === TMF) {
      if (length < tmf.size || writable.total === 0) return 0;
      return writable.scatter(Uint8Array.of(this.manage(subtype, lun, id)));
    }
    if (type > AN_SUBSCRIBE || length < an.size || writable.total < anAnswer.size) return 0;
    return writable.scatter(anAnswer.encode({ event_actual: 0, response: OK }));
  }

  private manage(subtype: number, field: Uint8Array, id: bigint): number {
    const to = this.address;
    if (!parseLun(field, 0, to)) return BAD_TARGET;
    if (!this.manager.hasTarget(to.target)) return BAD_TARGET;
    const here = (request: Request) => request.target === to.target && request.lun === to.lun;
    const [low, high] = [Number(id & WORD), Number(id >> 32n)];
    const task = (request: Request) => here(request) && request.tagLow === low && request.tagHigh === high;
    if (subtype === reg.SCSI_TMF.I_T_NEXUS_RESET) {
      this.manager.abort((request) => request.target === to.target, RESET);
      this.manager.resetNexus(to.target);
      return OK;
    }
    if (!this.manager.hasUnit(to.target, to.lun)) return INCORRECT_LUN;
    switch (subtype) {
      case reg.SCSI_TMF.ABORT_TASK:
        this.manager.abort(task, ABORTED);
        return OK;
      case reg.SCSI_TMF.ABORT_TASK_SET:
        this.manager.abort(here, ABORTED);
        return OK;
      case reg.SCSI_TMF.CLEAR_TASK_SET:
        this.manager.abort(here, ABORTED);
        this.manager.unitOf(to.target, to.lun)?.tasksCleared();
        return OK;
      case reg.SCSI_TMF.LOGICAL_UNIT_RESET:
        this.manager.abort(here, RESET);
        this.manager.unitOf(to.target, to.lun)?.reset('soft');
        return OK;
      case reg.SCSI_TMF.QUERY_TASK:
        return this.manager.count(task) > 0 ? FUNCTION_SUCCEEDED : OK;
      case reg.SCSI_TMF.QUERY_TASK_SET:
        return this.manager.count(here) > 0 ? FUNCTION_SUCCEEDED : OK;
      default:
        return FUNCTION_REJECTED;
    }
  }
}
