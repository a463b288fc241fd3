import type { Journal } from '../../core/journal.ts';
import type { Endian } from '../../core/struct.ts';
import { SENSE } from '../../scsi/sense.ts';
import type { Chain } from '../queue/virtqueue.ts';
import type { InFlight } from './in-flight.ts';
import { parseLun } from './lun.ts';
import { SCSI_RESPONSE, virtio_scsi_req_cmd, virtio_scsi_resp_cmd } from './registers.ts';
import type { Request } from './request.ts';

const { lun, id, task_attr, prio, crn } = virtio_scsi_req_cmd.offset;
const { sense_len, residual, status, response } = virtio_scsi_resp_cmd.offset;
const HEADER = virtio_scsi_req_cmd.size;
const RESPONSE = virtio_scsi_resp_cmd.size;
const { OK, OVERRUN, BAD_TARGET, FAILURE } = SCSI_RESPONSE;

/** What decides the shape of a request. */
export interface RequestShape {
  readonly subject: string;
  readonly sense_size: number;
  readonly cdb_size: number;
  readonly anyLayout: boolean;
  readonly seg_max: number;
  readonly cmd_per_lun: number;
}

/** Takes requests out of chains and puts answers in (virtio 1.4, SCSI Host Device / Request Queues). */
export class RequestReader {
  private readonly journal: Journal;
  private readonly inFlight: InFlight;
  private readonly little: boolean;
  private readonly head = new Uint8Array(HEADER);
  private readonly answer = new Uint8Array(RESPONSE);
  private readonly view = new DataView(this.answer.buffer);

  constructor(journal: Journal, inFlight: InFlight, endian: Endian) {
    this.journal = journal;
    this.inFlight = inFlight;
    this.little = endian === 'le';
  }

  /** Reads the request that `chain` holds; one that cannot be carried out has its answer afterwards. */
  read(chain: Chain, request: Request, shape: RequestShape): void {
    const { command, readable, writable } = request;
    request.chain = chain.id;
    request.ready = false;
    request.response = FAILURE;
    request.target = -1;
    command.begin();
    command.dataOut.clear();
    command.dataIn.clear();
    chain.resolve(readable, writable);
    if (!this.longEnough(request, shape)) return;
    const { head } = this;
    readable.gather(head);
    request.tagLow = (head[id]! | (head[id + 1]! << 8) | (head[id + 2]! << 16) | (head[id + 3]! << 24)) >>> 0;
    request.tagHigh =
      (head[id + 4]! | (head[id + 5]! << 8) | (head[id + 6]! << 16) | (head[id + 7]! << 24)) >>> 0;
    command.cdb.fill(0);
    readable.gather(command.cdb, HEADER, Math.min(shape.cdb_size, command.cdb.length));
    command.dataOut.setTail(readable, HEADER + shape.cdb_size);
    command.dataIn.setTail(writable, RESPONSE + shape.sense_size);
    this.checkFraming(request, shape);
    if (!parseLun(head, lun, request)) {
      const said = `the LUN field is ${Buffer.from(head.subarray(lun, lun + 8)).toString('hex')}`;
      this.journal.report('virtio/SCSI-IMP-1', shape.subject, said);
      request.response = BAD_TARGET;
      return;
    }
    this.checkOutstanding(request, shape);
  }

  /** Writes the answer; returns how many bytes of the chain were written. */
  respond(request: Request, senseSize: number): number {
    const { command, writable } = request;
    if (writable.total < RESPONSE + senseSize) return 0;
    const { view } = this;
    const failed = request.response === OK && command.overrun;
    const data = command.dataIn.total + command.dataOut.total;
    const senseLength = Math.min(command.senseLength, senseSize);
    view.setUint32(sense_len, senseLength, this.little);
    view.setUint32(residual, Math.max(0, data - command.transferred), this.little);
    this.answer[status] = command.status;
    this.answer[response] = failed ? OVERRUN : request.response;
    writable.scatter(this.answer);
    writable.scatter(command.sense, RESPONSE, senseLength);
    return RESPONSE + senseSize + (command.dataIn.total > 0 ? command.transferred : 0);
  }

  private longEnough(request: Request, shape: RequestShape): boolean {
    const { readable, writable } = request;
    this.journal.met('virtio/SCSI-IMP-2');
    if (readable.total >= HEADER + shape.cdb_size && writable.total >= RESPONSE + shape.sense_size)
      return true;
    const said = `a request has ${readable.total} readable and ${writable.total} writable bytes`;
    this.journal.report('virtio/SCSI-IMP-2', shape.subject, said);
    return false;
  }

  private checkFraming(request: Request, shape: RequestShape): void {
    const { readable, writable, command } = request;
    if (!shape.anyLayout) {
      const first = readable.length[0]!;
      this.journal.check(
        'virtio/SCSI-FRAME-LEG-D1',
        first === HEADER + shape.cdb_size,
        shape.subject,
        'the request header has',
        first,
      );
      const answer = writable.length[0]!;
      this.journal.check(
        'virtio/SCSI-FRAME-LEG-D2',
        answer === RESPONSE + shape.sense_size,
        shape.subject,
        'the response has',
        answer,
      );
    }
    const most = Math.max(command.dataOut.count, command.dataIn.count);
    this.journal.check(
      'virtio/SCSI-IMP-4',
      most <= shape.seg_max,
      shape.subject,
      'data segments in one direction:',
      most,
    );
    const tagging = this.head[task_attr]! | this.head[prio]! | this.head[crn]!;
    this.journal.check(
      'virtio/SCSI-REQ-D2',
      tagging === 0,
      shape.subject,
      'task_attr, prio and crn together are',
      tagging,
    );
  }

  private checkOutstanding(request: Request, shape: RequestShape): void {
    const { journal, inFlight } = this;
    const { command } = request;
    journal.met('virtio/SCSI-IMP-1');
    journal.met('virtio/SCSI-IMP-3');
    journal.met('virtio/SCSI-IMP-5');
    journal.met('virtio/SCSI-CFG-D2');
    if (command.dataIn.total > 0 && command.dataOut.total > 0) {
      journal.report(
        'virtio/SCSI-IMP-3',
        shape.subject,
        'a request carries data both ways, and INOUT was not negotiated',
      );
      return;
    }
    request.response = OK;
    if (
      inFlight.list.length >= shape.cmd_per_lun &&
      inFlight.to(request.target, request.lun) >= shape.cmd_per_lun
    )
      journal.report(
        'virtio/SCSI-CFG-D2',
        shape.subject,
        `more than cmd_per_lun (${shape.cmd_per_lun}) requests are outstanding`,
      );
    if (inFlight.overlaps(request)) {
      const tag = `${request.tagHigh.toString(16)}${request.tagLow.toString(16).padStart(8, '0')}`;
      const to = `target ${request.target} LUN ${request.lun}`;
      journal.report('virtio/SCSI-IMP-5', shape.subject, `id ${tag} is in use by another request to ${to}`);
      command.check(SENSE.OVERLAPPED_COMMANDS);
      return;
    }
    request.ready = true;
  }
}
