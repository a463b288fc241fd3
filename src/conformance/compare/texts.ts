import { stripVTControlCharacters } from 'node:util';
import type { Machine } from '../../machine/machine.ts';
import type { MachineOptions } from '../../machine/options.ts';
import type { ProfileName } from '../../machine/profile.ts';
import { Asked, type Saying } from './asked.ts';
import { type ComparedItem, differing, equal, skipped } from './compared.ts';
import { BSD_LINES } from './lines-bsd.ts';
import { DEVICE_LINES } from './lines-devices.ts';
import { PCI_LINES } from './lines-pci.ts';
import { TABLE_LINES } from './lines-tables.ts';

const LINES = [...PCI_LINES, ...TABLE_LINES, ...DEVICE_LINES, ...BSD_LINES];

/** Kernels write no longer line. In others, patterns would look for their parts for hours. */
const LONGEST = 2000;

/** Where a text that is JSON has a log: of Cloud Logging, of the journal, and of `get-serial-port-output`. */
const MESSAGES = new Set(['textPayload', 'MESSAGE', 'contents']);

const TIME = String.raw`(?:\w{3} +\d+ [\d:]{8}|\d{4}[-/]\d\d[-/]\d\d[T ][\d:]{8})(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?`;
/** Of syslog and the journal, with the host's name. */
const KERNEL = String.raw`\S{1,64} kernel(?:\[\d+\])?: `;
/** Seconds since the start, or since the line before, of Linux and NetBSD; and `CONFIG_PRINTK_CALLER`. Whatever a log has before them is its own. */
const STAMPED = String.raw`.{0,200}?\[ *\+?\d+\.\d{6,9}(?: <[ \d.]+>)?\](?:\[ *[TC]\d+\])? ?(?:${KERNEL})?`;
/** By the day, of `dmesg -T`, `-e`, `--time-format iso`, and Talos. */
const DATED = String.raw`\[(?:\w{3} \w{3} +\d+ [\d:]{8} \d{4}|\w{3} *\d+ \d\d:\d\d|${TIME})\]:? ?`;
/** `dmesg -x`; Talos, behind a node. */
const FACILITY = String.raw`(?:\S{1,64}: )?(?:kern|user|daemon|syslog) *: *\w+ *: (?=\[)`;
/** Of `dmesg -r` and `/dev/kmsg`. */
const LEVEL = String.raw`<\d+>|\d+,\d+,\d+,[^;\s]*;`;
/** Of a quotation, a difference or an indented block. */
const MARGIN = String.raw`[ \t>+|]{0,80}`;
/** What a log has before a kernel's line; a console may begin a line by a return. */
const PREFIX = new RegExp(
  String.raw`^\r*(?:${STAMPED}|(?:${MARGIN}(?=${TIME}|${DATED}|${FACILITY}|${LEVEL}))?(?:${FACILITY})?(?:${TIME}\s+)?(?:${KERNEL})?(?:${LEVEL})?(?:${DATED})?)`,
);

/** The log in a text that is JSON, or has an entry of JSON in each line; null for any other. */
export function logIn(text: string): string | null {
  if (!/^\s*(?:\[\s*)?\{/.test(text)) return null;
  const messages: string[] = [];
  const collects = (json: string) => {
    try {
      JSON.parse(json, (key, value: unknown) => {
        if (MESSAGES.has(key) && typeof value === 'string') messages.push(value);
        return value;
      });
      return true;
    } catch {
      return false;
    }
  };
  // A log that is cut has its first lines.
  if (!collects(text)) text.split('\n').every((line) => line.trim() === '' || collects(line));
  return messages.length > 0 ? messages.join('\n') : null;
}

const FIELD = '"([^"]{1,200})"';
const QUOTED = new RegExp(
  String.raw`^(${MARGIN}\S{7,12}) ${FIELD} ${FIELD} ${FIELD}(?: -r([\da-f]{2}))?(?: -p[\da-f]{2})? "`,
);
const NUMBER = /(?:^|\[)([\da-f]{4})\]?$/;

/** A function as `lspci -mm` lists it, as without that option; any other line is as it was. */
function unquoted(line: string): string {
  const match = QUOTED.exec(line);
  if (match === null) return line;
  const [, place, type, vendor = '', name = '', revision] = match;
  const [by, id] = [NUMBER.exec(vendor)?.[1], NUMBER.exec(name)?.[1]];
  const isNumeric = by === vendor && id === name;
  const ids = by === undefined || id === undefined ? '' : ` [${by}:${id}]`;
  const what = isNumeric ? `${by}:${id}` : `${vendor} ${name}${ids}`;
  return `${place} ${type}: ${what}${revision === undefined ? '' : ` (rev ${revision})`}`;
}

/** The lines of a text without colours, and those of a log as the kernel wrote them. */
function linesOf(text: string): string[] {
  return stripVTControlCharacters(logIn(text) ?? text)
    .split('\n')
    .map((line) => (line.length > LONGEST ? '' : unquoted(line.replace(PREFIX, '').trimEnd())));
}

const BEHIND_MARGIN = new RegExp(`^${MARGIN}`);

/** A line as it is, and behind a margin: one that begins there, or is indented there as those of lspci and dmidecode. */
function readingsOf(line: string): string[] {
  const inner = line.replace(BEHIND_MARGIN, '');
  return inner === line ? [line] : [line, inner, `\t${inner}`];
}

function sayingOf(line: string, asked: Asked): Saying | null {
  for (const reading of readingsOf(line))
    for (const { pattern, says } of LINES) {
      const match = pattern.exec(reading);
      const said = match === null ? null : says(match, asked);
      if (said !== null) return said;
    }
  return null;
}

/** Compares lines of lspci -v, of boot logs of Linux, the BSDs and SeaBIOS, of ethtool and dmidecode; others are passed over. */
export function compareText(text: string, machine: Machine): ComparedItem[] {
  const asked = new Asked(machine);
  return linesOf(text).flatMap((line, index) => {
    if (line.startsWith('#')) return [];
    const name = `text line ${index + 1}`;
    try {
      const said = sayingOf(line, asked);
      if (said === null) return [];
      return said.there === said.here
        ? [equal(name)]
        : [differing(name, `${said.there} there, ${said.here} here`)];
    } catch (error) {
      return [skipped(name, `it cannot be compared: ${(error as Error).message}`)];
    }
  });
}

function withoutMargins(text: string): string {
  return linesOf(text)
    .map((line) => line.replace(BEHIND_MARGIN, ''))
    .join('\n');
}

/** Which machine a text is of: Arm, or of the switch of a C4, or without an adapter of SCSI, as `machineOf` a capture. */
export function machineOfText(given: string): ProfileName {
  const text = withoutMargins(given);
  if (/\barm64\b|ACPI: Using GIC\b|\bGICv\d/.test(text)) return 'gce-t2a';
  if (/[[ ]1ae0:0f48\b|Google, Inc\. Device 0f48\b/.test(text)) return 'gce-c4';
  const hasAdapter = /[[ ]1af4:1004\b|Virtio SCSI|PersistentDisk/.test(text);
  const hasNvme =
    /[[ ]1ae0:001f\b|\[0108\]|class 0x010802|Non-Volatile memory controller|nvme nvme\d|nvme_card/.test(text);
  return hasNvme && !hasAdapter ? 'gce-c3' : 'gce-n1';
}

/** The machine that a text is of, as far as it says: processors, firmware, and its cards and disks. */
export function optionsOfText(given: string): MachineOptions {
  const text = withoutMargins(given);
  const numbers = [
    /Allowing (\d+) (?:present )?CPUs/,
    /CPUs found: (\d+)/,
    /Found (\d+) cpu\(s\)/,
    /Total of (\d+) processors/,
    /\((\d+) vCPU\)/,
    /, (\d+) vCPU/,
    /Multiprocessor System Detected: (\d+) CPUs/,
  ].flatMap((pattern) => pattern.exec(text)?.[1] ?? []);
  const vcpus = Number(
    numbers[0] ?? cpusOfTable(text) ?? cpusOfCard(text) ?? (text.match(/^cpu\d+ at mainbus0/gm)?.length || 1),
  );
  const has = (pattern: RegExp) => pattern.test(text);
  return {
    ...(Number.isInteger(vcpus) && vcpus >= 1 && vcpus <= 64 ? { vcpus } : {}),
    ...(has(/\befi: EFI v|BdsDxe/)
      ? { firmware: 'uefi' as const }
      : has(/\[mem 0xfe801000-|^ACPI: APIC .* \(v05 /m)
        ? { firmware: { build: 2024 as const } }
        : {}),
    ...(has(/[[ ]1ae0:a002\b|Google, Inc\. Device a002\b/) ? { display: true } : {}),
    ...(has(/[[ ]1af4:1002\b|Virtio memory balloon|PCI (?:\(legacy\) )?Balloon adapter/)
      ? { balloon: true }
      : {}),
    ...(has(/[[ ]1af4:1005\b|Virtio RNG|PCI (?:\(legacy\) )?Entropy adapter/) ? { rng: true } : {}),
    ...(has(GVNIC) ? { nics: [gvnicOf(text)] } : {}),
  };
}

/** As lspci, Linux, its driver, ethtool, FreeBSD and OpenBSD write it. */
const GVNIC =
  /[[ ]1ae0:0042\b|^driver: gve$|\bgve [\da-f:.]+: |[<[]gVNIC[>\]]|^vendor "Google", unknown product 0x0042/m;

/** A second base address of 64 bytes has room for one pair of queues. */
function gvnicOf(text: string) {
  const behind = text.slice(text.indexOf('[1ae0:0042]'));
  const isSmall = /reg 0x14: \[mem 0x[\da-f]{0,16}00-0x[\da-f]{0,16}3f\]/.test(behind);
  return { type: 'gvnic' as const, ...(isSmall ? { queues: 1 } : {}) };
}

/** A MADT has 102 bytes, and 8 for each processor. */
function cpusOfTable(text: string): number | null {
  const length = /ACPI: APIC 0x[\dA-F]+ ([\dA-F]{6})/.exec(text)?.[1];
  const count = length === undefined ? Number.NaN : (Number.parseInt(length, 16) - 102) / 8;
  return Number.isInteger(count) ? count : null;
}

/** A card has two vectors for each, and one more, of 16 bytes: the next power of two is its second base address. */
function cpusOfCard(text: string): number | null {
  const end = /pci 0000:00:04\.0: (?:reg 0x14:|BAR 1) \[mem 0x[\da-f]+000-0x[\da-f]+([\da-f]{2})\]/.exec(
    text,
  )?.[1];
  return end === undefined ? null : (Number.parseInt(end, 16) + 1) / 64;
}
