import type { Verdict } from '../../src/conformance/verdict.ts';
import { verdictsOf } from '../../src/conformance/verdict.ts';
import type { Access } from '../../src/core/access.ts';
import { bdfText, hex } from '../../src/core/bits.ts';
import { BY_REGISTERS } from '../../src/hosts/log/qemu/judged.ts';
import { replayTrace } from '../../src/hosts/log/qemu/replay-trace.ts';
import type { Machine } from '../../src/index.ts';
import { CONFADD } from '../../src/pci/registers.ts';
import type { Run } from './recorded.ts';

const CHIPS: Readonly<Record<number, string>> = { 112: 'rtc-index', 113: 'rtc' };

/** QEMU's `-trace` of the accesses to one of our machines, whose virtio functions are legacy ones. */
export class AsQemu {
  readonly lines: string[] = [];
  private readonly machine: Machine;
  private address = 0;

  constructor(machine: Machine) {
    this.machine = machine;
    machine.observe({ begin: () => {}, end: (access) => this.end(access) });
  }

  private end(access: Access): void {
    const name = this.nameOf(access);
    if (name === null) return;
    const { write, address, value, width } = access;
    if (address === 0xcf8 && write && width === 4) this.address = value;
    if (name === 'pci-conf-data') this.config(access);
    const where = `cpu 0 mr 0x5555${hex(access.region?.name.length ?? 0, 4)} addr 0x${address.toString(16)}`;
    const what = `value 0x${(value >>> 0).toString(16)} size ${width} name '${name}'`;
    this.lines.push(`memory_region_ops_${write ? 'write' : 'read'} ${where} ${what}`);
  }

  private config({ write, address, value }: Access): void {
    const bdf = (this.address >>> 8) & 0xffff;
    const fn = this.machine.functions.find((one) => one.bdf === bdf);
    if (fn === undefined) return;
    const offset = (this.address & CONFADD.mask.REGISTER) | (address & 3);
    const name = `virtio-${fn.name.replace(/\d+$/, '')}-pci`;
    const of = this.machine.virtio.some((one) => one.fn.bdf === bdf) ? name : 'PIIX3';
    const arrow = write ? '<-' : '->';
    const text = `@0x${offset.toString(16)} ${arrow} 0x${(value >>> 0).toString(16)}`;
    this.lines.push(`pci_cfg_${write ? 'write' : 'read'} ${of} ${bdfText(bdf)} ${text}`);
  }

  private nameOf({ space, address, region }: Access): string | null {
    if (space === 'port' && address >= 0xcf8 && address <= 0xcfb) return 'pci-conf-idx';
    if (space === 'port' && address >= 0xcfc && address <= 0xcff) return 'pci-conf-data';
    if (space === 'port' && CHIPS[address] !== undefined) return CHIPS[address]!;
    const name = region?.name ?? '';
    if (/^ttyS/.test(name)) return 'serial';
    if (/^pic (master|slave)/.test(name)) return 'pic';
    if (name === 'pit') return 'pit';
    if (/^(net|scsi)\d$/.test(name)) return 'virtio-pci';
    return name.endsWith('MSI-X') ? 'msix-table' : null;
  }
}

/** The verdicts of a run on registers alone, and those of its trace. */
export function traced({ play }: Run) {
  let lines: readonly string[] = [];
  const verdicts = play((machine) => {
    ({ lines } = new AsQemu(machine));
  });
  const replayed = replayTrace(() => lines);
  const again = verdictsOf(replayed.machine.journal);
  replayed.machine.close();
  return { lines, own: broken(verdicts), trace: broken(again), again, log: replayed.log };
}

function broken(verdicts: readonly Verdict[]): string[] {
  return verdicts
    .filter(({ clause, findings }) => findings.length > 0 && BY_REGISTERS.has(clause))
    .map(({ clause }) => clause);
}
