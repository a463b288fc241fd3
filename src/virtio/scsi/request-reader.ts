import type { Endian } from '../../core/struct.ts';
import { SENSE } from '../../scsi/sense.ts';
import type { Chain } from '../queue/virtqueue.ts';
import type { RequestFault, RequestSizes } from './events.ts';
import { parseLun } from './lun.ts';
import {
  SCSI_RESPONSE,
  virtio_scsi_req_cmd,
  virtio_scsi_req_cmd_pi,
  virtio_scsi_resp_cmd,
} from './registers.ts';
import type { InFlight, Request } from './request.ts';

const { lun, id } = virtio_scsi_req_cmd.offset;
const { sense_len, residual, status, response } = virtio_scsi_resp_cmd.offset;
const { pi_bytesout, pi_bytesin } = virtio_scsi_req_cmd_pi.offset;
const HEADER = virtio_scsi_req_cmd.size;
/** Protection information of a block that has none: nothing is to be checked (SBC-3, protection types 1 and 2). */
const UNCHECKED = 0xff;
/** Bytes of it in one request, which is more than for as many blocks as a command may move. */
const MOST_PROTECTION = 1 << 13;
const unchecked = new Uint8Array(MOST_PROTECTION).fill(UNCHECKED);
const RESPONSE = virtio_scsi_resp_cmd.size;
const { OK, OVERRUN, BAD_TARGET, FAILURE } = SCSI_RESPONSE;

/** Parses requests from chains and writes answers (virtio 1.4, SCSI Host Device / Request Queues). */
export class RequestReader {
  /** The header of the last request, up to the CDB. */
  readonly head = new Uint8Array(virtio_scsi_req_cmd_pi.size);
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
    const { command, writable, protection } = request;
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
    if (protection > 0) writable.scatter(unchecked, RESPONSE + senseSize, protection);
    return RESPONSE + senseSize + protection + (command.dataIn.total > 0 ? command.transferred : 0);
  }

  private parse(request: Request, sizes: RequestSizes): RequestFault | null {
    const { head } = this;
    const { head_size, cdb_size, sense_size } = sizes;
    const { command, readable, writable } = request;
    if (readable.total < head_size + cdb_size || writable.total < RESPONSE + sense_size) return 'short';
    readable.gather(head, 0, head_size);
    request.tagLow = wordAt(head, id);
    request.tagHigh = wordAt(head, id + 4);
    // A driver may set a smaller CDB size: the rest is then zeroes.
    if (cdb_size < command.cdb.length) command.cdb.fill(0);
    readable.gather(command.cdb, head_size, Math.min(cdb_size, command.cdb.length));
    const before = head_size === HEADER ? 0 : this.protection(request, sizes);
    if (before < 0) return 'short';
    command.dataOut.setTail(readable, head_size + cdb_size + before);
    command.dataIn.setTail(writable, RESPONSE + sense_size + request.protection);
    if (!parseLun(head, lun, request)) return 'lun';
    if (!sizes.goesBothWays && command.dataIn.total > 0 && command.dataOut.total > 0) return 'both ways';
    return this.inFlight.overlaps(request) ? 'overlapped' : null;
  }

  /**
   * Bytes of protection information before data-out; -1 if there is no room for what the header says. Our disks have none:
   * what comes is passed over, and what is asked for says that nothing is to be checked.
   */
  private protection(request: Request, { head_size, cdb_size, sense_size }: RequestSizes): number {
    const { readable, writable } = request;
    const [out, back] = [this.sizeAt(pi_bytesout), this.sizeAt(pi_bytesin)];
    if (out > readable.total - head_size - cdb_size || out > MOST_PROTECTION) return -1;
    if (back > writable.total - RESPONSE - sense_size || back > MOST_PROTECTION) return -1;
    request.protection = back;
    return out;
  }

  private sizeAt(at: number): number {
    return new DataView(this.head.buffer).getUint32(at, this.little);
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
