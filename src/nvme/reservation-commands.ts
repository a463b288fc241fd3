import type { Budget } from '../core/budget.ts';
import type { Namespace } from './namespace.ts';
import type { Command } from './queues.ts';
import { NVM, STATUS } from './registers/commands.ts';
import { RESERVATION_CDW10, reservation_keys } from './registers/reservations.ts';
import type { Asked, Host, Reservations } from './reservations.ts';
import type { DataFinder } from './sgl.ts';

/** Of Reservation Register: the reservation is to outlive a loss of power. */
const PERSISTS = 3;
const EXTENDED = 1;
const HALF_KEYS = 8;
const READS: readonly number[] = [NVM.READ, NVM.COMPARE, NVM.VERIFY];

interface ReservingHost extends Host {
  readonly budget: Budget;
}

/** The commands for reservations (NVM Express 1.4, 6.11 to 6.14), and who may do what. */
export class ReservationCommands {
  private readonly finder: DataFinder;
  private readonly host: ReservingHost;
  private readonly keys = new Uint8Array(reservation_keys.size);

  constructor(finder: DataFinder, host: ReservingHost) {
    this.finder = finder;
    this.host = host;
  }

  /** Whether a command that is not about reservations is allowed. */
  allows(opcode: number, { reservations }: Namespace): boolean {
    return reservations === null || reservations.allows(this.host, !READS.includes(opcode));
  }

  /** @returns a status. */
  execute(command: Command, reservations: Reservations): number {
    const dword = command.dword(10);
    if (command.opcode === NVM.RESERVATION_REPORT) return this.report(command, reservations);
    const isRegister = command.opcode === NVM.RESERVATION_REGISTER;
    if (isRegister && RESERVATION_CDW10.decode(dword).CPTPL === PERSISTS) return STATUS.INVALID_FIELD;
    const length = command.opcode === NVM.RESERVATION_RELEASE ? HALF_KEYS : reservation_keys.size;
    const status = this.finder.find(command, length, false);
    if (status !== STATUS.SUCCESS) return status;
    const asked = this.askedBy(dword, length);
    if (isRegister) return reservations.register(this.host, asked);
    const acquires = command.opcode === NVM.RESERVATION_ACQUIRE;
    return acquires ? reservations.acquire(this.host, asked) : reservations.release(this.host, asked);
  }

  private askedBy(dword: number, length: number): Asked {
    this.keys.fill(0);
    this.finder.data.gather(this.keys, 0, length);
    const { crkey: current, key } = reservation_keys.decode(this.keys);
    const { ACTION: action, IEKEY, RTYPE: type } = RESERVATION_CDW10.decode(dword);
    return { action, type, ignoresKey: IEKEY === 1, current, key };
  }

  /** As much as the driver has room for. */
  private report(command: Command, reservations: Reservations): number {
    const isExtended = (command.dword(11) & EXTENDED) !== 0;
    const length = (command.dword(10) + 1) * 4;
    if (length > this.finder.most) return STATUS.INVALID_FIELD;
    const status = this.finder.find(command, length, true);
    if (status !== STATUS.SUCCESS) return status;
    const { data } = this.finder;
    this.host.budget.spendOn(data.count, length);
    const answer = new Uint8Array(length);
    answer.set(reservations.report(isExtended).subarray(0, length));
    data.scatter(answer);
    return STATUS.SUCCESS;
  }
}
