import {
  probeMachine,
  renderReport,
  renderVerdicts,
  reportJson,
  verdictsJson,
  verdictsJunit,
  verdictsOf,
} from '../../src/conformance/index.ts';
import { UartDriver, virtioNetDriver, virtioScsiDriver } from '../../src/guest/index.ts';
import { elfOf, HALT } from '../../src/hosts/boot/kernel-rig.ts';
import { runTogether, V86Host } from '../../src/hosts/v86/index.ts';
import { WasmModule } from '../../src/hosts/wasm/index.ts';
import { driverOf } from '../../src/hosts/wasm/rig.ts';
import {
  Clock,
  type Driver,
  FileMedium,
  fails,
  gceN1,
  Hub,
  judge,
  Loopback,
  type Machine,
  MemoryMedium,
  openPty,
  qemuPc,
  Recorder,
  Replay,
  renderFinding,
  SerialLines,
  serialStream,
} from '../../src/index.ts';
import { CaptureWriter } from '../../src/trace/index.ts';

/** A value of any type, where the types ask for another. */
// biome-ignore lint/suspicious/noExplicitAny: a caller without types passes any value
export type Any = any;
/** Uses one entry of the public interface with one arbitrary value; the others are right. */
export type Entry = readonly [name: string, use: (machine: Machine, any: Any) => unknown];

const CUT = { headerLength: 54, mss: 1448, csumStart: 34, csumOffset: 16 };
const BYTES = new Uint8Array(64);
const nic = (machine: Machine) => machine.nics[0]!;
const com1 = (machine: Machine) => machine.serial[0]!;
const disk = new MemoryMedium(1024);
const writer = new CaptureWriter(() => {}, 'net0');

const kernel = elfOf(HALT);
const created = async (machine: Any, boot: Any, options?: Any) =>
  (await V86Host.create(machine, boot, options)).close();

/** A driver in WebAssembly whose `run` takes an i32 and an i64. */
const wasm = driverOf('', '(func (export "attach") (param i32 i32)) (func (export "run") (param i32 i64))');
const NO_MODULE = new Uint8Array(8);

export const PORT: readonly Entry[] = [
  ['in, port', ({ port }, any) => port.in(any, 1)],
  ['in, width', ({ port }, any) => port.in(0x3fd, any)],
  ['out, port', ({ port }, any) => port.out(any, 0, 1)],
  ['out, value', ({ port }, any) => port.out(0x3ff, any, 1)],
  ['out, width', ({ port }, any) => port.out(0x3ff, 0, any)],
  ['read, address', ({ port }, any) => port.read(any, 4)],
  ['read, width', ({ port }, any) => port.read(0x1000, any)],
  ['write, address', ({ port }, any) => port.write(any, 0, 4)],
  ['write, value', ({ port }, any) => port.write(0x1000, any, 4)],
  ['write, width', ({ port }, any) => port.write(0x1000, 0, any)],
  ['load, address', ({ port }, any) => port.memory.load(any, 4)],
  ['load, width', ({ port }, any) => port.memory.load(0x1000, any)],
  ['store, address', ({ port }, any) => port.memory.store(any, 0, 4)],
  ['store, value', ({ port }, any) => port.memory.store(0x1000, any, 4)],
  ['store, width', ({ port }, any) => port.memory.store(0x1000, 0, any)],
  ['memory read, address', ({ port }, any) => port.memory.read(any, BYTES)],
  ['memory read, into', ({ port }, any) => port.memory.read(0x1000, any)],
  ['memory write, address', ({ port }, any) => port.memory.write(any, BYTES)],
  ['memory write, from', ({ port }, any) => port.memory.write(0x1000, any)],
  ['fill, address', ({ port }, any) => port.memory.fill(any, 0, 4)],
  ['fill, value', ({ port }, any) => port.memory.fill(0x1000, any, 4)],
  ['fill, length', ({ port }, any) => port.memory.fill(0x1000, 0, any)],
  ['allocate, bytes', ({ port }, any) => port.allocate(any, 16)],
  ['allocate, align', ({ port }, any) => port.allocate(16, any)],
  ['release', ({ port }, any) => port.release(any)],
  ['handle, vector', ({ port }, any) => port.handle(any, () => {})],
  ['handle, handler', ({ port }, any) => port.handle(0x40, any)],
  ['wait, until', ({ port }, any) => port.wait(any, 1000)],
  ['wait, limit', ({ port }, any) => port.wait(() => true, any)],
];

export const MACHINE: readonly Entry[] = [
  ['attach', (machine, any) => machine.attach(any)],
  ['idOf', (machine, any) => machine.idOf(any)],
  ['observe', (machine, any) => machine.observe(any)],
  ['reset', (machine, any) => machine.reset(any)],
  ['events.on, name', (machine, any) => machine.events.on(any, () => {})],
  ['events.on, listener', (machine, any) => machine.events.on('frame', any)],
  ['events.off, name', (machine, any) => machine.events.off(any, () => {})],
  ['events.off, listener', (machine, any) => machine.events.off('frame', any)],
  ['addNic', (machine, any) => machine.removeNic(machine.addNic(any))],
  ['removeNic', (machine, any) => machine.removeNic(any)],
  ['removeNvme', (machine, any) => machine.removeNvme(any)],
  ['addDisk', (machine, any) => machine.addDisk(any)],
  ['removeDisk', (machine, any) => machine.removeDisk(any)],
  ['resizeDisk, disk', (machine, any) => machine.resizeDisk(any, 512)],
  ['resizeDisk, bytes', (machine, any) => machine.resizeDisk(machine.disks[0]!, any)],
  ['refuseCommands, disk', (machine, any) => machine.refuseCommands(any, 'busy')],
  ['refuseCommands, refusal', (machine, any) => machine.refuseCommands(machine.disks[0]!, any)],
  ['refuseCommands, times', (machine, any) => machine.refuseCommands(machine.disks[0]!, 'busy', any)],
  ['virtio.offer', ({ virtio }, any) => virtio[0]!.offer(any)],
  ['virtio.offer, only', ({ virtio }, any) => virtio[0]!.offer({ only: any })],
  [
    'virtio.onConfigRead',
    ({ virtio }, any) => {
      virtio[0]!.onConfigRead = any;
    },
  ],
  ['readConfig, offset', ({ functions }, any) => functions[0]!.readConfig(any, 4)],
  ['readConfig, width', ({ functions }, any) => functions[0]!.readConfig(0, any)],
  ['nic.receive', (machine, any) => nic(machine).receive(any)],
  ['nic.setLink', (machine, any) => nic(machine).setLink(any)],
  ['nic.watch', (machine, any) => nic(machine).watch(any)],
  [
    'nic.onFrame',
    (machine, any) => {
      nic(machine).onFrame = any;
    },
  ],
  [
    'balloon.target',
    ({ balloon }, any) => {
      balloon!.target = any;
    },
  ],
  ['serial.type', (machine, any) => com1(machine).type(any)],
  ['serial.listen', (machine, any) => com1(machine).listen(any)],
  [
    'serial.endpoint',
    (machine, any) => {
      com1(machine).endpoint = any;
    },
  ],
  ['serial.dialogue', (machine, any) => com1(machine).dialogue(any)],
  ['uart.inject, byte', (machine, any) => com1(machine).uart.inject(any, {})],
  ['uart.inject, flags', (machine, any) => com1(machine).uart.inject(0, any)],
  ['uart.modem', (machine, any) => com1(machine).uart.modem(any)],
  ['dialogue.expect', (machine, any) => com1(machine).dialogue().expect(any)],
  ['dialogue.expect, within', (machine, any) => com1(machine).dialogue().expect('a', any)],
  ['dialogue.type', (machine, any) => com1(machine).dialogue().type(any)],
  ['dialogue.pause', (machine, any) => com1(machine).dialogue().pause(any)],
  ['dialogue.do', (machine, any) => com1(machine).dialogue().do(any)],
];

export const MADE: readonly Entry[] = [
  ['gceN1', (_, any) => gceN1(any)],
  ['qemuPc', (_, any) => qemuPc(any)],
  ['Clock.advance', (_, any) => new Clock().advance(any)],
  ['MemoryMedium, bytes', (_, any) => new MemoryMedium(any)],
  ['MemoryMedium, options', (_, any) => new MemoryMedium(512, any)],
  ['MemoryMedium.from', (_, any) => MemoryMedium.from(any)],
  ['medium.read, offset', (_, any) => disk.read(any, BYTES, 0, 64)],
  ['medium.read, into', (_, any) => disk.read(0, any, 0, 64)],
  ['medium.read, at', (_, any) => disk.read(0, BYTES, any, 64)],
  ['medium.read, length', (_, any) => disk.read(0, BYTES, 0, any)],
  ['medium.write, offset', (_, any) => disk.write(any, BYTES, 0, 64)],
  ['medium.write, from', (_, any) => disk.write(0, any, 0, 64)],
  ['medium.write, at', (_, any) => disk.write(0, BYTES, any, 64)],
  ['medium.write, length', (_, any) => disk.write(0, BYTES, 0, any)],
  ['medium.unmap, offset', (_, any) => disk.unmap(any, 512)],
  ['medium.unmap, length', (_, any) => disk.unmap(0, any)],
  ['FileMedium.open', (_, any) => FileMedium.open(any)],
  ['Hub.port', (_, any) => new Hub().port(any)],
  ['Recorder, backend', (_, any) => new Recorder(any, writer, () => 0)],
  ['Recorder, writer', (_, any) => new Recorder(new Loopback(), any, () => 0)],
  ['Recorder, now', (_, any) => new Recorder(new Loopback(), writer, any)],
  ['Replay', (_, any) => new Replay(any)],
  ['Replay, a frame', (_, any) => new Replay([any])],
  ['Replay, options', (_, any) => new Replay([], any)],
  ['Replay, keep', (_, any) => new Replay([], { keep: any })],
  ['Replay.deliver', (_, any) => new Replay([]).deliver(any)],
  ['SerialLines', (_, any) => new SerialLines(any)],
  ['serialStream', (_, any) => serialStream(any)],
  ['openPty', (_, any) => openPty(any)],
];

/** One handle for all uses of a machine: each attachment takes RAM. */
function attached<Handle>(driver: Driver<Handle>): (machine: Machine) => Handle {
  const handles = new WeakMap<Machine, { readonly handle: Handle }>();
  return (machine) => {
    const known = handles.get(machine) ?? { handle: machine.attach(driver) };
    handles.set(machine, known);
    return known.handle;
  };
}
const net = attached(virtioNetDriver);
const scsi = attached(virtioScsiDriver);

export const GUEST: readonly Entry[] = [
  ['NicDriver.send, frame', (machine, any) => net(machine).send(any)],
  ['NicDriver.send, pair', (machine, any) => net(machine).send(BYTES, any)],
  ['NicDriver.flush', (machine, any) => net(machine).flush(any)],
  ['NicDriver.sendPartial', (machine, any) => net(machine).sendPartial(BYTES, any, any)],
  ['NicDriver.sendTso, frame', (machine, any) => net(machine).sendTso(any, CUT)],
  ['NicDriver.sendTso, cut', (machine, any) => net(machine).sendTso(BYTES, any)],
  ['NicDriver.setPairs', (machine, any) => net(machine).setPairs(any)],
  ['NicDriver.setOffloads', (machine, any) => net(machine).setOffloads(any)],
  ['NicDriver.setMac', (machine, any) => net(machine).setMac(any)],
  ['UartDriver', ({ port }, any) => new UartDriver(port, any)],
  ['UartDriver.open', ({ port }, any) => new UartDriver(port, 0x3f8).open(any)],
  ['UartDriver.write', ({ port }, any) => new UartDriver(port, 0x3f8).write(any)],
  ['UartDriver.listen', ({ port }, any) => new UartDriver(port, 0x3f8).listen(any)],
  ['ScsiHost.vpd, page', (machine, any) => scsi(machine).vpd(1, any)],
  ['ScsiHost.modeSense, page', (machine, any) => scsi(machine).modeSense(1, any)],
  ['ScsiHost.testUnitReady, target', (machine, any) => scsi(machine).testUnitReady(any)],
  ['ScsiHost.testUnitReady, lun', (machine, any) => scsi(machine).testUnitReady(1, any)],
  ['ScsiHost.read, target', (machine, any) => scsi(machine).read(any, 0, 1)],
  ['ScsiHost.read, lba', (machine, any) => scsi(machine).read(1, any, 1)],
  ['ScsiHost.read, blocks', (machine, any) => scsi(machine).read(1, 0, any)],
  ['ScsiHost.readEach', (machine, any) => scsi(machine).readEach(1, 0, 1, any)],
  ['ScsiHost.write, lba', (machine, any) => scsi(machine).write(1, any, new Uint8Array(512))],
  ['ScsiHost.write, data', (machine, any) => scsi(machine).write(1, 0, any)],
  ['ScsiHost.unmap', (machine, any) => scsi(machine).unmap(1, any)],
  ['ScsiHost.unmap, an extent', (machine, any) => scsi(machine).unmap(1, [any])],
  ['ScsiHost.execute', (machine, any) => scsi(machine).execute(1, 0, any)],
  ['ScsiHost.execute, cdb', (machine, any) => scsi(machine).execute(1, 0, { name: 'ANY', cdb: any })],
];

export const CONFORMANCE: readonly Entry[] = [
  ['judge, model', (_, any) => judge(any, { machine: any })],
  ['judge, options', (_, any) => judge({ name: 'mine' }, any)],
  ['judge, waive', (_, any) => judge({ name: 'mine', drivers: [] }, { waive: any })],
  ['probeMachine, machine', (_, any) => probeMachine(any, { text: '', frames: [] })],
  ['probeMachine, errand', (machine, any) => probeMachine(machine, any)],
  ['probeMachine, a frame', (machine, any) => probeMachine(machine, { text: '', frames: [any] })],
  ['verdictsOf', (_, any) => verdictsOf(any)],
  ['fails', (_, any) => fails(any)],
  ['renderFinding', (_, any) => renderFinding(any)],
  ['renderReport', (_, any) => renderReport(any, { color: false })],
  ['renderVerdicts', (_, any) => renderVerdicts(any, { color: false })],
  ['reportJson', (_, any) => reportJson(any)],
  ['verdictsJson', (_, any) => verdictsJson(any)],
  ['verdictsJunit', (_, any) => verdictsJunit('boot', any)],
];

export const HOST: readonly Entry[] = [
  ['V86Host.create, machine', (_, any) => created(any, { kernel })],
  ['V86Host.create, boot', (machine, any) => created(machine, any)],
  ['V86Host.create, kernel', (machine, any) => created(machine, { kernel: any })],
  ['V86Host.create, firmware', (machine, any) => created(machine, { firmware: any })],
  ['V86Host.create, initrd', (machine, any) => created(machine, { kernel, initrd: any })],
  ['V86Host.create, append', (machine, any) => created(machine, { kernel, append: any })],
  ['V86Host.create, options', (machine, any) => created(machine, { kernel }, any)],
  ['V86Host.create, time', (machine, any) => created(machine, { kernel }, { time: any })],
  ['runTogether, hosts', (_, any) => runTogether(any)],
  ['WasmModule, bytes', (_, any) => new WasmModule(any, { name: 'nic.wasm' })],
  ['WasmModule, options', (_, any) => new WasmModule(NO_MODULE, any)],
  ['WasmModule, name', (_, any) => new WasmModule(NO_MODULE, { name: any })],
  ['WasmModule, timeout', (_, any) => new WasmModule(NO_MODULE, { name: 'nic.wasm', timeout: any })],
  ['WasmModule, log', (_, any) => new WasmModule(NO_MODULE, { name: 'nic.wasm', log: any })],
  ['WasmModule.on', (_, any) => wasm.on(any)],
  ['WasmModule.driver, matches', (_, any) => wasm.driver(any)],
  ['WasmModule.driver, attach', (machine, any) => wasm.driver(() => true).attach(machine.port, any)],
  ['WasmProgram.call, name', ({ port }, any) => wasm.on(port).call(any)],
  ['WasmProgram.call, an argument', ({ port }, any) => wasm.on(port).call('run', any, 0n)],
];
