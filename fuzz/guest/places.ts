import type { Random } from '../../src/core/random.ts';
import type { Machine } from '../../src/index.ts';

/** Ports outside BARs that answer: chipset, serial ports, power management. */
const PORTS = [
  0x20, 0x21, 0x40, 0x43, 0x60, 0x64, 0x70, 0x71, 0x92, 0xa0, 0xa1, 0xb2, 0x2e8, 0x2f8, 0x3e8, 0x3f8, 0x4d0,
  0x510, 0xcf8, 0xcf8, 0xcfc, 0xcfc, 0xafe0, 0xb000, 0xb100,
];
const FIXED_MMIO = [0xfec0_0000, 0xfec0_0010, 0xfee0_0000, 0xfee0_0300];
const EDGES = [0, 0x9_fffe, 0xa_0000, 0xf_0000, 0xfffff, 0xffff_fffe, 0x1_0000_0000, 2 ** 52];
/** Kick addresses of our modern functions. */
export const MODERN_BAR = 4;
export const MODERN_NOTIFY = 0x800;
const CONFADD_PORT = 0xcf8;

/** Addresses at which something answers, on one machine as it is mapped now. */
export class Places {
  private readonly machine: Machine;
  private readonly random: Random;
  private ports: number[] = [];
  private memory: number[] = [];
  private asked = 0;

  constructor(machine: Machine, random: Random) {
    this.machine = machine;
    this.random = random;
  }

  port(): number {
    this.look();
    const { random, ports } = this;
    if (random.below(64) === 0) return random.below(0x1_0000);
    return (ports[random.below(ports.length)]! + random.below(random.below(4) === 0 ? 64 : 8)) & 0xffff;
  }

  /** An address in memory, usually not RAM. */
  mmio(): number {
    this.look();
    const { random, memory } = this;
    if (random.below(32) === 0) return EDGES[random.below(EDGES.length)]! + random.below(8);
    return memory[random.below(memory.length)]! + random.below(random.below(4) === 0 ? 0x1000 : 64);
  }

  ram(): number {
    const { random } = this;
    const { base, size } = this.machine.chassis.board.memory.ranges[0]!;
    return base + (random.below(16) === 0 ? size - 8 + random.below(16) : random.below(size));
  }

  /** The start of so many bytes of RAM, aligned to 16; of fewer if there are not as many. */
  room(bytes: number): number {
    const { base, size } = this.machine.chassis.board.memory.ranges[0]!;
    return base + this.random.below(Math.max(1, size - bytes) / 16) * 16;
  }

  /** A value for CONFADD that selects a register of some function. */
  confadd(): number {
    const { functions } = this.machine;
    const { bdf } = functions[this.random.below(functions.length)]!;
    return (0x8000_0000 | (bdf << 8) | this.random.below(256)) >>> 0;
  }

  isConfadd(port: number): boolean {
    return port === CONFADD_PORT;
  }

  /** Of each function, where it is in memory. */
  private configuration(): number[] {
    const { functions, port } = this.machine;
    const { ecam } = port;
    return ecam === undefined ? [] : functions.map(({ bdf }) => ecam + bdf * 0x1000);
  }

  /** BARs rarely move. */
  private look(): void {
    if (this.asked++ % 256 !== 0) return;
    const bars = this.machine.functions.flatMap((fn) => fn.bars).filter(({ mapped }) => mapped !== null);
    const io = bars.filter(({ kind }) => kind === 'io').map(({ mapped }) => mapped!);
    const mem = bars
      .filter(({ kind }) => kind !== 'io')
      .flatMap(({ mapped, region }) => [
        mapped!,
        mapped!,
        mapped! + (region.size >> 1),
        mapped! + region.size - 8,
      ]);
    this.ports = [...PORTS, ...io, ...io, ...io];
    this.memory = [...FIXED_MMIO, ...mem, ...this.configuration()];
  }
}
