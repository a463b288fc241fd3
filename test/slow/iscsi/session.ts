import type { Socket } from 'node:net';
import { MisuseError } from '../../../src/core/misuse.ts';
import type { ScsiHost } from '../../../src/guest/index.ts';
import { BURST_MAX, DATA_DEFAULT, negotiate } from './login.ts';
import { decodeText, encodePdu, encodeText, FROM_INITIATOR, FROM_TARGET, type Pdu } from './pdu.ts';

/** The target of a machine's first disk. */
const DISK = 1;
const NONE = 0xffff_ffff;
/** Commands that may be sent ahead. */
const WINDOW = 127;
const STAGES = 0x0f;
const CURRENT_STAGE = 0x0c;
const NEXT_STAGE = 0x03;
const FULL_FEATURE = 3;
const READS = 0x40;
const WRITES = 0x20;
const FINAL = 0x80;
const HAS_STATUS = 0x01;
const UNDERFLOW = 0x02;
const OVERRUN = 1;
const CHECK_CONDITION = 0x02;
const TARGET_FAILURE = 1;
/** ILLEGAL REQUEST, INVALID FIELD IN COMMAND INFORMATION UNIT: less data than the CDB needs. */
const TOO_SHORT = Uint8Array.of(0x70, 0, 5, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x0e, 0x03, 0, 0, 0, 0);
/** Task management functions (RFC 7143, 11.5.1) and responses. */
const ABORT_TASK = 1;
const ABORT_TASK_SET = 2;
const CLEAR_TASK_SET = 4;
const LOGICAL_UNIT_RESET = 5;
const TARGET_WARM_RESET = 6;
const TARGET_COLD_RESET = 7;
const COMPLETE = 0;
const NO_SUCH_TASK = 1;
const NOT_SUPPORTED = 5;
const REJECTED = 255;
const NO_COMMAND = 5;

type Answer = ReturnType<ScsiHost['execute']>;

/** A command whose data is still to come. */
interface Write {
  readonly command: Pdu;
  readonly data: Buffer;
  have: number;
}

/**
 * A session of one connection (RFC 7143): each command is carried out before the next is looked at, so there is never
 * one to abort.
 */
export class Session {
  private readonly socket: Socket;
  private readonly name: string;
  private readonly connect: () => ScsiHost;
  private host: ScsiHost | null = null;
  private statSN = 1;
  private expCmdSN = 0;
  private theirMax = DATA_DEFAULT;
  private readonly writes = new Map<number, Write>();
  private readonly served = new Map<number, (pdu: Pdu) => void>([
    [FROM_INITIATOR.LOGIN, this.login],
    [FROM_INITIATOR.NOP_OUT, this.echo],
    [FROM_INITIATOR.TEXT, this.sendTargets],
    [FROM_INITIATOR.COMMAND, this.begin],
    [FROM_INITIATOR.DATA_OUT, this.collect],
    [FROM_INITIATOR.TASK, this.manage],
    [FROM_INITIATOR.LOGOUT, this.logout],
  ]);

  /** @param connect a disk as its initiator sees it; called once. */
  constructor(socket: Socket, name: string, connect: () => ScsiHost) {
    this.socket = socket;
    this.name = name;
    this.connect = connect;
  }

  take(pdu: Pdu): void {
    if (pdu.opcode !== FROM_INITIATOR.DATA_OUT) this.expCmdSN = pdu.word(24) + (pdu.isImmediate ? 0 : 1);
    const serve = this.served.get(pdu.opcode) ?? this.reject;
    serve.call(this, pdu);
  }

  /** The initiator is gone: its driver lets go of the disk. */
  end(): void {
    this.host?.close();
    this.host = null;
  }

  private login(pdu: Pdu): void {
    const theirs = decodeText(pdu.data);
    this.theirMax = Number(theirs.get('MaxRecvDataSegmentLength') ?? this.theirMax);
    const ready = pdu.isFinal && (pdu.flags & NEXT_STAGE) === FULL_FEATURE;
    if (ready) this.host ??= this.connect();
    const isid = [pdu.word(8), pdu.header.readUInt16BE(12)] as const;
    const tag: [string, string][] = theirs.has('InitiatorName') ? [['TargetPortalGroupTag', '1']] : [];
    this.answer(FROM_TARGET.LOGIN_RESPONSE, pdu, {
      // A stage ends when the initiator says so.
      flags: pdu.isFinal ? pdu.flags & (FINAL | STAGES) : pdu.flags & CURRENT_STAGE,
      words: { 8: isid[0], 12: isid[1] * 0x1_0000 + Number(ready) },
      data: encodeText([...negotiate(theirs), ...tag]),
    });
  }

  private echo(pdu: Pdu): void {
    if (pdu.hasTask) this.answer(FROM_TARGET.NOP_IN, pdu, { words: { 20: NONE }, data: pdu.data });
  }

  private logout(pdu: Pdu): void {
    this.answer(FROM_TARGET.LOGOUT_RESPONSE, pdu, {});
    this.socket.end();
  }

  private reject(pdu: Pdu): void {
    this.send(FROM_TARGET.REJECT, { bytes: { 2: NO_COMMAND }, words: { 16: NONE }, data: pdu.header });
  }

  private sendTargets(pdu: Pdu): void {
    const { localAddress, localPort } = this.socket;
    const asked = decodeText(pdu.data).has('SendTargets');
    const targets = [
      ['TargetName', this.name],
      ['TargetAddress', `${localAddress}:${localPort},1`],
    ] as const;
    this.answer(FROM_TARGET.TEXT_RESPONSE, pdu, {
      words: { 20: NONE },
      data: encodeText(asked ? targets : []),
    });
  }

  private begin(command: Pdu): void {
    const length = (command.flags & WRITES) === 0 ? 0 : command.word(20);
    const write = { command, data: Buffer.alloc(length), have: Math.min(command.data.length, length) };
    command.data.copy(write.data);
    this.writes.set(command.task, write);
    this.goOn(write);
  }

  private collect(pdu: Pdu): void {
    const write = this.writes.get(pdu.task);
    if (write === undefined) return;
    pdu.data.copy(write.data, pdu.word(40));
    write.have += pdu.data.length;
    if (pdu.isFinal) this.goOn(write);
  }

  /** Asks for more data, or has the command executed with what came. */
  private goOn(write: Write): void {
    const { command, data, have } = write;
    if (have < data.length) {
      const length = Math.min(data.length - have, BURST_MAX);
      const words = { 16: command.task, 20: command.task, 40: have, 44: length };
      this.send(FROM_TARGET.R2T, { words, keepsNumber: true });
      return;
    }
    this.writes.delete(command.task);
    this.execute(command, data);
  }

  private execute(command: Pdu, dataOut: Buffer): void {
    const cdb = Uint8Array.from(command.header.subarray(32, 48));
    const room = (command.flags & READS) === 0 ? {} : { dataIn: command.word(20) };
    const data = (command.flags & WRITES) === 0 ? room : { dataOut };
    try {
      this.respond(command, this.host!.execute(DISK, command.lun, { name: 'a command', cdb, ...data }));
    } catch (error) {
      // The adapter carries less data in one request.
      if (!(error instanceof MisuseError)) throw error;
      this.fail(command);
    }
  }

  private respond(command: Pdu, answer: Answer): void {
    const { response, status, data } = answer;
    if (response === OVERRUN) this.conclude(command, CHECK_CONDITION, TOO_SHORT);
    else if (response !== 0) this.fail(command);
    else if (data.length === 0) this.conclude(command, status, answer.rawSense, answer.residual);
    else this.sendData(command, answer);
  }

  /** No unit has answered. */
  private fail(command: Pdu): void {
    this.answer(FROM_TARGET.RESPONSE, command, { bytes: { 2: TARGET_FAILURE } });
  }

  /** In pieces, the last of which has the status; a command that brought data did not fail. */
  private sendData(command: Pdu, { data, residual }: Answer): void {
    const pieces = Math.ceil(data.length / this.theirMax);
    for (let i = 0; i < pieces; i++) {
      const at = i * this.theirMax;
      const last = i === pieces - 1;
      this.send(FROM_TARGET.DATA_IN, {
        flags: last ? FINAL | HAS_STATUS | underflow(residual) : 0,
        words: { 16: command.task, 20: NONE, 36: i, 40: at, 44: last ? residual : 0 },
        data: data.subarray(at, at + this.theirMax),
        keepsNumber: !last,
      });
    }
  }

  private conclude(command: Pdu, status: number, sense: Uint8Array, residual = 0): void {
    const data = Buffer.alloc(sense.length === 0 ? 0 : 2 + sense.length);
    if (data.length > 0) data.writeUInt16BE(sense.length);
    data.set(sense, Math.min(2, data.length));
    const flags = FINAL | underflow(residual);
    this.answer(FROM_TARGET.RESPONSE, command, {
      flags,
      bytes: { 3: status },
      words: { 44: residual },
      data,
    });
  }

  private manage(pdu: Pdu): void {
    this.answer(FROM_TARGET.TASK_RESPONSE, pdu, { bytes: { 2: this.managed(pdu) } });
  }

  /** No command is ever outstanding; a target has one unit. */
  private managed({ flags, lun }: Pdu): number {
    switch (flags & 0x7f) {
      case ABORT_TASK:
        return NO_SUCH_TASK;
      case ABORT_TASK_SET:
      case CLEAR_TASK_SET:
        return COMPLETE;
      case LOGICAL_UNIT_RESET:
      case TARGET_WARM_RESET:
      case TARGET_COLD_RESET:
        return this.host!.resetUnit(DISK, lun) ? COMPLETE : REJECTED;
      default:
        return NOT_SUPPORTED;
    }
  }

  private answer(opcode: number, to: Pdu, fields: Parameters<typeof encodePdu>[1]): void {
    this.send(opcode, { ...fields, words: { ...fields.words, 16: to.task } });
  }

  /** With the numbers that every unit of ours carries; one without a status does not use one up. */
  private send(
    opcode: number,
    { keepsNumber = false, words, ...rest }: Parameters<typeof encodePdu>[1] & { keepsNumber?: boolean },
  ): void {
    const statSN = keepsNumber ? this.statSN : this.statSN++;
    const numbers = { 24: statSN, 28: this.expCmdSN, 32: (this.expCmdSN + WINDOW) >>> 0 };
    this.socket.write(encodePdu(opcode, { ...rest, words: { ...words, ...numbers } }));
  }
}

function underflow(residual: number): number {
  return residual > 0 ? UNDERFLOW : 0;
}
