import type { Endian } from '../../core/struct.ts';
import { SENSE } from '../../scsi/sense.ts';
import type { Chain } from '../queue/virtqueue.ts';
import type { RequestFault, RequestSizes } from './events.ts';
import { parseLun } from './lun.ts';
import { SCSI_RESPONSE, virtio_scsi_req_cmd, virtio_scsi_resp_cmd } from './registers.ts';
import type { InFlight, Request } from './request.ts';

const { lun, id } = virtio_scsi_req_cmd.offset;
const { sense_len, residual, status, response } = virtio_scsi_resp_cmd.offset;
const HEADER = virtio_scsi_req_cmd.size;
const RESPONSE = virtio_scsi_resp_cmd.size;
const { OK, OVERRUN, BAD_TARGET, FAILURE } = SCSI_RESPONSE;

/** Parses requests from chains and writes answers (virtio 1.4, SCSI Host Device / Request Queues). */
export class RequestReader {
  /** The header of the last request, up to the CDB. */
  readonly head = new Uint8Array(HEADER);
  private readonly inFlight: InFlight;
  private readonly little: boolean;
  private readonly answer = new Uint8Array(RESPONSE);
  private readonly view = new DataView(this.answer.buffer);

  constructor(inFlight: InFlight, endian: Endian) {
    this.inFlight = inFlight;
    this.little = endian === 'le';
  }

  /** Reads the request in `chain`; one that cannot be executed has its answer afterwards. */
  read(chain: Chain, request: Request, sizes: RequestSizes): RequestFault | null {
    const { command } = request;
    request.begin(chain.id, chain.count);
    chain.resolve(request.readable, request.writable);
    const fault = this.parse(request, sizes);
    request.ready = fault === null;
    request.response = fault === null ? OK : answerTo(fault);
    if (fault === 'overlapped') command.check(SENSE.OVERLAPPED_COMMANDS);
    return fault;
  }

  /** Writes the answer; returns how many bytes of the chain were written. */
  respond(request: Request, senseSize: number): number {
    const { command, writable } = request;
    if (writable.total < RESPONSE + senseSize) return 0;
    const { view } = this;
    if (request.response === OK && command.overrun) request.response = OVERRUN;
    const data = command.dataIn.total + command.dataOut.total;
    const senseLength = Math.min(command.senseLength, senseSize);
    view.setUint32(sense_len, senseLength, this.little);
    view.setUint32(residual, Math.max(0, data - command.transferred), this.little);
    this.answer[status] = command.status;
    this.answer[response] = request.response;
    writable.scatter(this.answer);
    writable.scatter(command.sense, RESPONSE, senseLength);
    return RESPONSE + senseSize + (command.dataIn.total > 0 ? command.transferred : 0);
  }

  private parse(request: Request, { cdb_size, sense_size }: RequestSizes): RequestFault | null {
    const { head } = this;
    const { command, readable, writable } = request;
    if (readable.total < HEADER + cdb_size || writable.total < RESPONSE + sense_size) return 'short';
    readable.gather(head);
    request.tagLow = wordAt(head, id);
    request.tagHigh = wordAt(head, id + 4);
    // A driver may set a smaller CDB size: the rest is then zeroes.
    if (cdb_size < command.cdb.length) command.cdb.fill(0);
    readable.gather(command.cdb, HEADER, Math.min(cdb_size, command.cdb.length));
    command.dataOut.setTail(readable, HEADER + cdb_size);
    command.dataIn.setTail(writable, RESPONSE + sense_size);
    if (!parseLun(head, lun, request)) return 'lun';
    if (command.dataIn.total > 0 && command.dataOut.total > 0) return 'both ways';
    return this.inFlight.overlaps(request) ? 'overlapped' : null;
  }
}

/** An id is opaque: its halves are read as little-endian for every guest. */
function wordAt(bytes: Uint8Array, at: number): number {
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;
}

/** An overlapped command is reported by its unit, in sense data. */
function answerTo(fault: RequestFault): number {
  switch (fault) {
    case 'short':
    case 'both ways':
      return FAILURE;
    case 'lun':
      return BAD_TARGET;
    case 'overlapped':
      return OK;
  }
}
