/** What this host uses of v86 0.5.462. Its own declarations have none of it, so the version is pinned. */
export interface V86Cpu {
  readonly io: V86Io;
  readonly devices: { readonly [Name in 'acpi' | 'pit' | 'rtc']: { timer(now: number): number } };
  readonly wasm_memory: { readonly buffer: ArrayBuffer };
  /** A proxy, slow to index: only its `byteOffset` and `length` are read. */
  readonly mem8: { readonly byteOffset: number; readonly length: number };
  /** Runs for about a millisecond of its time. Halted, it returns at once the milliseconds to the next timer. */
  main_loop(): number;
  run_hardware_timers(acpi: number, now: number): number;
  device_raise_irq(irq: number): void;
  device_lower_irq(irq: number): void;
  /** Takes a pending interrupt. */
  handle_irqs(): void;
  /** Splits into bytes the accesses for which `mmap_register` has no handler. */
  mmap_write16(address: number, value: number): void;
  translate_address_system_read(address: number): number;
  jit_dirty_cache(from: number, to: number): void;
  /** Gets translated code: this many bytes of its memory, for a slot in its function table. */
  codegen_finalize: (index: number, address: number, flags: number, at: number, length: number) => void;
  /** The code for this slot is in the table. */
  codegen_finalize_finished(index: number, address: number, flags: number): void;
  readonly jit_imports: Readonly<Record<string, unknown>>;
  readonly wm: { readonly wasm_table: { set(index: number, code: unknown): void } };
  get_eflags(): number;
  get_apic_addr(): number;
  get_pic_addr_master(): number;
  get_pic_addr_slave(): number;
}

interface V86Io {
  readonly ports: V86Port[];
  /** Blocks of 128 KiB. Addresses come as signed numbers; 64 bits come as two doublewords, low one first. */
  mmap_register(
    address: number,
    size: number,
    read8: (address: number) => number,
    write8: (address: number, value: number) => void,
    read32: (address: number) => number,
    write32: (address: number, value: number) => void,
  ): void;
}

/** The handlers of a port; `device` becomes `this`. A read gets the port, a write does not. */
export interface V86Port {
  read8(port: number): number;
  read16(port: number): number;
  read32(port: number): number;
  write8(value: number): void;
  write16(value: number): void;
  write32(value: number): void;
  readonly device: unknown;
}

/** The imports of its WebAssembly that we provide. */
export interface V86Environment {
  microtick: () => number;
  get_rand_int: () => number;
  /** v86's message before it stops permanently: this many bytes of its memory. */
  console_log_from_wasm: (at: number, length: number) => void;
}

export interface V86Options {
  wasm_fn: (imports: { env: V86Environment }) => Promise<V86Exports>;
  memory_size: number;
  vga_memory_size: number;
  autostart: false;
  acpi: true;
  net_device: { type: 'none' };
  disable_keyboard: true;
  disable_mouse: true;
  disable_speaker: true;
}

export interface V86Emulator {
  readonly v86: { readonly cpu: V86Cpu };
  add_listener(event: 'emulator-loaded', listener: () => void): void;
  destroy(): Promise<void>;
}

/** The exports of v86's WebAssembly that we use. */
interface V86Exports {
  readonly memory: { readonly buffer: ArrayBuffer };
}

/** The WebAssembly of the host; its types come with browsers only. */
export interface WebAssemblyApi {
  compile(bytes: Uint8Array): Promise<object>;
  instantiate(program: object, imports: object): Promise<{ readonly exports: V86Exports }>;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (program: object, imports: object) => { readonly exports: { readonly f: unknown } };
}

/** Addresses of v86's internal state that it does not export, in its WebAssembly memory. */
export const PLACE = {
  /** Where v86 itself has nothing: of the TSC, in kHz, as a double. */
  tsc_rate: 8,
  eax: 64,
  ecx: 68,
  edx: 72,
  ebx: 76,
  esp: 80,
  flags: 120,
  instruction_pointer: 556,
  previous_ip: 560,
  idtr_limit: 564,
  idtr_base: 568,
  cr0: 580,
  cr2: 588,
  cr3: 592,
  cr4: 596,
  in_hlt: 616,
  instruction_counter: 664,
  cs: 670,
  cs_base: 740,
  tsc_offset: 37_352,
} as const;
