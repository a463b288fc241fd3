import { Random } from '../../core/random.ts';
import type { FunctionView } from '../../machine/function-view.ts';
import type { MachineOptions } from '../../machine/options.ts';
import type { HardId } from '../../rules/hard.ts';
import type { Words } from '../broken/card-words.ts';
import type { UsedEntry, UsedRing } from './used-ring.ts';

/** What a register read was about. */
export interface ReadPlace {
  readonly what: 'features' | 'status' | 'generation' | 'queue size' | 'configuration' | 'uart';
  /** Where in it: of features the word, of a configuration and a UART the offset. */
  readonly offset: number;
  /** Bytes. */
  readonly width: number;
  /** `net`; a UART is of none. */
  readonly device: string | null;
  /** How often it was read before on this device; of a configuration, how often any of it was. */
  readonly before: number;
}

/** A command that a gVNIC carried out: its slot, as it lies in RAM and as it was, and what else is in RAM. */
export interface CardAnswer {
  readonly words: Words;
  readonly opcode: number;
  readonly slot: Uint8Array;
  at(address: number, length: number): Words | null;
}

/** What changes of what a gVNIC writes into RAM. Each returns whether something was changed. */
export interface CardLie {
  readonly answered?: (answer: CardAnswer, random: Random) => boolean;
  /** The counter of a GQI transmit queue. */
  readonly counted?: (counter: Words, random: Random) => boolean;
  /** A completion of a DQO transmit queue. */
  readonly completed?: (completion: Words, random: Random) => boolean;
  /** The descriptors or completions of a received packet. */
  readonly received?: (entries: readonly Words[], isDqo: boolean, random: Random) => boolean;
}

/** An entry that an NVMe controller wrote, with those of its queue from it on, and what it answers; -1 is an I/O command. */
export interface NvmeAnswer {
  readonly entry: Words;
  readonly entries: readonly Words[];
  readonly opcode: number;
  readonly cdw10: number;
  /** The page that PRP1 names. */
  readonly data: Words | null;
}

/** What changes of what an NVMe controller writes into RAM. Returns whether something was changed. */
export interface NvmeLie {
  readonly answered: (answer: NvmeAnswer, random: Random) => boolean;
}

/**
 * A lie, as data: what changes of what an honest device says, on the way to the guest. One of its functions says where.
 * Each returns whether something was changed.
 */
export interface Lie {
  readonly clause: HardId;
  /** Ends the sentence "the driver meets …". */
  readonly name: string;
  /** Options of the machine on which there is a chance to tell it. */
  readonly options?: (base: MachineOptions) => MachineOptions;
  /** An entry of a used ring, and the buffers of its chain, before the driver sees them. */
  readonly used?: (entry: UsedEntry, random: Random) => boolean;
  /** A chain that is lent again while the device has it is a crash, too. */
  readonly lentTwiceIsCrash?: true;
  /** A used ring, after its entries were published. */
  readonly published?: (ring: UsedRing, random: Random) => boolean;
  /** The value of a register; one that is too wide is cut. */
  readonly register?: (place: ReadPlace, value: number, random: Random) => number;
  readonly card?: CardLie;
  /** The number in a register of a gVNIC, at that offset, which was read so often before. */
  readonly cardRegister?: (offset: number, value: number, before: number) => number;
  readonly nvme?: NvmeLie;
  /** The number in a register of an NVMe controller, at that offset. */
  readonly nvmeRegister?: (offset: number, value: number) => number;
  /** A byte of a virtio function's configuration space. */
  readonly space?: (fn: FunctionView, offset: number, value: number) => number;
}

/** Chances that a lie of a ring may be let pass before it is told, by the seed. */
const LATEST = 4;

/** A lie as it is told in one run: when, and how often it was. */
export class ActiveLie {
  readonly lie: Lie;
  readonly random: Random;
  told = 0;
  private readonly from: number;
  private chances = 0;

  /** @param seed with 1, it is told at the first chance. */
  constructor(lie: Lie, seed: number) {
    this.lie = lie;
    this.random = new Random(seed);
    this.from = (seed - 1) & (LATEST - 1);
  }

  /** At a chance: whether it is time to tell it. Once told, that is so always, or, with an even seed, now and then. */
  isDue(): boolean {
    const isLater = this.chances++ >= this.from;
    return isLater && (this.told === 0 || this.random.seed % 2 === 1 || this.random.below(2) === 0);
  }

  /** Counts it, if it was told. */
  tell(isTold: boolean): void {
    if (isTold) this.told++;
  }
}
