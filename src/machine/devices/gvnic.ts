import * as v from 'valibot';
import { MisuseError } from '../../core/misuse.ts';
import type { GvnicCore } from '../../gvnic/core.ts';
import type { GvnicManners, Range } from '../../gvnic/dqo/late-completions.ts';
import { GvnicFunction } from '../../gvnic/function.ts';
import type { PacePolicy } from '../../gvnic/pace.ts';
import type { QueueFormat } from '../../gvnic/registers/descriptor.ts';
import { RX_BUFFER } from '../../gvnic/registers/gqi.ts';
import {
  BUFFER_SIZES,
  type GvnicSettings,
  JUMBO_MTU,
  OFFERS,
  pagesMost,
  RING,
  RSS_SIZES,
} from '../../gvnic/settings.ts';
import type { GvnicFacts } from '../../rules/gvnic/facts.ts';
import { judgeGvnic, judgeMailbox } from '../../rules/gvnic/gvnic.ts';
import type { CompletionPolicy } from '../../virtio/completion/policy.ts';
import { LONGEST, latency, oneIn } from '../completion-options.ts';
import type { MachinePlan } from '../machine-plan.ts';
import { flag, object, whole } from '../option-kinds.ts';
import type { Site } from './descriptor.ts';
import { CardNic } from './nic.ts';

const FORMATS = ['GQI_QPL', 'GQI_RDA', 'DQO_RDA', 'DQO_QPL'] as const satisfies readonly QueueFormat[];
const MAILBOX_FORMATS: readonly QueueFormat[] = ['DQO_RDA'];
/** As many as guests were seen with. */
const PAIRS_MOST = 16;
const RING_SIZE = 1024;
const MTU = 1460;
/** Linux gives a packet up after a second. */
const REINJECTION: Range = [10_000, 1_000_000];

export const gvnicOptions = object({
  /** The formats of rings that it offers. Default ['GQI_QPL'], with 'DQO_RDA' on gceC3 and gceC4. */
  formats: v.optional(
    v.pipe(
      v.array(v.picklist(FORMATS, `one of ${FORMATS.join(', ')}`), 'a list of formats'),
      v.minLength(1, 'a list of formats'),
    ),
  ),
  /** Further options of its descriptor. Default none. */
  offer: v.optional(v.array(v.picklist(OFFERS, `one of ${OFFERS.join(', ')}`), 'a list of options')),
  /** How packets of DQO transmit queues are completed. Default: at once, in their order. */
  completions: v.optional(
    object({
      /**
       * Virtual nanoseconds from sending a packet to its completion, 0 to 10^10: a fixed delay, or a random one between the two
       * values of a pair, so that one overtakes another. Default 0.
       */
      latency: v.optional(latency),
      /**
       * One packet in this many (0 to 10^6), at random, misses: a completion says so, and the packet is sent and completed by a
       * re-injection later, until when its buffers and its tag are the card's. Default 0, none.
       */
      misses: v.optional(oneIn),
      /** Virtual nanoseconds from a miss to the re-injection, 0 to 10^10, fixed or a pair. Default [10000, 1000000]. */
      reinjection: v.optional(latency),
    }),
  ),
  /**
   * Virtual nanoseconds that a command of the admin queue takes, 0 to 10^10, fixed or a pair. Default 0: it is done before the write of
   * the doorbell returns.
   */
  commandLatency: v.optional(latency),
  /** Virtual nanoseconds until a reset is seen to be done, 0 to 10^10. Default 0. */
  resetTime: v.optional(whole(0, LONGEST)),
  /** How far the doorbells and counters that it hands out lie behind the usual ones, 0 to 128. Default 0. */
  indexShift: v.optional(whole(0, 128)),
  /** More than ten DQO descriptors for a packet, or for a segment of one, stop the queue. Default true. */
  descriptorLimit: v.optional(flag),
  /**
   * The later form of the card, 1ae0:0043, with a mailbox in the place of the admin queue, and DQO_RDA rings alone. It was seen on no
   * machine of Compute Engine. Default false.
   */
  mailbox: v.optional(flag),
  /** The PCI revision: from 1 on Linux uses the registers of the base address. Default 0. */
  revision: v.optional(whole(0, 255)),
});

type GvnicOptions = v.InferInput<typeof gvnicOptions>;

/** The settings of a gVNIC, without its default address. */
export type GvnicPlan = Omit<GvnicSettings, 'mac'>;

/** @throws MisuseError for a ring that it cannot have. */
export function planGvnic(
  given: GvnicOptions,
  { pairs, ringSize = RING_SIZE }: { readonly pairs: number; readonly ringSize: number | undefined },
  { profile, virtio: { manners } }: MachinePlan,
): GvnicPlan {
  const { mailbox = false, offer = [], completions, commandLatency = 0, descriptorLimit = true } = given;
  const { resetTime = 0, indexShift = 0 } = given;
  const { formats = mailbox ? MAILBOX_FORMATS : profile.nic.formats, revision = 0 } = given;
  if (mailbox && (formats.length !== 1 || formats[0] !== MAILBOX_FORMATS[0]))
    throw new MisuseError('nics.gvnic.formats', formats, 'left out, or DQO_RDA alone, with a mailbox');
  for (const [name, value] of Object.entries({ commandLatency, resetTime, indexShift }))
    if (mailbox && value !== 0)
      throw new MisuseError(`nics.gvnic.${name}`, value, 'left out, with a mailbox');
  if (ringSize < RING.leastTx || ringSize > RING.most)
    throw new MisuseError(
      'nics.ringSize',
      ringSize,
      `a power of two from ${RING.leastTx} to ${RING.most} with a gVNIC`,
    );
  return {
    pairs: Math.min(pairs, PAIRS_MOST),
    ...{ ringSize, formats, offer, mtu: MTU, resetTime, indexShift, descriptorLimit, mailbox, revision },
    manners: completions === undefined ? null : mannersOf(completions),
    commandLatency: commandLatency === 0 ? null : rangeOf(commandLatency),
    pace: manners.completion && paceOf(manners.completion),
  };
}

/** What all devices of the machine do: it looks at a queue late, and completes at once then. */
function paceOf({ notice, latency: [least, most], interrupts }: CompletionPolicy): PacePolicy {
  return { latency: [notice + least, notice + most], interrupts };
}

function mannersOf({
  latency: delay = 0,
  misses = 0,
  reinjection = REINJECTION,
}: NonNullable<GvnicOptions['completions']>): GvnicManners {
  return { latency: rangeOf(delay), misses, reinjection: rangeOf(reinjection) };
}

function rangeOf(time: number | Range): Range {
  return typeof time === 'number' ? [time, time] : time;
}

/** Makes one, and plugs it in. */
export function plugGvnic(site: Site, name: string, settings: GvnicSettings): GvnicFunction {
  const fn = new GvnicFunction(name, site.board, settings);
  const { device } = fn;
  const close = () => {
    device.plug(null);
    device.close();
  };
  site.plug(fn, {
    close,
    watch: (_, { journal, stores, takesInterrupts }) => {
      const judge = settings.mailbox ? judgeMailbox : judgeGvnic;
      device.events = judge(factsOf(fn, { stores, ...(takesInterrupts && { takesInterrupts }) }), journal);
    },
  });
  return fn;
}

/** What is seen of the guest. */
interface Seen extends Pick<GvnicFacts, 'stores'> {
  readonly takesInterrupts?: () => boolean;
}

/** What its watch must know of a card. */
export function factsOf(fn: GvnicFunction, { stores, takesInterrupts }: Seen): GvnicFacts {
  const { settings, board } = fn.device;
  const { offer, ringSize } = settings;
  const jumbo = offer.includes('JUMBO_FRAMES');
  const resizes = settings.mailbox || offer.includes('MODIFY_RING');
  return {
    get subject() {
      return fn.subject;
    },
    memory: board.memory,
    pairs: settings.pairs,
    ringSize,
    mtu: jumbo ? JUMBO_MTU : settings.mtu,
    formats: settings.formats,
    rings: resizes ? RING : { leastTx: ringSize, leastRx: ringSize, most: ringSize },
    bufferSizes: offer.includes('BUFFER_SIZES') ? [RX_BUFFER, BUFFER_SIZES.packet] : [RX_BUFFER],
    headersMost: offer.includes('BUFFER_SIZES') ? BUFFER_SIZES.header : 0,
    keyBytes: RSS_SIZES.key,
    pagesMost: pagesMost(settings),
    isLate: settings.pace !== null || settings.manners !== null,
    heldBack: (block) => (takesInterrupts?.() === true ? fn.heldBack(block) : null),
    stores,
  };
}

/** A gVNIC from the host's side. */
export class GvnicNic extends CardNic<GvnicCore, GvnicFunction> {
  readonly type = 'gvnic';

  watch(): void {
    throw new MisuseError(`${this.name}.watch`, this.type, 'a virtio-net card');
  }

  protected override reallyAskForReset(): void {
    this.device.askForReset();
  }
}
