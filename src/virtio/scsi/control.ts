import type { Journal } from '../../core/journal.ts';
import { Segments } from '../../core/segments.ts';
import type { Endian } from '../../core/struct.ts';
import type { Virtqueue } from '../queue/virtqueue.ts';
import type { Address } from './lun.ts';
import { parseLun } from './lun.ts';
import * as reg from './registers.ts';
import type { Request } from './request.ts';

const { TMF } = reg.SCSI_CONTROL;
const { OK, BAD_TARGET, ABORTED, RESET, FUNCTION_SUCCEEDED, FUNCTION_REJECTED, INCORRECT_LUN } =
  reg.SCSI_RESPONSE;
const an = reg.virtio_scsi_ctrl_an_req;
const anAnswer = reg.virtio_scsi_ctrl_an_resp;

/** What task management acts on. */
export interface TaskManager {
  readonly subject: string;
  hasTarget(target: number): boolean;
  hasUnit(target: number, lun: number): boolean;
  resetUnits(target: number, lun: number | null): void;
  count(which: (request: Request) => boolean): number;
  abort(which: (request: Request) => boolean, response: number): number;
}

/** The control queue: task management functions, and asynchronous notification, of which a disk has none. */
export class ControlQueue {
  private readonly journal: Journal;
  private readonly manager: TaskManager;
  private readonly tmf: typeof reg.virtio_scsi_ctrl_tmf_req;
  private readonly readable = new Segments();
  private readonly writable = new Segments();

  constructor(journal: Journal, manager: TaskManager, endian: Endian) {
    this.journal = journal;
    this.manager = manager;
    this.tmf = reg.virtio_scsi_ctrl_tmf_req.in(endian);
  }

  serve(queue: Virtqueue): void {
    while (queue.pop()) {
      queue.chain.resolve(this.readable, this.writable);
      queue.push(queue.chain.id, this.answer());
    }
    queue.flush();
  }

  private answer(): number {
    const { tmf } = this;
    const bytes = new Uint8Array(tmf.size);
    const length = this.readable.gather(bytes);
    const type = length >= 4 ? tmf.decode(bytes).type : -1;
    this.journal.met('virtio/SCSI-IMP-6');
    if (type === TMF && length >= tmf.size && this.writable.total >= 1) {
      const { subtype, lun, id } = tmf.decode(bytes);
      return this.writable.scatter(Uint8Array.of(this.manage(subtype, lun, id)));
    }
    if (
      type > TMF &&
      type <= reg.SCSI_CONTROL.AN_SUBSCRIBE &&
      length >= an.size &&
      this.writable.total >= anAnswer.size
    )
      return this.writable.scatter(anAnswer.encode({ event_actual: 0, response: OK }));
    const said = `a control request of type ${type} has ${length} readable and ${this.writable.total} writable bytes`;
    this.journal.report('virtio/SCSI-IMP-6', this.manager.subject, said);
    return 0;
  }

  private manage(subtype: number, field: Uint8Array, id: bigint): number {
    const to: Address = { target: 0, lun: 0 };
    if (!parseLun(field, 0, to)) return BAD_TARGET;
    if (!this.manager.hasTarget(to.target)) return BAD_TARGET;
    const here = (request: Request) => request.target === to.target && request.lun === to.lun;
    const task = (request: Request) => here(request) && idOf(request) === id;
    if (subtype === reg.SCSI_TMF.I_T_NEXUS_RESET) {
      this.manager.abort((request) => request.target === to.target, RESET);
      this.manager.resetUnits(to.target, null);
      return OK;
    }
    if (!this.manager.hasUnit(to.target, to.lun)) return INCORRECT_LUN;
    switch (subtype) {
      case reg.SCSI_TMF.ABORT_TASK:
        this.manager.abort(task, ABORTED);
        return OK;
      case reg.SCSI_TMF.ABORT_TASK_SET:
      case reg.SCSI_TMF.CLEAR_TASK_SET:
        this.manager.abort(here, ABORTED);
        return OK;
      case reg.SCSI_TMF.LOGICAL_UNIT_RESET:
        this.manager.abort(here, RESET);
        this.manager.resetUnits(to.target, to.lun);
        return OK;
      case reg.SCSI_TMF.QUERY_TASK:
        return this.manager.count(task) > 0 ? FUNCTION_SUCCEEDED : OK;
      case reg.SCSI_TMF.QUERY_TASK_SET:
        return this.manager.count(here) > 0 ? FUNCTION_SUCCEEDED : OK;
      default:
        if (subtype !== reg.SCSI_TMF.CLEAR_ACA)
          this.journal.report(
            'virtio/SCSI-IMP-6',
            this.manager.subject,
            `task management function ${subtype} does not exist`,
          );
        return FUNCTION_REJECTED;
    }
  }
}

function idOf(request: Request): bigint {
  return (BigInt(request.tagHigh) << 32n) | BigInt(request.tagLow);
}
