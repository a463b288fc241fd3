import { checkFunction, checkList, checkObject } from '../core/checks.ts';
import { MisuseError } from '../core/misuse.ts';
import type { UserCalls } from '../core/user-calls.ts';
import { only, without } from '../virtio/features/agreement.ts';
import { type Manners, PLAIN } from '../virtio/manners.ts';
import type { VirtioFunction } from '../virtio/transport/function.ts';
import type { FunctionView } from './function-view.ts';

/** Called for a read of the device configuration: how many bytes, and from which offset on. */
export type ConfigReader = (offset: number, width: number) => void;

/** A Revision ID, an MSI-X table or a device configuration that is not as long as usual, or of an odd length. */
export type Unusual = 'revision' | 'MSI-X table' | 'long configuration' | 'odd configuration';

/** Some features, by their bits. */
export type SomeFeatures = { readonly only: readonly number[] } | { readonly without: readonly number[] };

/**
 * A virtio device of any type from the host's side: the faults and changes that any type can have.
 *
 * @throws MisuseError for what is not a list of its features, or not a function, and once the machine is closed.
 */
export interface VirtioView {
  /** `net0` */
  readonly name: string;
  readonly fn: FunctionView;
  /** The interface that its driver uses. */
  readonly interface: 'legacy' | 'modern';
  /** The interfaces that its function shows. */
  readonly interfaces: readonly ('legacy' | 'modern')[];
  /** Entries of its MSI-X table; 0 without. */
  readonly vectors: number;
  /** The device status, as its driver left it. */
  readonly status: number;
  /** A queue is set up. */
  readonly queued: boolean;
  /** The unusual properties of its function. */
  readonly unusual: readonly Unusual[];
  /** Bits of the features that it can offer, in ascending order. */
  readonly features: readonly number[];
  /** Called after each read of its configuration: a change made in it falls between two reads. */
  onConfigRead: ConfigReader | null;
  /**
   * Offers only some of its features from now on, to the next driver that attaches: `only` these and what they need
   * of others, or all `without` these and what needs them. VERSION_1 stays.
   */
  offer(some: SomeFeatures): void;
  /** It breaks down: it serves nothing until it is reset, and sets DEVICE_NEEDS_RESET behind the modern interface. */
  breakDown(): void;
}

/** Bytes of configuration beyond the device type's own. */
const A_LOT = 256;

/** @param checkOpen throws where the machine is closed. */
export class VirtioHand implements VirtioView {
  readonly fn: VirtioFunction;
  private readonly checkOpen: (path: string) => void;
  private reader: ConfigReader | null = null;

  constructor(fn: VirtioFunction, checkOpen: (path: string) => void) {
    this.fn = fn;
    this.checkOpen = checkOpen;
  }

  get name(): string {
    return this.fn.device.name;
  }

  get interface(): 'legacy' | 'modern' {
    return this.fn.legacy ? 'legacy' : 'modern';
  }

  get interfaces(): readonly ('legacy' | 'modern')[] {
    return this.fn.interfaces;
  }

  get vectors(): number {
    return this.fn.vectors;
  }

  get status(): number {
    return this.fn.device.status;
  }

  get queued(): boolean {
    return this.fn.device.queues.some(({ ready }) => ready);
  }

  get unusual(): readonly Unusual[] {
    return unusualIn(this.fn.device.manners);
  }

  get features(): readonly number[] {
    return [...this.fn.device.offers.possible].sort((a, b) => a - b);
  }

  get onConfigRead(): ConfigReader | null {
    return this.reader;
  }

  set onConfigRead(reader: ConfigReader | null) {
    if (reader !== null) checkFunction(`${this.name}.onConfigRead`, reader);
    const { device } = this.fn;
    const { userCalls } = this;
    this.reader = reader;
    device.onConfigRead =
      reader === null ? null : (offset, width) => userCalls.shield(() => reader(offset, width));
  }

  offer(some: SomeFeatures): void {
    const path = `${this.name}.offer`;
    this.checkOpen(path);
    checkObject(path, some);
    const { offers, dependencies } = this.fn.device;
    const [bits, choose] = 'only' in some ? [some.only, only] : [some.without, without];
    checkList(path, bits);
    for (const bit of bits)
      if (!offers.possible.includes(bit))
        throw new MisuseError(path, bit, `one of its features, ${this.features.join(', ')}`);
    const chosen = choose(bits, offers.possible, dependencies);
    this.userCalls.act(path, () => offers.choose(chosen));
  }

  breakDown(): void {
    const path = `${this.name}.breakDown`;
    this.checkOpen(path);
    this.userCalls.act(path, () => this.fn.device.breakDown());
  }

  private get userCalls(): UserCalls {
    return this.fn.device.board.clock.userCalls;
  }
}

function unusualIn({ shows, revision, msix, configTail }: Manners): Unusual[] {
  const has: Record<Unusual, boolean> = {
    revision: shows === 'modern' && revision !== PLAIN.revision,
    'MSI-X table': msix.table !== null || (msix.vectors > 0 && msix.vectors < PLAIN.msix.vectors),
    'long configuration': configTail >= A_LOT,
    'odd configuration': configTail % 2 === 1,
  };
  return (Object.keys(has) as Unusual[]).filter((what) => has[what]);
}
