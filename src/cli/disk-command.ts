import { type Command, Option } from 'commander';
import { hex } from '../core/bits.ts';
import { type ScsiHost, virtioScsiDriver } from '../guest/index.ts';
import { inquiry, modeSense6, readCapacity16 } from '../guest/scsi/commands.ts';
import type { DiskOptions } from '../machine/devices/disks.ts';
import { openTarGz } from '../media/file-tar-gz.ts';
import { columns, styleFor } from '../report/style.ts';
import { commandName } from '../scsi/cdb/registers.ts';
import {
  BLOCK_CHARACTERISTICS,
  BLOCK_LIMITS,
  CAPACITY_16,
  EXTENDED_INQUIRY,
  MODE_HEADER_6,
  OPERATION_DESCRIPTOR,
  PROVISIONING,
  STANDARD_INQUIRY,
  VPD_HEADER,
} from '../scsi/commands/registers.ts';
import { fitWidth } from './fit-width.ts';
import type { Io } from './io.ts';
import { buildMachine, rawDisks } from './machines.ts';
import { unwritten } from './on-machine.ts';
import { Progress } from './shown-medium.ts';

/** The first disk of a machine. */
const TARGET = 1;
/** Without a file the disk has so many bytes. */
const BYTES = 10 * 2 ** 30;
/** Names of what Compute Engine exports. */
const EXPORT = /\.(tar\.gz|tgz)$/;
const ALL_PAGES = 0x3f;
const ROOM = 4096;
/** Bytes of an answer to REPORT SUPPORTED OPERATION CODES before its list. */
const LENGTH_FIELD = 4;

interface DiskArguments {
  readonly commands: 'gce' | 'all';
  readonly hex?: true;
}

/** Declares `guestrig disk`. */
export function diskCommand(program: Command, io: Io): void {
  program
    .command('disk')
    .argument(
      '[file]',
      'raw disk image, or a tar.gz with disk.raw; only read (default: an empty disk of 10 GiB)',
    )
    .description('show what a disk is to a guest: its INQUIRY and VPD pages, capacity, mode pages, commands')
    .addOption(
      new Option('--commands <set>', "a PersistentDisk's, or all that a disk here can have")
        .choices(['gce', 'all'])
        .default('gce'),
    )
    .option('--hex', 'print the bytes of each answer, as sg3_utils reads them by --inhex')
    .addHelpText('after', '\nExample: guestrig disk boot.img --commands all')
    .action(async (file, args) => io.out(fitWidth(await shown(file, args, io), io.width)));
}

/** An answer: to what, and its bytes. */
type Answer = readonly [name: string, bytes: Uint8Array, text: (bytes: Uint8Array) => string];

async function shown(
  file: string | undefined,
  { commands, hex: asHex }: DiskArguments,
  io: Io,
): Promise<string> {
  const machine = buildMachine(undefined, { disks: [{ ...(await given(file, io)), commands }] });
  try {
    const answers = answersOf(machine.attach(virtioScsiDriver));
    const style = styleFor(io.color);
    const lines = asHex
      ? answers.flatMap(([name, bytes]) => [style.bold(`# ${name}`), ...hexLines(bytes), ''])
      : columns(answers.map(([name, bytes, text]) => [name, text(bytes)]));
    return `${lines.join('\n')}\n`;
  } finally {
    machine.close();
  }
}

async function given(file: string | undefined, { progress: show }: Io): Promise<DiskOptions> {
  if (file === undefined) return { bytes: BYTES };
  if (EXPORT.test(file)) {
    if (show === undefined) return { medium: await openTarGz(file) };
    const progress = new Progress(show);
    try {
      return { medium: await openTarGz(file, { onProgress: (read, all) => progress.tell(file, read, all) }) };
    } finally {
      show('');
    }
  }
  const [disk] = rawDisks([file], {})!;
  return unwritten(disk!, []);
}

function answersOf(host: ScsiHost): Answer[] {
  const send = (command: Parameters<ScsiHost['execute']>[2]) => host.execute(TARGET, 0, command).data;
  host.testUnitReady(TARGET);
  const pages = [...host.vpd(TARGET, 0).subarray(VPD_HEADER.size)];
  const operations = Uint8Array.of(0xa3, 0x0c, 0, 0, 0, 0, 0, 0, ROOM >> 8, 0, 0, 0);
  return [
    ['INQUIRY', send(inquiry(STANDARD_INQUIRY.size)), (bytes) => fieldsText(STANDARD_INQUIRY.decode(bytes))],
    ...pages.map((code): Answer => [`VPD ${hex(code, 2)}`, host.vpd(TARGET, code), pageText]),
    ['READ CAPACITY(16)', send(readCapacity16()), (bytes) => fieldsText(CAPACITY_16.decode(bytes))],
    ['MODE SENSE(6)', send(modeSense6(ALL_PAGES, 0xff)), modesText],
    [
      'Commands',
      send({ name: 'REPORT SUPPORTED OPERATION CODES', cdb: operations, dataIn: ROOM }),
      operationsText,
    ],
  ];
}

/** Those pages that are fields, by code. */
const PAGES: Readonly<Record<number, { decode(bytes: Uint8Array): object }>> = {
  134: EXTENDED_INQUIRY,
  176: BLOCK_LIMITS,
  177: BLOCK_CHARACTERISTICS,
  178: PROVISIONING,
};
const [LIST, DEVICE_ID] = [0x00, 0x83];

function pageText(bytes: Uint8Array): string {
  const { page } = VPD_HEADER.decode(bytes);
  const content = bytes.subarray(VPD_HEADER.size);
  if (page === LIST) return [...content].map((code) => hex(code, 2)).join(' ');
  const { peripheral: _, page: __, length: ___, ...fields } = (PAGES[page]?.decode(bytes) ?? {}) as Fields;
  if (PAGES[page] !== undefined) return fieldsText(fields);
  return textOf(page === DEVICE_ID ? content.subarray(4) : content);
}

/** Fields that are bits or codes. */
const OF_BITS = /^(flags|format|standard|alignment)/;

type Fields = Readonly<Record<string, number | bigint | Uint8Array>>;

/** Fields by name, but for those that are 0. */
function fieldsText(fields: object): string {
  const texts = Object.entries(fields as Fields)
    .filter(([, value]) =>
      value instanceof Uint8Array ? value.some((byte) => byte !== 0) : Number(value) !== 0,
    )
    .map(([name, value]) => `${name} ${valueText(name, value)}`);
  return texts.length === 0 ? 'all 0' : texts.join(', ');
}

function valueText(name: string, value: Fields[string]): string {
  if (value instanceof Uint8Array) return textOf(value);
  return OF_BITS.test(name) ? `${hex(Number(value), 2)}h` : String(value);
}

function textOf(bytes: Uint8Array): string {
  return JSON.stringify(Buffer.from(bytes).toString('latin1').trimEnd());
}

/** The header's device-specific parameter, and the bytes of each page. */
function modesText(bytes: Uint8Array): string {
  const { device, descriptors } = MODE_HEADER_6.decode(bytes);
  const pages: string[] = [];
  for (let at = MODE_HEADER_6.size + descriptors; at < bytes.length; at += 2 + bytes[at + 1]!)
    pages.push(Buffer.from(bytes.subarray(at, at + 2 + bytes[at + 1]!)).toString('hex'));
  return `device-specific ${hex(device, 2)}, pages ${pages.join(' ')}`;
}

function operationsText(bytes: Uint8Array): string {
  const names: string[] = [];
  for (let at = LENGTH_FIELD; at < bytes.length; at += OPERATION_DESCRIPTOR.size) {
    const { operation, action } = OPERATION_DESCRIPTOR.decode(bytes.subarray(at));
    names.push(commandName(Uint8Array.of(operation, action)));
  }
  return `${names.length}: ${names.join(', ')}`;
}

function hexLines(bytes: Uint8Array): string[] {
  const lines =
    Buffer.from(bytes)
      .toString('hex')
      .match(/.{1,32}/g) ?? [];
  return lines.map((line) => line.match(/../g)!.join(' '));
}
