import type { Nanos } from '../core/bits.ts';
import { checkFunction } from '../core/checks.ts';
import { MisuseError } from '../core/misuse.ts';
import type { UserCalls } from '../core/user-calls.ts';
import type { Finding } from '../rules/index.ts';

/** A command of the guest that a disk has answered. */
export interface SeenScsiCommand {
  /** Of several host adapters, from 0 on. */
  readonly adapter: number;
  readonly target: number;
  readonly lun: number;
  /** Its command descriptor block, padded with zeros. */
  readonly cdb: Uint8Array;
  /** When the adapter took it. */
  readonly since: Nanos;
  /** The virtio response: 0 is OK. */
  readonly response: number;
  /** The SAM-5 status: 0 is GOOD, 2 CHECK CONDITION. */
  readonly status: number;
}

/** The events of a machine; each source is attached only while it has a listener. */
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
  /** The guest put the machine to sleep, with this SUS_TYP: 0 is power-off, 1 suspend to RAM. */
  sleep: (type: number) => void;
  /** An event that the guest had enabled came during sleep. */
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
 * The events of a machine, for people. An error that a listener throws reaches the caller of the access when that is
 * done; a call of the machine from a listener runs then, too. A listener that is taken off gets nothing more, not even
 * the event that others are receiving now.
 *
 * @throws MisuseError for an unknown event, or a listener that is not a function.
 */
export interface MachineEvents {
  on<Name extends MachineEventName>(name: Name, listener: MachineEventMap[Name]): this;
  off<Name extends MachineEventName>(name: Name, listener: MachineEventMap[Name]): this;
}

/**
 * The machine's side of its events: a source is attached when its event gets a listener. Devices do not know of
 * listeners.
 */
export class MachineEmitter implements MachineEvents {
  private readonly userCalls: UserCalls;
  /** Lists are replaced, never changed: listeners come and go during an event. */
  private readonly listeners = new Map<MachineEventName, readonly Listener[]>();
  private readonly sources = new Map<MachineEventName, (() => void)[]>();
  private readonly heard = new Set<MachineEventName>();

  constructor(userCalls: UserCalls) {
    this.userCalls = userCalls;
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
        this.userCalls.shield(() => listener(...(args as never[])));
  }

  private of(name: MachineEventName): readonly Listener[] {
    return this.listeners.get(name) ?? NO_LISTENERS;
  }
}

const NO_LISTENERS: readonly Listener[] = [];

function check(path: string, name: unknown, listener: unknown): void {
  if (typeof name !== 'string' || !Object.hasOwn(NAMES, name))
    throw new MisuseError(
      `events.${path}`,
      name,
      `one of ${Object.keys(NAMES).join(', ')}`,
      Object.keys(NAMES),
    );
  checkFunction(`events.${path}`, listener);
}
