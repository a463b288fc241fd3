import type { Machine } from '../../machine/machine.ts';
import type { MachineOptions } from '../../machine/options.ts';
import { Asked } from './asked.ts';
import { type ComparedItem, differing, equal } from './compared.ts';
import { DEVICE_LINES } from './lines-devices.ts';
import { PCI_LINES } from './lines-pci.ts';
import { TABLE_LINES } from './lines-tables.ts';

const LINES = [...PCI_LINES, ...TABLE_LINES, ...DEVICE_LINES];

/** Compares lines of lspci -v, of boot logs of Linux, NetBSD and SeaBIOS, of ethtool and dmidecode; others are passed over. */
export function compareText(text: string, machine: Machine): ComparedItem[] {
  const asked = new Asked(machine);
  return text.split('\n').flatMap((raw, index) => {
    const line = raw.replace(/^(?:\[ *\d+\.\d+\] ?)/, '').trimEnd();
    if (line.startsWith('#')) return [];
    for (const { pattern, says } of LINES) {
      const match = pattern.exec(line);
      const said = match === null ? null : says(match, asked);
      if (said === null) continue;
      const name = `text line ${index + 1}`;
      return [
        said.there === said.here ? equal(name) : differing(name, `${said.there} there, ${said.here} here`),
      ];
    }
    return [];
  });
}

/** The machine that a text is of, as far as it says: processors, firmware, and its cards and disks. */
export function optionsOfText(text: string): MachineOptions {
  const numbers = [
    /Allowing (\d+) CPUs/,
    /CPUs found: (\d+)/,
    /Found (\d+) cpu\(s\)/,
    /Total of (\d+) processors/,
    /\((\d+) vCPU\)/,
    /, (\d+) vCPU/,
  ].flatMap((pattern) => pattern.exec(text)?.[1] ?? []);
  const vcpus = Number(numbers[0] ?? cpusOfTable(text) ?? cpusOfCard(text) ?? 1);
  const has = (pattern: RegExp) => pattern.test(text);
  return {
    ...(vcpus >= 1 && vcpus <= 64 ? { vcpus } : {}),
    ...(has(/\befi: EFI v|BdsDxe/)
      ? { firmware: 'uefi' as const }
      : has(/\[mem 0xfe801000-|^ACPI: APIC .* \(v05 /m)
        ? { firmware: { build: 2024 as const } }
        : {}),
    ...(has(/\[1ae0:a002\]/) ? { display: true } : {}),
    ...(has(/\[1af4:1002\]/) ? { balloon: true } : {}),
    ...(has(/\[1af4:1005\]/) ? { rng: true } : {}),
    ...(has(/^driver: gve$/m) ? { nics: [{ type: 'gvnic' as const }] } : {}),
    // A second base address of 64 bytes has room for one pair of queues.
    ...(has(/\[1ae0:0042\][\s\S]*?reg 0x14: \[mem 0x[\da-f]+00-0x[\da-f]+3f\]/)
      ? { nics: [{ queues: 1 }] }
      : {}),
  };
}

/** A MADT has 102 bytes, and 8 for each processor. */
function cpusOfTable(text: string): number | null {
  const length = /ACPI: APIC 0x[\dA-F]+ ([\dA-F]{6})/.exec(text)?.[1];
  return length === undefined ? null : (Number.parseInt(length, 16) - 102) / 8;
}

/** A card has two vectors for each, and one more, of 16 bytes: the next power of two is its second base address. */
function cpusOfCard(text: string): number | null {
  const end = /pci 0000:00:04\.0: (?:reg 0x14:|BAR 1) \[mem 0x[\da-f]+000-0x[\da-f]+([\da-f]{2})\]/.exec(
    text,
  )?.[1];
  return end === undefined ? null : (Number.parseInt(end, 16) + 1) / 64;
}
