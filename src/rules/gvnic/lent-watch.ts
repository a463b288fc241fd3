import type { Journal } from '../../core/journal.ts';
import type { DqoPacket, GqiPacket, GvnicEvents } from '../../gvnic/events.ts';
import { ADMINQ_BYTES, OPCODE, PAGE } from '../../gvnic/registers/admin.ts';
import { QUEUE_FORMAT } from '../../gvnic/registers/descriptor.ts';
import { RX_BUFFER } from '../../gvnic/registers/gqi.ts';
import { MAILBOX_OPCODE, mailbox_desc } from '../../gvnic/registers/mailbox.ts';
import { type Allocations, LentWatch } from '../memory/allocations.ts';
import { resourcesOf } from './card-state.ts';
import { areasIn } from './command-fields.ts';
import type { CommandWatch } from './command-watch.ts';

const HIGH = 0x1_0000_0000;

/** Watches whether what a card gets is as long as the memory that its driver allocated. */
export class LentToCard implements Partial<GvnicEvents> {
  private readonly commands: CommandWatch;
  private readonly lent: LentWatch;

  /** @param commands knows of a command already. */
  constructor(commands: CommandWatch, allocations: Allocations, journal: Journal) {
    this.commands = commands;
    this.lent = new LentWatch(allocations, journal, () => commands.subject);
  }

  adminPlaced(address: number): void {
    this.lent.ring(address, ADMINQ_BYTES);
  }

  commanded(slot: Uint8Array): void {
    const { areas, opcode, fields, facts } = this.commands;
    for (const { address, length } of areasIn(slot)) this.lent.buffer(address, length);
    switch (opcode) {
      case OPCODE.CONFIGURE_DEVICE_RESOURCES:
        // That there are more than the card has is another rule's.
        for (const { address, length } of resourcesOf(fields, 2 * facts.pairs))
          this.lent.buffer(address, length);
        return;
      case OPCODE.REGISTER_PAGE_LIST:
        for (const { address, length } of areas) if (address % PAGE === 0) this.lent.buffer(address, length);
        return;
      default:
        for (const { address, length } of areas) this.lent.buffer(address, length);
    }
  }

  requestsRung(ring: number, first: number, tail: number, entries: number): void {
    this.lent.ring(ring, entries * mailbox_desc.size);
    const bytes = this.commands.facts.memory.slice(ring, entries * mailbox_desc.size);
    if (bytes === null) return;
    for (let slot = first; slot !== tail; slot = (slot + 1) % entries) {
      const { addr_high, addr_low, length } = mailbox_desc.decode(bytes, slot * mailbox_desc.size);
      this.lent.buffer(addr_high * HIGH + addr_low, length);
    }
  }

  /** A request of a mailbox makes several queues. */
  replied(opcode: number): void {
    const { CREATE_TX_QUEUES, CREATE_RX_QUEUES } = MAILBOX_OPCODE;
    if (opcode !== CREATE_TX_QUEUES && opcode !== CREATE_RX_QUEUES) return;
    const { transmit, receive } = this.commands.state;
    for (const { areas } of [...transmit.values(), ...receive.values()])
      for (const { address, length } of areas) this.lent.buffer(address, length);
  }

  gqiPacket(packet: GqiPacket): void {
    this.take(packet);
  }

  dqoPacket(packet: DqoPacket): void {
    this.take(packet);
  }

  slotTaken(
    queue: number,
    _id: number,
    _isInside: boolean,
    _index: number,
    _posted: number,
    address: number,
    headers: number,
  ): void {
    const fields = this.commands.state.receive.get(queue)?.fields;
    if (fields === undefined || this.commands.format === QUEUE_FORMAT.GQI_QPL) return;
    this.lent.buffer(address, fields.packet_buffer_size || RX_BUFFER);
    if (headers >= 0) this.lent.buffer(headers, fields.header_buffer_size!);
  }

  private take({ named }: GqiPacket | DqoPacket): void {
    for (let i = 0; named.isRaw && i < named.count; i++)
      this.lent.buffer(named.addresses[i]!, named.lengths[i]!);
  }
}
