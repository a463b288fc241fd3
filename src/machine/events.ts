import type { Nanos } from '../core/bits.ts';
import { checkFunction } from '../core/checks.ts';
import type { Mishaps } from '../core/mishaps.ts';
import { MisuseError } from '../core/misuse.ts';
import type { Finding } from '../rules/index.ts';

/** A command of the guest, when a disk has answered it. */
export interface SeenScsiCommand {
  readonly target: number;
  readonly lun: number;
  /** Its descriptor block, with zeros behind it. */
  readonly cdb: Uint8Array;
  /** When the adapter took it. */
  readonly since: Nanos;
  /** Of virtio: 0 is OK. */
  readonly response: number;
  /** Of SAM-5: 0 is GOOD, 2 CHECK CONDITION. */
  readonly status: number;
}

/** What people may want to hear of; each is attached only when somebody listens. */
export type MachineEventMap = {
  /** A frame on a NIC's wire; `sent` is the guest's. The bytes are valid only during the call. */
  frame: (nic: string, frame: Uint8Array, sent: boolean) => void;
  /** A byte out of a serial port. */
  serial: (port: string, byte: number) => void;
  /** A disk answered a command. Its bytes are valid only during the call. */
  command: (command: SeenScsiCommand) => void;
  /** The CPU took an interrupt. */
  interrupt: (vector: number) => void;
  /** The guest broke a clause. */
  finding: (finding: Finding) => void;
  /** The guest reset the machine. */
  reset: (kind: 'hard' | 'soft') => void;
  /** The guest put it to sleep, with this SUS_TYP: 0 is power-off, 1 suspend to RAM. */
  sleep: (type: number) => void;
  /** An event that the guest had enabled came while it slept. */
  wake: () => void;
  /** The guest wrote a command to port B2 while that raises SMI. */
  smi: (command: number) => void;
};

/** `frame`, `serial`, `interrupt` and so on. */
export type MachineEventName = keyof MachineEventMap;

const NAMES: { readonly [Name in MachineEventName]: true } = {
  frame: true,
  serial: true,
  command: true,
  interrupt: true,
  finding: true,
  reset: true,
  sleep: true,
  wake: true,
  smi: true,
};

/** Whatever its arguments. */
type Listener = (...args: never[]) => void;

/**
 * Events at the machine's rim, for people. What a listener throws reaches who made the access, when that is done; what it
 * asks of the machine is done then, too. One that is taken off hears nothing more, not even of what others are told now.
 *
 * @throws MisuseError for what is no event, or no function.
 */
export interface MachineEvents {
  on<Name extends MachineEventName>(name: Name, listener: MachineEventMap[Name]): this;
  off<Name extends MachineEventName>(name: Name, listener: MachineEventMap[Name]): this;
}

/** The machine's side of its events: who makes them is tied to them when somebody listens. Devices know of none. */
export class EventRim implements MachineEvents {
  private readonly mishaps: Mishaps;
  /** Lists are replaced, never changed: those who listen come and go while they are told. */
  private readonly listeners = new Map<MachineEventName, readonly Listener[]>();
  private readonly sources = new Map<MachineEventName, (() => void)[]>();
  private readonly heard = new Set<MachineEventName>();

  constructor(mishaps: Mishaps) {
    this.mishaps = mishaps;
  }

  /** Calls `attach` once, when `name` gets its first listener. */
  tie(name: MachineEventName, attach: () => void): void {
    this.sources.set(name, [...(this.sources.get(name) ?? []), attach]);
  }

  on<Name extends MachineEventName>(name: Name, listener: MachineEventMap[Name]): this {
    check('on', name, listener);
    if (!this.heard.has(name)) {
      this.heard.add(name);
      for (const attach of this.sources.get(name) ?? []) attach();
    }
    this.listeners.set(name, [...this.of(name), listener]);
    return this;
  }

  off<Name extends MachineEventName>(name: Name, listener: MachineEventMap[Name]): this {
    check('off', name, listener);
    const all = this.of(name);
    const at = all.lastIndexOf(listener);
    if (at >= 0) this.listeners.set(name, all.toSpliced(at, 1));
    return this;
  }

  emit<Name extends MachineEventName>(name: Name, ...args: Parameters<MachineEventMap[Name]>): void {
    const all = this.of(name);
    for (const listener of all)
      if (all === this.of(name) || this.of(name).includes(listener))
        this.mishaps.shield(() => listener(...(args as never[])));
  }

  private of(name: MachineEventName): readonly Listener[] {
    return this.listeners.get(name) ?? NOBODY;
  }
}

const NOBODY: readonly Listener[] = [];

function check(path: string, name: unknown, listener: unknown): void {
  if (typeof name !== 'string' || !Object.hasOwn(NAMES, name))
    throw new MisuseError(`events.${path}`, name, `one of ${Object.keys(NAMES).join(', ')}`);
  checkFunction(`events.${path}`, listener);
}
