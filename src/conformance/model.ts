import type { Driver, FoundFunction } from '../core/driver.ts';
import type { GuestPort } from '../core/guest-port.ts';
import type { Machine } from '../machine/machine.ts';
import type { DriverUses } from './uses.ts';

type Drivers = readonly Driver<unknown>[];
type HandleOf<D> = D extends Driver<infer Handle> ? Handle : never;

/**
 * The handles of the functions that were attached: first one for each driver, in the drivers' order, undefined where it
 * matched none; behind them those of further functions, in the order of their address. A model's only driver has one.
 */
export type HandlesOf<D extends Drivers> = D extends readonly [Driver<infer Handle>]
  ? readonly [Handle, ...Handle[]]
  : number extends D['length']
    ? readonly (HandleOf<D[number]> | undefined)[]
    : readonly [...{ [I in keyof D]: HandleOf<D[I]> | undefined }, ...HandleOf<D[number]>[]];

/**
 * What `judge` judges: any part may be the user's, the rest is ours. Where nothing but the enumeration is the user's, our guest uses
 * every part of the machine. Nothing in it is asynchronous.
 *
 * @example
 * judge({ name: 'mine', drivers: [myNic], run: (_port, [nic]) => nic.send(frame) });
 *
 * const model = {                          // one that is kept names its drivers, so that handles have their types
 *   name: 'mine',
 *   drivers: [myNic],
 *   run: (_port, [nic]) => nic.send(frame),
 * } satisfies DriverModel<[typeof myNic]>;
 */
export interface DriverModel<D extends Drivers = Drivers> {
  readonly name: string;
  /** Scans the bus. Ours, if left out. */
  enumerate?(port: GuestPort): readonly FoundFunction[];
  /** Ours, if left out. None, for a guest that uses no PCI function. */
  readonly drivers?: D;
  /**
   * Uses the drivers. What lies at the machine's other end is `machine`'s: frames, disks, keys. Left out, a frame is sent, what came
   * is received, and a block is read, as far as `use` has that. In the suite, `machine` is over with the run: its RAM is then the next
   * one's.
   */
  run?(port: GuestPort, handles: HandlesOf<D>, machine: Machine): void;
  /** What scenarios of the suite may have them do, one thing at a time: `{ send: (frame, [nic]) => nic.send(frame) }`. */
  readonly use?: DriverUses<HandlesOf<D>>;
}
