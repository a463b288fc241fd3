import type { Register } from '../../../core/register.ts';
import * as reg from '../../../virtio/transport/modern/registers.ts';

/** The low halves of the three addresses, and what split rings ask of each. */
const AREAS = [
  { low: reg.queue_desc, high: reg.queue_desc_high, align: 16 },
  { low: reg.queue_driver, high: reg.queue_driver_high, align: 2 },
  { low: reg.queue_device, high: reg.queue_device_high, align: 4 },
] as const;

/** How far a driver has come with one queue since the last reset. */
export class SetupState {
  enabled = false;
  /** The driver set it up, whether or not the device went along. */
  begun = false;
  sizeRead = false;
  /** Where the legacy queue is, in pages; 0 is nowhere. */
  page = 0;
  again = false;
  resetUnread = false;
  resetAt = 0;
  private readonly written = new Set<Register>();
  private readonly askew = new Set<Register>();

  /** Which of the three addresses were not written. */
  get missing(): readonly string[] {
    return AREAS.filter(({ low, high }) => !this.written.has(low) && !this.written.has(high)).map(
      ({ low }) => low.name,
    );
  }

  /** Which of them are no multiple of what a split ring asks. */
  get unaligned(): readonly string[] {
    return [...this.askew].map(({ name }) => name);
  }

  addressWritten(register: Register, value: number): void {
    this.written.add(register);
    const area = AREAS.find(({ low }) => low === register);
    if (area !== undefined && value % area.align !== 0) this.askew.add(register);
    else this.askew.delete(register);
  }

  forget(): void {
    this.enabled = this.begun = this.sizeRead = this.again = this.resetUnread = false;
    this.page = 0;
    this.written.clear();
    this.askew.clear();
  }
}
