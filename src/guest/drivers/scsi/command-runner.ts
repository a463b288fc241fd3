import type { Nanos } from '../../../core/bits.ts';
import { SCSI_RESPONSE } from '../../../virtio/scsi/registers.ts';
import { SECOND } from '../../driver-error.ts';
import type { ScsiCommand } from '../../scsi/commands.ts';
import { SCSI_STATUS, ScsiError, type ScsiSense, SENSE_KEY } from '../../scsi/sense.ts';
import type { VirtioDriver } from '../../virtio/virtio-driver.ts';
import type { RequestQueue, ScsiAnswer, UnitAddress } from './request-queue.ts';

const COMMAND_LIMIT: Nanos = 30 * SECOND;
/**
 * A unit reports one unit attention per command and may have several pending; more than this in a row is a fault.
 */
const ATTENTIONS_MAX = 8;

/** Runs commands: single ones, or many with several in flight. */
export class CommandRunner {
  private readonly device: VirtioDriver;
  private readonly requests: RequestQueue;

  constructor(device: VirtioDriver, requests: RequestQueue) {
    this.device = device;
    this.requests = requests;
  }

  /** Sends one command once, and returns its result. */
  execute(unit: UnitAddress, command: ScsiCommand): ScsiAnswer {
    let answer: ScsiAnswer | null = null;
    const queued = () =>
      this.requests.submit(unit, command, (came) => {
        answer = came;
      });
    this.device.waitFor(queued, COMMAND_LIMIT, `no room for ${command.name}`);
    this.requests.kick();
    this.device.waitFor(() => answer !== null, COMMAND_LIMIT, `${command.name} is not answered`);
    return answer!;
  }

  /**
   * One command to completion: its data, and the unit attentions reported before.
   * @param least bytes that must come.
   * @throws ScsiError when it fails for another reason; DriverError for a shorter answer.
   */
  run(unit: UnitAddress, command: ScsiCommand, least = 0): { data: Uint8Array; attentions: ScsiSense[] } {
    const attentions: ScsiSense[] = [];
    for (;;) {
      const answer = this.execute(unit, command);
      if (isGood(answer)) return { data: this.demand(command, answer.data, least), attentions };
      if (!isAttention(answer) || attentions.length === ATTENTIONS_MAX)
        throw new ScsiError(command.name, unit.target, unit.lun, answer);
      attentions.push(answer.sense!);
    }
  }

  /** A unit's answer makes no sense. */
  refuse(what: string): never {
    this.device.refuse(what);
  }

  /** @returns the data. @throws DriverError if it has fewer bytes. */
  demand({ name }: Pick<ScsiCommand, 'name'>, data: Uint8Array, least: number): Uint8Array {
    if (data.length < least) this.refuse(`${name} brought ${data.length} bytes of ${least}`);
    return data;
  }

  /**
   * `count` commands, up to `depth` of them in flight; the device may finish them in any order, `deliver` gets the data
   * by number. After a failure no more are sent, and those in flight are awaited.
   * @throws ScsiError of the first that failed.
   */
  runAll(
    unit: UnitAddress,
    count: number,
    depth: number,
    command: (number: number) => ScsiCommand,
    deliver: (number: number, data: Uint8Array) => void,
  ): void {
    const finished = new Map<number, Uint8Array>();
    const again: number[] = [];
    let failure: ScsiError | null = null;
    let attentions = 0;
    let started = 0;
    let delivered = 0;
    let underWay = 0;
    const finish = (number: number, sent: ScsiCommand, answer: ScsiAnswer) => {
      underWay--;
      if (isGood(answer)) finished.set(number, answer.data);
      else if (isAttention(answer) && ++attentions <= ATTENTIONS_MAX + depth) again.push(number);
      else failure ??= new ScsiError(sent.name, unit.target, unit.lun, answer);
    };
    const start = () => {
      while (failure === null && (again.length > 0 || (started < count && started - delivered < depth))) {
        const number = again[0] ?? started;
        const sent = command(number);
        if (!this.requests.submit(unit, sent, (answer) => finish(number, sent, answer))) break;
        if (again.length > 0) again.shift();
        else started++;
        underWay++;
      }
      this.requests.kick();
    };
    while (delivered < count) {
      start();
      if (failure !== null && underWay === 0) throw failure;
      const before = underWay;
      this.device.waitFor(() => underWay < before, COMMAND_LIMIT, `${before} commands are not answered`);
      for (let data = finished.get(delivered); data !== undefined; data = finished.get(delivered)) {
        finished.delete(delivered);
        deliver(delivered++, data);
      }
    }
  }
}

function isGood({ response, status }: ScsiAnswer): boolean {
  return response === SCSI_RESPONSE.OK && status === SCSI_STATUS.GOOD;
}

function isAttention({ response, status, sense }: ScsiAnswer): boolean {
  return (
    response === SCSI_RESPONSE.OK &&
    status === SCSI_STATUS['CHECK CONDITION'] &&
    sense?.key === SENSE_KEY['UNIT ATTENTION']
  );
}
