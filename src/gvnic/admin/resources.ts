import type { GuestMemory } from '../../core/memory.ts';
import { Area } from '../area.ts';
import type { Blocks } from '../blocks.ts';
import { DOORBELL } from '../doorbells.ts';
import { COMMAND_STATUS, configure_device_resources } from '../registers/admin.ts';
import { QUEUE_FORMAT, type QueueFormat } from '../registers/descriptor.ts';
import { type GvnicSettings, isDqo } from '../settings.ts';

const { PASSED, FAILED_PRECONDITION, INVALID_ARGUMENT } = COMMAND_STATUS;
const WORD = 4;
/** An index that no counter has. */
const NONE = -1;

/** What a driver gives the device before it makes queues: counters, doorbells of interrupts, and the format of rings. */
export class Resources {
  /** The format that was chosen; null before. */
  format: QueueFormat | null = null;
  /** The MSI-X entry of the first block. */
  firstVector = 0;
  counters: Area;
  /** How far the doorbells and counters that it hands out lie behind the usual ones: a driver knows none before. */
  shift = 0;
  private taken = new Uint8Array(0);
  private readonly memory: GuestMemory;
  private readonly settings: GvnicSettings;
  private readonly blocks: Blocks;

  constructor(memory: GuestMemory, settings: GvnicSettings, blocks: Blocks) {
    this.memory = memory;
    this.settings = settings;
    this.blocks = blocks;
    this.counters = new Area(memory, 0, 0);
  }

  /** The MSI-X entry of what is no queue's: behind the last block's, or before the first. */
  get managementVector(): number {
    return this.firstVector === 0 ? this.blocks.count : 0;
  }

  configure(payload: Uint8Array): number {
    if (this.format !== null) return FAILED_PRECONDITION;
    const command = configure_device_resources.decode(payload);
    const { num_counters, num_irq_dbs, irq_db_stride, ntfy_blk_msix_base_idx } = command;
    const { pairs } = this.settings;
    const format = this.formatOf(command.queue_format);
    if (format === null || num_counters > 2 * pairs || num_irq_dbs > 2 * pairs) return INVALID_ARGUMENT;
    if (ntfy_blk_msix_base_idx > 1 || irq_db_stride < WORD) return INVALID_ARGUMENT;
    const counters = new Area(this.memory, Number(command.counter_array), num_counters * WORD);
    const slots = new Area(this.memory, Number(command.irq_db_addr), num_irq_dbs * irq_db_stride);
    if (!counters.find() || !slots.find()) return INVALID_ARGUMENT;
    for (let block = 0; block < num_irq_dbs; block++) {
      slots.view.setUint32(slots.at + block * irq_db_stride, this.shift + DOORBELL.block + block, false);
      slots.wrote(block * irq_db_stride, WORD);
    }
    this.counters = counters;
    this.taken = new Uint8Array(num_counters);
    this.firstVector = ntfy_blk_msix_base_idx;
    this.format = format;
    this.blocks.setUp(num_irq_dbs, isDqo(format));
    return PASSED;
  }

  reset(): void {
    this.format = null;
    this.firstVector = 0;
    this.taken = new Uint8Array(0);
    this.blocks.setUp(0, false);
  }

  /** A counter that no queue has, set to 0; -1 if there is none. */
  takeCounter(): number {
    const { counters, taken } = this;
    const behind = taken.indexOf(0, this.shift % taken.length);
    const index = behind < 0 ? taken.indexOf(0) : behind;
    if (index < 0 || !counters.find()) return NONE;
    this.taken[index] = 1;
    counters.view.setUint32(counters.at + index * WORD, 0, false);
    counters.wrote(index * WORD, WORD);
    return index;
  }

  giveCounter(index: number): void {
    this.taken[index] = 0;
  }

  /** Drivers from before there were formats leave the field 0. */
  private formatOf(number: number): QueueFormat | null {
    const asked = number === QUEUE_FORMAT.UNSPECIFIED ? QUEUE_FORMAT.GQI_QPL : number;
    return this.settings.formats.find((format) => QUEUE_FORMAT[format] === asked) ?? null;
  }
}
