import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { conform } from '../src/conformance/index.ts';
import { referenceModel } from '../src/conformance/reference.ts';
import { bdfText, hex } from '../src/core/bits.ts';
import type { GuestPort } from '../src/core/guest-port.ts';
import {
  configRead,
  enumerate,
  nvmeDriver,
  Pl011Driver,
  sizeBars,
  virtioNetDriver,
} from '../src/guest/index.ts';
import {
  gceC3,
  gceC4,
  gceE2,
  gceN1,
  gceN2,
  gceNetwork,
  gceT2A,
  type Machine,
  type MachineOptions,
} from '../src/index.ts';
import { PROFILES } from '../src/machine/profiles.ts';
import { answer, Guest, get, SERVER } from '../src/net/gce/guest-rig.ts';

/** What tells the machine series of Compute Engine apart. docs/machines.md says where each was seen. */
const identities = ({ port }: Machine) =>
  enumerate(port).map(
    ({ bdf, id }) =>
      `${bdf >> 3}.${bdf & 7} ${id.vendor.toString(16)}:${id.device.toString(16).padStart(4, '0')}`,
  );

const BRIDGES = ['0.0 8086:1237', '1.0 8086:7110', '1.3 8086:7113'];
const NVME = 5 << 3;

describe('a C3', () => {
  test('has a gVNIC, a virtio-rng and NVMe, and nothing of virtio-scsi', () => {
    const functions = identities(gceC3());

    expect(functions).toEqual([...BRIDGES, '3.0 1ae0:0042', '4.0 1af4:1005', '5.0 1ae0:001f']);
  });

  test('shows its disks as namespaces of one controller, local SSDs as a controller each', () => {
    const disks = [
      { bytes: 4096 },
      { bytes: 8192, name: 'data' },
      { bytes: 4096, kind: 'local-ssd' as const },
    ];

    const { nvme } = gceC3({ disks });

    expect(nvme.map(({ model }) => model)).toEqual(['nvme_card-pd', 'nvme_card0']);
    expect(nvme[0]!.namespaces.map(({ nsid, name }) => `${nsid} ${name}`)).toEqual([
      '1 persistent-disk-0',
      '2 data',
    ]);
  });

  test('puts them before the namespaces of the option nvme', () => {
    const { nvme } = gceC3({ disks: [{ bytes: 4096 }], nvme: [{ namespaces: [{ bytes: 8192 }] }] });

    expect(nvme[0]!.namespaces.map(({ medium }) => medium.blocks)).toEqual([8, 16]);
  });

  test('has a driver read the disk that it boots from', () => {
    const machine = gceC3({ disks: [{ bytes: 1 << 20 }] });

    const [disk] = machine.attach(nvmeDriver).namespaces;

    expect(disk).toMatchObject({ nsid: 1, blocks: 2048, blockSize: 512 });
    expect([machine.disks, machine.scsiQueues]).toEqual([[], 0]);
  });

  test('takes no option of a SCSI disk', () => {
    expect(() => gceC3({ disks: [{ bytes: 512, target: 2 }] })).toThrow(
      'disks[0].target must be left out on a machine whose disks are NVMe',
    );
    expect(() => gceC3().addDisk({ bytes: 512 })).toThrow('nvme[0].addNamespace');
  });

  test('has the memory map of a PC at power-on, however little RAM there is', () => {
    const options = { firmware: false, memory: { below4G: 4 << 20 } };

    expect(gceC3(options).e820).toEqual(gceN1(options).e820);
  });

  test('is handed over by a UEFI, below 4 GiB unless it is told to go above', () => {
    const memory = { below4G: 3 * 2 ** 30 };
    const low = sizeBars(gceC3({ memory, judge: false }).port, NVME);
    const high = sizeBars(gceC3({ memory, firmware: { barsAbove4G: true }, judge: false }).port, NVME);

    // As Linux printed the window of a C3: c0000000 to febfefff.
    expect(low[0]).toMatchObject({ size: 0x4000 });
    expect(low[0]!.address).toBeGreaterThanOrEqual(0xc000_0000);
    expect(high[0]!.address).toBe(0x80_e000_0000);
  });
});

describe('conform on a C3', () => {
  const onC3 = { profile: 'gce-c3' } as const;
  const played = ({ runs }: ReturnType<typeof conform>) => new Set(runs.map(({ scenario }) => scenario));

  test('plays what such a machine can have, and the reference guest conforms', () => {
    const scenarios = ['a machine as its firmware leaves it', 'devices that another driver left running'];

    const report = conform(referenceModel(), { ...onC3, scenarios });

    expect(report).toMatchObject({ conforms: true, profile: 'gce-c3' });
  });

  test('plays no scenario of a disk by SCSI or of virtio-net', () => {
    const scenarios = ['a disk that is busy for long', 'frames that are longer than a buffer'];

    expect([...played(conform(referenceModel(), { ...onC3, scenarios }))]).toEqual([]);
  });

  test('says of a driver of virtio-net that it did nothing', () => {
    const model = { name: 'virtio-net', drivers: [virtioNetDriver] };

    const [run] = conform(model, onC3).runs;

    expect(String(run!.stopped)).toContain('matches');
  });

  test('names what is wrong with the options that are the same for all scenarios', () => {
    const machine = { disks: [{ bytes: 512, lun: 1 }] };

    expect(() => conform(referenceModel(), { ...onC3, machine })).toThrow('disks[0].lun must be left out');
  });
});

describe('a C4', () => {
  /** 00:05.0, a switch of 32 ports behind it, and NVMe on bus 3: as lspci printed a c4-standard-16. */
  const TREE = ['00:05.0', '01:00.0', ...Array.from({ length: 32 }, (_, port) => `02:${hex(port, 2)}.0`)];
  const only = (bus: number) => (port: GuestPort) => enumerate(port).filter(({ bdf }) => bdf >> 8 === bus);

  test('has NVMe behind the bridges of a switch, and the rest of a C3 on bus 0', () => {
    const found = enumerate(gceC4().port).map(({ bdf, id }) => ({ at: bdfText(bdf), id }));

    expect(found.filter(({ id }) => id.device === 0x0f48).map(({ at }) => at)).toEqual(TREE);
    expect(found.filter(({ id }) => id.device !== 0x0f48).map(({ at }) => at)).toEqual([
      '00:00.0',
      '00:01.0',
      '00:01.3',
      '00:03.0',
      '00:04.0',
      '03:00.0',
    ]);
  });

  test('has each local SSD behind a port of its own', () => {
    const disks = [{ bytes: 4096 }, { bytes: 4096, kind: 'local-ssd' as const }];

    expect(gceC4({ disks }).nvme.map(({ fn }) => bdfText(fn.bdf))).toEqual(['03:00.0', '04:00.0']);
  });

  test('has the disk that it boots from read by the reference guest, and pulled out', () => {
    const machine = gceC4({ disks: [{ bytes: 1 << 20 }] });

    const [disk] = machine.attach(nvmeDriver).namespaces;
    machine.removeNvme(machine.nvme[0]!);

    expect(disk).toMatchObject({ nsid: 1, blocks: 2048 });
    expect(machine.functions.map(({ bdf }) => bdf)).not.toContain(0x300);
  });

  test('has no more controllers than ports', () => {
    const nvme = Array.from({ length: 33 }, (_, i) => ({ model: `nvme_card${i}`, namespaces: [] }));

    expect(() => gceC4({ disks: [], nvme })).toThrow('each port of the switch has a function behind it');
  });

  test.each([
    'a machine as its firmware leaves it',
    'a machine at power-on, which has addresses and nothing else',
  ])('has the reference guest conform on %s', (scenario) => {
    const report = conform(referenceModel(), { profile: 'gce-c4', scenarios: [scenario] });

    expect(report).toMatchObject({ conforms: true });
  });

  test('has a guest that looks at bus 0 alone fail', () => {
    const model = { ...referenceModel(), enumerate: only(0) };
    const scenarios = ['a machine as its firmware leaves it'];

    const { verdicts } = conform(model, { profile: 'gce-c4', scenarios });

    expect(verdicts.filter(({ outcome }) => outcome === 'fail')).toMatchObject([
      {
        clause: 'pci/BRIDGES',
        findings: [{ said: 'the scan looked at bus 0 alone, and did not find 03:00.0' }],
      },
    ]);
  });
});

describe('an N2', () => {
  test('has a gVNIC in slot 4, behind virtio-scsi', () => {
    expect(identities(gceN2())).toEqual([...BRIDGES, '3.0 1af4:1004', '4.0 1ae0:0042']);
  });

  test('has bus mastering on in both functions of the PIIX4, as its UEFI leaves it', () => {
    const { port } = gceN2();

    expect([0x08, 0x0b].map((bdf) => configRead(port, bdf, 0x04, 2) & 4)).toEqual([4, 4]);
  });
});

describe('an E2', () => {
  test('has what an N1 has', () => {
    expect(identities(gceE2())).toEqual(identities(gceN1()));
  });
});

describe('a T2A, as Linux 6.1 printed it (syzbot, January 2023)', () => {
  const [ECAM, PORTS, RAM] = [0x3f00_0000, 0x3eff_0000, 0x4000_0000];
  const barsOf = ({ port }: Machine) =>
    enumerate(port).flatMap(({ bdf, bars }) =>
      bars.map(({ index, kind, address, size }) => [bdf >> 3, index, kind, address, size]),
    );

  test('has base addresses where its firmware left them, but for the one of ports', () => {
    const bars = barsOf(gceT2A());

    expect(bars).toEqual([
      [0, 0, 'mem32', 0x1020_3000, 0x1000],
      [0, 1, 'mem32', 0x1020_2000, 0x40],
      [0, 2, 'mem32', 0x1010_0000, 0x10_0000],
      // There Linux put it.
      [1, 0, 'io', 0x1000, 0x20],
      [1, 1, 'mem32', 0x1020_1000, 0x40],
      [2, 0, 'mem64', 0x1000_0000, 0x4000],
      [2, 4, 'mem32', 0x1020_0000, 0x40],
    ]);
  });

  test('has configuration space in memory, and none behind ports', () => {
    const { port } = gceT2A();
    port.out(0xcf8, 0x8000_0000, 4);

    expect(port.ecam).toBe(ECAM);
    expect([port.read(ECAM, 4), port.in(0xcfc, 4)]).toEqual([0x0042_1ae0, 0xffff_ffff]);
  });

  test('has four UARTs, each a page behind the other, by which a guest prints', () => {
    const { port, serial } = gceT2A();
    const places = [0x0900_0000, 0x0900_1000, 0x0900_2000, 0x0900_3000];

    for (const [i, at] of places.entries()) new Pl011Driver(port, at).write(Buffer.from(`AMA${i}`));

    expect(serial.map(({ port: at }) => at)).toEqual(places);
    expect(serial.map(({ text }) => text)).toEqual(['AMA0', 'AMA1', 'AMA2', 'AMA3']);
  });

  test.each([
    [{ serial: { fifo: false } }, 'serial.fifo must be left out on this machine; got false'],
    [{ serial: { irqs: [4, 3, 4, 3] } }, 'serial.irqs must be left out on this machine; got [4,3,4,3]'],
  ] as const)('has no use for %j', (options, message) => {
    expect(() => gceT2A(options as MachineOptions)).toThrow(message);
    expect(() => gceN1({ serial: { whole: true } })).toThrow('serial.whole must be left out on this machine');
  });

  test('has ports in memory, too', () => {
    const { port } = gceT2A();
    const features = port.in(0x1000, 4);

    expect(port.read(PORTS + 0x1000, 4)).toBe(features);
    expect(features).not.toBe(0xffff_ffff);
  });

  test('has none of the chips of a PC: no 16550A, interrupt controller, timer or clock', () => {
    const { port } = gceT2A();

    const read = [0x3f8, 0x20, 0x21, 0x40, 0x60, 0x70, 0x92, 0xb008].map((at) => port.in(at, 1));

    expect(new Set(read)).toEqual(new Set([0xff]));
    expect([port.read(0xfec0_0000, 4), port.read(0xfee0_0020, 4)]).toEqual([0xffff_ffff, 0xffff_ffff]);
  });

  test('has RAM from a gibibyte on, which drivers use', () => {
    const machine = gceT2A();

    expect(machine.e820[0]).toMatchObject({ base: RAM, type: 1 });
    expect(machine.port.allocate(4096, 4096)).toBeGreaterThan(RAM);
    expect(machine.port.read(0, 4)).toBe(0xffff_ffff);
  });

  test('tells by MCFG where configuration space is, for buses 0 to 15', () => {
    const { chassis } = gceT2A();
    const { bytes } = chassis.tables.find(({ name }) => name === 'MCFG')!;
    const view = new DataView(bytes.buffer, bytes.byteOffset);

    expect(Buffer.from(bytes).toString('latin1', 0, 4)).toBe('MCFG');
    expect([view.getBigUint64(44, true), view.getUint16(52, true), bytes[54], bytes[55]]).toEqual([
      BigInt(ECAM),
      0,
      0,
      15,
    ]);
  });

  test('answers any access to configuration space, to ports and to registers, and keeps what is RAM', () => {
    const at = fc.oneof(
      fc.integer({ min: ECAM, max: ECAM + 0x3_0fff }),
      fc.integer({ min: ECAM, max: RAM - 8 }),
      fc.integer({ min: PORTS, max: PORTS + 0xffff }),
      fc.integer({ min: 0x1000_0000, max: 0x1020_3fff }),
    );
    const access = fc.record({ at, width: fc.constantFrom(1, 2, 4), value: fc.nat() });
    const run = (accesses: readonly { at: number; width: number; value: number }[]) => {
      const { port } = gceT2A({ memory: { below4G: 1 << 21 }, disks: [{ bytes: 4096 }] });
      const read = accesses.map(({ at: address, width, value }) => {
        port.write(address, value, width as 4);
        return port.read(address, width as 4);
      });
      return read.every((value) => value >= 0 && value <= 0xffff_ffff) && port.read(ECAM, 4) === 0x0042_1ae0;
    };

    fc.assert(fc.property(fc.array(access, { maxLength: 60 }), run), { numRuns: 20 });
  });

  test.each([
    'a machine as its firmware leaves it',
    'a machine at power-on, which has addresses and nothing else',
    'RAM above 4 GiB, and none below for them',
  ])('has the reference guest, which polls, conform on %s', (scenario) => {
    const report = conform(referenceModel(), { profile: 'gce-t2a', scenarios: [scenario] });

    expect(report).toMatchObject({ conforms: true });
  });
});

test.each([
  ['gce-n2', gceN2, 0x55, 7],
  ['gce-e2', gceE2, 0x4f, 0],
  ['gce-c3', gceC3, 0x8f, 8],
  ['gce-c4', gceC4, 0xad, 1],
])('%s: the processor is of family 6, of its model and stepping', (_name, make, model, stepping) => {
  const { eax } = make().profile.cpuid;

  expect((eax >>> 8) & 15).toBe(6);
  expect([((eax >>> 12) & 0xf0) | ((eax >>> 4) & 15), eax & 15]).toEqual([model, stepping]);
});

test.each(Object.values(PROFILES).filter(({ name }) => name.startsWith('gce-')))(
  '$name: the metadata tell how its disks are there',
  ({ name, disks }) => {
    const network = gceNetwork({ series: name.slice('gce-'.length) as 'n1' });
    const guest = new Guest(network);

    const said = answer(guest.talk(SERVER, 80, get('instance/disks/0/interface')));

    expect(said).toEqual([200, disks.toUpperCase()]);
  },
);
