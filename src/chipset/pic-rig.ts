import { Rig } from '../core/rig.ts';
import { PicWatch } from '../rules/chipset/pic.ts';
import { Pic8259Pair } from './pic8259-pair.ts';

/** For tests: the 8259 pair at its ports, watched. */
export class PicRig extends Rig {
  /** Levels of INTR, oldest first, since it was made. */
  readonly levels: boolean[] = [];
  readonly pic = new Pic8259Pair('pic', (level) => this.levels.push(level));

  constructor() {
    super();
    const { master, slave } = this.pic;
    const watch = new PicWatch(master.name, 'master', this.journal);
    watch.other = new PicWatch(slave.name, 'slave', this.journal);
    watch.other.other = watch;
    [master.events, slave.events] = [watch, watch.other];
    this.ports.map(0x20, this.pic.master, 'bridge');
    this.ports.map(0xa0, this.pic.slave, 'bridge');
    this.ports.map(0x4d0, this.pic.elcr, 'bridge');
  }

  get intr(): boolean {
    return this.levels.at(-1) ?? false;
  }

  /** Plays accesses, all hexadecimal, and returns what was read: `20=0b` writes a port, `20?` reads it. */
  play(script: string): number[] {
    const reads: number[] = [];
    for (const [, port, value] of script.matchAll(/([0-9a-f]+)(?:=([0-9a-f]+)|\?)/g)) {
      const at = Number.parseInt(port!, 16);
      if (value === undefined) reads.push(this.ports.read(at, 1));
      else this.ports.write(at, Number.parseInt(value, 16), 1);
    }
    return reads;
  }

  /** Initialises both chips in 8086 mode, vectors from 30h and 38h, all lines unmasked, like Linux. `icw4` is for both. */
  init(icw4 = '01'): this {
    this.play(`20=11 21=30 21=04 21=${icw4} a0=11 a1=38 a1=02 a1=${icw4}`);
    return this;
  }

  raise(...irqs: number[]): void {
    for (const irq of irqs) this.pic.setInput(irq, true);
  }

  lower(...irqs: number[]): void {
    for (const irq of irqs) this.pic.setInput(irq, false);
  }

  /** Takes interrupts while INTR is high and ends each with `eoi`; returns their vectors. */
  serve(eoi: string): number[] {
    const vectors: number[] = [];
    while (this.intr && vectors.length < 32) {
      vectors.push(this.pic.acknowledge());
      this.play(eoi);
    }
    return vectors;
  }
}
