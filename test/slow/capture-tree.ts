import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { virtioScsiDriver } from '../../src/guest/index.ts';
import { gceN1, type Machine } from '../../src/index.ts';

export const SCRIPT = join(import.meta.dirname, '../../assets/capture.py');
const MACHINE_ID = '0123456789abcdef0123456789abcdef';
export const MAC = '42:01:0a:80:00:02';
const LOG = `[    0.000000] SMBIOS 2.4 present.
[    0.000000] Hostname set to <my-instance>, ip=10.128.0.2, ${MAC}
[    0.010000] ACPI: PM-Timer IO Port: 0xb008
[    0.500000] scsi 0:0:1:0: Direct-Access     Google   PersistentDisk   1    PQ: 0 ANSI: 6
`;

/** A tree of files as Linux would show this machine, with the answers of its disk to each command of the script. */
export function treeAt(root: string, changes: (root: string) => void = () => {}): string {
  const machine = gceN1({ vcpus: 2, rng: true });
  const put = (path: string, content: string | Uint8Array) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  };
  for (const fn of machine.functions) {
    const { bdf, bars } = fn;
    const folder = `sys/bus/pci/devices/0000:00:${(bdf >> 3).toString(16).padStart(2, '0')}.${bdf & 7}`;
    put(
      `${folder}/config`,
      Uint8Array.from({ length: 256 }, (_, at) => fn.readConfig(at, 1)),
    );
    const rows = Array.from({ length: 6 }, (_, index) => {
      const bar = bars.find((one) => one.index === index);
      const begin = bar?.mapped ?? 0;
      return `0x${begin.toString(16)} 0x${(bar === undefined ? 0 : begin + bar.region.size - 1).toString(16)} 0x0`;
    });
    put(`${folder}/resource`, `${rows.join('\n')}\n`);
    const [io] = bars.filter(({ kind }) => kind === 'io');
    if (io !== undefined) put(`${folder}/resource0`, legacyRegisters(machine, io.mapped!, io.region.size));
  }
  for (const { name: table, bytes } of machine.chassis.tables)
    if (/^(FACP|DSDT|SSDT|APIC|WAET|SRAT|FACS)$/.test(table)) put(`sys/firmware/acpi/tables/${table}`, bytes);
  put('sys/firmware/dmi/tables/DMI', machine.chassis.tables.find((one) => one.name === 'DMI')!.bytes);
  put(
    'sys/firmware/dmi/tables/smbios_entry_point',
    machine.chassis.tables.find((one) => one.name === '_SM_')!.bytes,
  );
  put('sys/class/dmi/id/product_serial', 'GoogleCloud-8EBFB6FCE14327F972567743E80E23DE\n');
  put('sys/class/net/ens4/address', `${MAC}\n`);
  put('sys/bus/scsi/devices/0:0:1:0/block/sda/size', '0');
  put('etc/hostname', 'my-instance\n');
  put('etc/machine-id', `${MACHINE_ID}\n`);
  put('proc/cmdline', 'root=UUID=e6fe3fcb-2478-4e7e-8072-4ced46dceac5 console=ttyS0\n');
  put('kernel-log', LOG);
  put('dev/sda', '');
  ports(join(root, 'dev/port'), machine);
  answers(join(root, 'answers'), machine);
  changes(root);
  return root;
}

/** By the widths of the registers, as a driver finds them before MSI-X is on; in the place of the ISR another value. */
function legacyRegisters({ port }: Machine, base: number, size: number): Buffer {
  const bytes = Buffer.alloc(size, 0xee);
  for (const at of [0, 4, 8]) bytes.writeUInt32LE(port.in(base + at, 4) >>> 0, at);
  for (const at of [0x0c, 0x0e]) bytes.writeUInt16LE(port.in(base + at, 2), at);
  for (const at of [0x12, ...Array.from({ length: size - 0x14 }, (_, i) => 0x14 + i)])
    bytes[at] = port.in(base + at, 1);
  return bytes;
}

function ports(path: string, { port }: Machine): void {
  const fd = openSync(path, 'w');
  for (const at of [
    0x4d0,
    0x4d1,
    ...Array.from({ length: 0x40 }, (_, i) => 0xb000 + i),
    ...[0, 1, 2, 3].map((i) => 0xafe0 + i),
  ])
    writeSync(fd, Uint8Array.of(port.in(at, 1)), 0, 1, at);
  closeSync(fd);
}

function answers(folder: string, machine: Machine): void {
  mkdirSync(folder);
  const host = machine.attach(virtioScsiDriver);
  host.testUnitReady(1);
  for (const [name, cdb, length] of scsiCommands()) {
    const sent = { name, cdb: Buffer.from(cdb, 'hex'), ...(length > 0 ? { dataIn: length } : {}) };
    const { status, data, rawSense } = host.execute(1, 0, sent);
    writeFileSync(
      join(folder, `answer-${cdb}`),
      Buffer.concat([Buffer.of(status), status === 0 ? data : rawSense]),
    );
  }
}

/** Runs Python with the script as `module`, and takes what it leaves in `said`. */
export function inScript<T>(code: string): T {
  const program = `import importlib.util, json, sys
sys.dont_write_bytecode = True
spec = importlib.util.spec_from_file_location('capture', sys.argv[1])
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
${code}
print(json.dumps(said))`;
  return JSON.parse(execFileSync('python3', ['-c', program, SCRIPT], { encoding: 'utf8' }));
}

/** Name, CDB and length of each command that it sends. */
export function scsiCommands(): readonly (readonly [name: string, cdb: string, length: number])[] {
  return inScript('said = module.SCSI');
}
