import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { V86Host } from '../../src/hosts/v86/index.ts';
import { gceN1 } from '../../src/machine/gce-n1.ts';
import type { Machine } from '../../src/machine/machine.ts';
import type { MachineOptions } from '../../src/machine/options.ts';
import { MemoryMedium } from '../../src/media/memory.ts';

/** Debian's package seabios, 1.16.3. */
const FIRMWARE = readFileSync('/usr/share/seabios/bios.bin');
const SECOND = 1_000_000_000;
const RAM = 64 << 20;
/** Of a counter's status: access, mode and BCD, without OUT and NULL COUNT. */
const COUNTER_MODE = 0x3f;
const TEXT = [...new TextEncoder().encode('booted\n')];
/** The largest queues that SeaBIOS accepts; Compute Engine's have 8192 entries. */
const RING = 256;
/** Of 48 MiB above 16 MiB, in blocks of 64 KiB; SeaBIOS keeps its tables in the last. */
const BLOCKS = 48 * 16 - 1;

/**
 * A boot sector that prints TEXT by INT 14h, and after it, low byte first, how many blocks of 64 KiB of RAM INT 15h,
 * AX = E801h, finds above 16 MiB; then the masks of the 8259 pair, which is v86's. SeaBIOS jumps to it at 0:7C00.
 */
const SECTOR = [
  [0x31, 0xd2], // xor dx, dx: COM1
  [0xb8, 0xe3, 0x00, 0xcd, 0x14], // mov ax, 00e3: 9600 baud, 8N1; int 14
  [0xbe, 0x38, 0x7c], // mov si, text
  [0x2e, 0xac, 0x84, 0xc0, 0x74, 0x06], // next: cs lodsb; test al, al; jz memory
  [0xb4, 0x01, 0xcd, 0x14, 0xeb, 0xf4], // mov ah, 1; int 14; jmp next
  [0xb8, 0x01, 0xe8, 0xcd, 0x15, 0x31, 0xd2], // memory: mov ax, e801; int 15; xor dx, dx
  [0x88, 0xd8, 0xb4, 0x01, 0xcd, 0x14], // mov al, bl; mov ah, 1; int 14
  [0x88, 0xf8, 0xb4, 0x01, 0xcd, 0x14], // mov al, bh; mov ah, 1; int 14
  [0xe4, 0x21, 0xb4, 0x01, 0xcd, 0x14], // in al, 21; mov ah, 1; int 14
  [0xe4, 0xa1, 0xb4, 0x01, 0xcd, 0x14], // in al, a1; mov ah, 1; int 14
  [0xf4, 0xeb, 0xfd], // hlt; jmp to it
  TEXT, // text:
].flat();

function bootableDisk(bytes = 1 << 20): MemoryMedium {
  const sector = new Uint8Array(512);
  sector.set(SECTOR);
  sector.set([0x55, 0xaa], 510);
  const medium = new MemoryMedium(bytes);
  medium.write(0, sector, 0, 512);
  return medium;
}

const range = (from: number, length: number) => Array.from({ length }, (_, i) => from + i);
const hex = (byte: number) => byte.toString(16).padStart(2, '0');

function machineOf(options: MachineOptions = {}): Machine {
  const disks = [{ medium: bootableDisk() }];
  return gceN1({ memory: { below4G: RAM }, scsi: { ringSize: RING }, disks, ...options });
}

/**
 * Runs SeaBIOS until all output of the sector has come, for five virtual seconds at most: it waits half of them for a
 * key.
 */
async function runSeabios(options: MachineOptions = {}): Promise<Machine> {
  const machine = machineOf({ firmware: false, ...options });
  const host = await V86Host.create(machine, { firmware: FIRMWARE });
  const until = () => machine.serial[0]!.bytes.length === TEXT.length + 4;
  await host.run({ until, limit: 5 * SECOND });
  await host.close();
  return machine;
}

/** `4.0 04`: the contents of a machine's configuration registers, byte by byte, by device, function and offset. */
function registersOf(machine: Machine): Map<string, number> {
  const registers = new Map<string, number>();
  for (const fn of machine.functions)
    for (let offset = 0; offset < 256; offset++)
      registers.set(`${fn.bdf >> 3}.${fn.bdf & 7} ${hex(offset)}`, fn.readConfig(offset, 1));
  return registers;
}

/** BIOS data area and the KiB of the EBDA, byte by byte, by address. */
function dataAreasOf({ port }: Machine): Map<string, number> {
  const addresses = [...range(0x400, 0x100), ...range(0x9_fc00, 0x400)];
  return new Map(addresses.map((at) => [at.toString(16), port.read(at, 1)] as const));
}

test.each([
  ['the bytes of the real-time clock', {}],
  ['fw_cfg', { fwCfg: true }],
])('SeaBIOS finds RAM by %s, finds our disk and boots a sector of it', async (_how, options) => {
  const { serial } = await runSeabios(options);

  expect([...serial[0]!.bytes].slice(0, -2)).toEqual([...TEXT, BLOCKS & 0xff, BLOCKS >> 8]);
});

test.each([512, 8192])('SeaBIOS finds no disk behind rings of %i entries', async (ringSize) => {
  const { serial } = await runSeabios({ scsi: { ringSize } });

  expect(serial[0]!.text).toBe('');
});

test('SeaBIOS breaks a note, and its driver of virtio-scsi two rules, as docs/running-an-os.md says', async () => {
  const { findings } = await runSeabios();

  expect([...new Set(findings.map(({ clause }) => clause))]).toEqual([
    'rtc/NMI',
    'virtio/RESET-D1',
    'virtio/INIT-D4',
  ]);
});

test('SeaBIOS leaves the configuration registers as our firmware step does, but for these', async () => {
  const ours = registersOf(machineOf());

  const left = [...registersOf(await runSeabios())].filter(([where, value]) => ours.get(where) !== value);

  expect(Object.fromEntries(left)).toEqual({
    // PAM1 to PAM6: this small build keeps nothing of its own below EC000, and makes it read-only.
    '0.0 5a': 0x11,
    '0.0 5b': 0x11,
    '0.0 5c': 0x11,
    '0.0 5d': 0x11,
    '0.0 5e': 0x11,
    '0.0 5f': 0x31,
    // DEVACTB: our host says there that system management mode is set up, so that SeaBIOS does not wait for
    // it.
    '1.3 5b': 0x02,
    // SMBBA b100 and SMBHSTCFG: it turns the SMBus on, which Compute Engine's was seen to be off.
    '1.3 91': 0xb1,
    '1.3 d2': 0x09,
    // Command of the NIC: SeaBIOS enables bus mastering only for devices that it drives.
    '4.0 04': 0x03,
  });
});

test.each<[kind: string, options: MachineOptions]>([
  ['a display, a balloon and a virtio-rng', { display: true, balloon: true, rng: true }],
  // Its MSI-X table takes 8 KiB, where others' take a page.
  ['a NIC of 128 queue pairs', { nics: [{ queues: 128 }] }],
])(
  'SeaBIOS gives the base addresses that our firmware step gives, on a machine with %s',
  async (_kind, options) => {
    const machines = [machineOf(options), await runSeabios(options)];

    const places = machines.map(({ functions }) =>
      functions.flatMap(({ name, bars }) => bars.map(({ index, mapped }) => [name, index, mapped])),
    );

    expect(places[1]).toEqual(places[0]);
  },
);

test('SeaBIOS leaves the BIOS data areas as our firmware step does, but for these', async () => {
  const ours = dataAreasOf(machineOf());

  const left = [...dataAreasOf(await runSeabios())].filter(([at, byte]) => ours.get(at) !== byte);

  expect(Object.fromEntries(left)).toEqual({
    // Ticks of the day, which INT 08h counts: 2.6 seconds passed, and our firmware has no services.
    '46c': 0x30,
    // The disk that INT 13h serves, and the table of its geometry in the EBDA: 2 cylinders, 16 heads, 63 sectors.
    '475': 1,
    ...{ '9fc3d': 0x02, '9fc3f': 0x10, '9fc40': 0xa0, '9fc42': 0xff, '9fc43': 0xff },
    ...{ '9fc45': 0xc0, '9fc4b': 0x3f, '9fc4c': 0x51 },
  });
});

test("SeaBIOS has of a 2 GiB disk the geometry that Compute Engine's printed: LCHS=520/128/63", async () => {
  // syzkaller, pkg/report/testdata/linux/report/127 (2017) and 325 (2018): "blksize=512 sectors=4194304 = 2048 MiB".
  const { port } = await runSeabios({ disks: [{ medium: bootableDisk(4_194_304 * 512) }] });

  // The fixed disk parameter table of the EBDA: logical cylinders, heads, sectors.
  expect([port.read(0x9_fc3d, 2), port.read(0x9_fc3f, 1), port.read(0x9_fc4b, 1)]).toEqual([520, 128, 63]);
});

test('SeaBIOS leaves timer and keyboard controller as our firmware step does', async () => {
  const machines = [machineOf(), await runSeabios()];

  const states = machines.map(({ port }) => {
    // Read-back of the status of counter 0; Read Command Byte.
    port.out(0x43, 0xe2, 1);
    port.out(0x64, 0x20, 1);
    return [port.in(0x40, 1) & COUNTER_MODE, port.in(0x60, 1)];
  });

  expect(states[1]).toEqual(states[0]);
  expect(states[0]).toEqual([0x34, 0x61]);
});

test('SeaBIOS leaves the lines open, and A20, that our firmware step leaves open', async () => {
  const { port } = machineOf();

  const left = await runSeabios();

  const masks = [0x21, 0xa1].map((at) => port.in(at, 1));
  expect([...left.serial[0]!.bytes].slice(-2)).toEqual(masks);
  expect([left.port.in(0x92, 1), port.in(0x92, 1)]).toEqual([0x02, 0x02]);
});

/** The state in which a BIOS left the SCSI adapter, and the address of its request queue's ring. */
function adapterOf({ port, functions }: Machine) {
  const header = functions.find(({ name }) => name === 'scsi0')!.bars[0]!.mapped!;
  const rings = [0, 1, 2].map((queue) => {
    port.out(header + 0x0e, queue, 2);
    return port.in(header + 0x08, 4) * 4096;
  });
  const ring = rings[2]!;
  const [flags, offered] = [0, 2].map((at) => port.memory.load(ring + RING * 16 + at, 2));
  const used = port.memory.load(ring + 0x2000 + 2, 2);
  return {
    ring,
    state: {
      status: port.in(header + 0x12, 1),
      features: port.in(header + 0x04, 4),
      isr: port.in(header + 0x13, 1),
      isSetUp: rings.map((at) => at > 0),
      flags,
      pending: offered! - used,
      hasRun: used > 0,
      firstDescriptor: [8, 12, 14].map((at) => port.memory.load(ring + at, at === 8 ? 4 : 2)),
    },
  };
}

test('SeaBIOS leaves the SCSI adapter as our firmware step does, with its ring elsewhere', async () => {
  const ours = adapterOf(machineOf());

  const left = adapterOf(await runSeabios());

  expect(left.state).toEqual(ours.state);
  expect(ours.state).toMatchObject({ status: 0x07, features: 0, isSetUp: [false, false, true], flags: 1 });
  // 1.16.3 takes it from the end of RAM; the build of 2013 took low memory.
  expect([left.ring >= RAM - (1 << 20), ours.ring]).toEqual([true, 0xe_d000]);
});
