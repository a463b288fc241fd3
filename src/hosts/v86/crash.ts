import type { AccessRecord } from '../../core/access.ts';
import type { GuestRegisters, GuestWhere } from './processor-state.ts';

/** The state of a guest whose processor cannot go on. */
export interface GuestCrash extends GuestWhere, GuestRegisters {
  /**
   * The exception that could not be delivered: 14 is a page fault. Null for an interrupt, and if v86 does not report it.
   */
  readonly vector: number | null;
  /** Null for a triple fault; else what v86 could not do, though a processor could. */
  readonly unable: string | null;
  /** The guest's last accesses to ports and to device memory, oldest first; none where the machine is not judged. */
  readonly accesses: readonly AccessRecord[];
}

/** How the processor came to a stop. */
export type CrashCause = Pick<GuestCrash, 'vector' | 'unable'>;

/** v86's functions that raise an exception, as its stack names them. */
const RAISERS: readonly (readonly [name: RegExp, vector: number])[] = [
  [/trigger_de/, 0],
  [/instr\d*_F[67]_[67]/, 0],
  [/trigger_bp/, 3],
  [/trigger_ud/, 6],
  [/trigger_nm/, 7],
  [/trigger_np/, 11],
  [/trigger_ss/, 12],
  [/trigger_gp/, 13],
  [/do_page_walk|trigger_pagefault/, 14],
];
/** V8's message for a full stack. */
const FULL = /call stack/;
const NO_CODE = 'there is no RAM where it executes';
const DELIVERY = 'call_interrupt_vector';

/**
 * A processor shuts down when it takes a fault while it takes a fault, three times over. v86 has no shutdown: it
 * traps where a table cannot be used, and calls itself until its stack is full where the table cannot be read.
 *
 * @param said v86's last message.
 * @returns null for an error of other code.
 */
export function crashCause(error: unknown, said: string): CrashCause | null {
  if (!(error instanceof Error) || !isProcessors(error)) return null;
  const frames = framesOf(error).filter(isWasm);
  const delivery = frames.findIndex((frame) => frame.includes(DELIVERY));
  if (delivery < 0 && error.name === 'RuntimeError')
    return {
      vector: null,
      unable: isFetch(error, frames) ? NO_CODE : said.split('\n').at(-1) || error.message,
    };
  const raiser = frames[delivery + 1] ?? '';
  return { vector: RAISERS.find(([name]) => name.test(raiser))?.[1] ?? null, unable: null };
}

/** It fetches instructions straight from RAM, and past its end. */
function isFetch({ message }: Error, [frame = '']: readonly string[]): boolean {
  return message.includes('out of bounds') && frame.includes('main_loop');
}

/** A trap, or a full stack; if the user's own code filled it, none of the processor's frames is at its top. */
function isProcessors(error: Error): boolean {
  if (error.name === 'RuntimeError') return true;
  const frames = framesOf(error);
  return (
    error instanceof RangeError && FULL.test(error.message) && (frames.length === 0 || frames.some(isWasm))
  );
}

function framesOf({ stack = '' }: Error): string[] {
  return stack.split('\n').filter((line) => line.startsWith('    at '));
}

function isWasm(frame: string): boolean {
  return frame.includes('wasm://');
}
