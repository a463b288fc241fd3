import type { Coalesced } from './coalesced.ts';
import { Coalescer } from './coalescer.ts';
import { type Joins, NO_JOINS } from './joins.ts';

/** For tests: what is delivered for these frames, which come together. */
export function coalesce(joins: Partial<Joins>, frames: readonly Uint8Array[]): Coalesced[] {
  const out: Coalesced[] = [];
  const coalescer = new Coalescer({
    deliver: (packet) => out.push({ ...packet, frame: packet.frame.slice() }),
  });
  coalescer.joins = { ...NO_JOINS, ...joins };
  for (const frame of frames) coalescer.add(frame);
  coalescer.flush();
  return out;
}

/** A step of flows that share a wire: which one sends, and the luck of its frame. */
type Step = readonly [turn: number, luck: number];

/** The frames that arrive: with luck 0 the next two of a flow change places, and with 1 the next is lost. */
export function arrivalsOf(flows: readonly Uint8Array[][], steps: readonly Step[]): Uint8Array[] {
  return steps.flatMap(([turn, luck]) => {
    const [first, second] = flows[turn % flows.length]!.splice(0, luck === 0 ? 2 : 1);
    return [second, luck === 1 ? undefined : first].filter((frame) => frame !== undefined);
  });
}
