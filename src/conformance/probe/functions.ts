import { bdfText, hex } from '../../core/bits.ts';
import type { FoundFunction } from '../../core/driver.ts';
import type { ChipsetFacts } from '../../guest/index.ts';
import { columns } from '../../report/style.ts';
import type { Gathered } from './gather.ts';
import { KNOWN_FUNCTIONS } from './parts.ts';

/** Functions that the guest has no driver for: a name for people, and the chip. */
const DRIVERLESS: Readonly<Record<string, readonly [string, string]>> = {
  '8086:1237': ['host bridge', '440FX'],
  '8086:7110': ['ISA bridge', 'PIIX4 ISA'],
  '8086:7111': ['IDE', 'PIIX4 IDE'],
  '8086:7113': ['bridge', 'PIIX4 ACPI'],
  '1ae0:a002': ['display', 'virtual display'],
};
const PIIX4_ISA = 0x7110;
const PIIX4_ACPI = 0x7113;
const PM_PORTS = 64;

/** Every PCI function, with its place, identity and resources. */
export function functionLines({ functions, chipset }: Gathered): string[] {
  return columns(
    functions.map((fn) => [
      bdfText(fn.bdf),
      idText(fn),
      `r${hex(fn.id.revision, 2)}`,
      hex(fn.id.class, 6),
      ...kindOf(fn),
      resources(fn, chipset),
    ]),
  );
}

function idText({ id }: FoundFunction): string {
  return `${hex(id.vendor, 4)}:${hex(id.device, 4)}`;
}

function kindOf(fn: FoundFunction): readonly [string, string] {
  const known = KNOWN_FUNCTIONS.find(({ driver }) => driver.matches(fn.id));
  return known === undefined ? (DRIVERLESS[idText(fn)] ?? ['unknown', '']) : [known.what, known.driver.name];
}

function resources(
  { bars, msixVectors, pin, line, id }: FoundFunction,
  chipset: ChipsetFacts | null,
): string {
  const said = bars.map(({ kind, address, size }) =>
    kind === 'io' ? `io ${hex(address, 4)} [${size}]` : `mem ${hex(address, 8)} [${size}]`,
  );
  if (msixVectors > 0) said.push(`MSI-X ${msixVectors}`);
  if (pin > 0) said.push(`pin ${' ABCD'[pin]} → IRQ ${line}`);
  if (id.device === PIIX4_ISA && chipset !== null) said.push(linksText(chipset.links));
  if (id.device === PIIX4_ACPI && chipset !== null && chipset.pmba > 0)
    said.push(`PM ${hex(chipset.pmba, 4)}–${hex(chipset.pmba + PM_PORTS - 1, 4)}, SCI ${line}`);
  return said.join('  ');
}

function linksText(links: readonly number[]): string {
  return links.map((irq, i) => `LNK${'ABCD'[i]} ${irq < 16 ? `→ ${irq}` : 'off'}`).join('  ');
}
