import { EventEmitter } from 'node:events';
import type TypedEmitter from 'typed-emitter';
import type { Finding } from '../rules/index.ts';

/** What people may want to hear of; each is attached only when somebody listens. */
export type MachineEventMap = {
  /** A frame on a NIC's wire; `sent` is the guest's. The bytes are valid only during the call. */
  frame: (nic: string, frame: Uint8Array, sent: boolean) => void;
  /** A byte out of a serial port. */
  serial: (port: string, byte: number) => void;
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

/** Events at the machine's rim, for people. */
export interface MachineEvents {
  on<Name extends MachineEventName>(name: Name, listener: MachineEventMap[Name]): this;
  off<Name extends MachineEventName>(name: Name, listener: MachineEventMap[Name]): this;
}

/** The machine's side of its events: who makes them is tied to them when somebody listens. Devices know of none. */
export class EventRim implements MachineEvents {
  private readonly emitter = new EventEmitter() as unknown as TypedEmitter.default<MachineEventMap>;
  private readonly sources = new Map<MachineEventName, (() => void)[]>();
  private readonly heard = new Set<MachineEventName>();

  /** Calls `attach` once, when `name` gets its first listener. */
  tie(name: MachineEventName, attach: () => void): void {
    this.sources.set(name, [...(this.sources.get(name) ?? []), attach]);
  }

  on<Name extends MachineEventName>(name: Name, listener: MachineEventMap[Name]): this {
    if (!this.heard.has(name)) {
      this.heard.add(name);
      for (const attach of this.sources.get(name) ?? []) attach();
    }
    this.emitter.on(name, listener);
    return this;
  }

  off<Name extends MachineEventName>(name: Name, listener: MachineEventMap[Name]): this {
    this.emitter.off(name, listener);
    return this;
  }

  emit<Name extends MachineEventName>(name: Name, ...args: Parameters<MachineEventMap[Name]>): void {
    this.emitter.emit(name, ...args);
  }
}
