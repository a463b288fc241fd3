import { MACHINES } from '../command-line/machine-options.ts';
import { flat } from '../command-line/properties.ts';
import { DRIVERS, kindOf } from '../machine/command-line-devices.ts';
import type { QtestMachine } from '../machine/qtest-machine.ts';
import type { Announcer } from './announcer.ts';

/** QEMU's classes of errors. */
type ErrorClass = 'GenericError' | 'CommandNotFound' | 'DeviceNotFound';

/** A command that is refused; the message is its description. */
export class QmpError extends Error {
  readonly class: ErrorClass;

  constructor(description: string, kind: ErrorClass = 'GenericError') {
    super(description);
    this.class = kind;
  }
}

/** The version of QEMU whose wire and monitor this is. */
export const VERSION = { qemu: { major: 10, minor: 0, micro: 0 }, package: 'guestrig' } as const;
const MOST_CPUS = 64;

function machines(): object[] {
  return Object.keys(MACHINES).map((name) => ({
    name,
    ...(name === 'pc' ? { 'is-default': true } : {}),
    'cpu-max': name === 'none' ? 1 : MOST_CPUS,
    'hotpluggable-cpus': false,
    'numa-mem-supported': false,
    deprecated: false,
    acpi: name !== 'none',
  }));
}

/** The types of devices: libqos reads the list of what can be tried. */
function types(): object[] {
  const bridges = ['i440FX-pcihost', 'i440FX', 'PIIX3', 'mc146818rtc'].map((name) => ({
    name,
    parent: 'device',
  }));
  return [...DRIVERS.map((name) => ({ name, parent: 'device' })), ...bridges];
}

/** The objects that the monitor uses. */
export interface QmpHost {
  readonly qtest: QtestMachine;
  readonly announcer: Announcer;
  /** The guest runs: received frames are given to it. */
  running: boolean;
  /** Sends an event to every client. */
  event(name: string, data?: object): void;
  /** The session ends once this is answered. */
  quit(): void;
}

type Arguments = Readonly<Record<string, unknown>>;
/** @returns the value of `return`. @throws QmpError or MisuseError if it cannot be done. */
type QmpCommand = (given: Arguments, host: QmpHost) => unknown;

/** Every known command of the monitor, by name. */
export const QMP_COMMANDS: ReadonlyMap<string, QmpCommand> = new Map<string, QmpCommand>([
  ['query-version', () => VERSION],
  ['query-commands', () => [...QMP_COMMANDS.keys()].map((name) => ({ name }))],
  ['query-machines', machines],
  ['qom-list-types', types],
  ['query-status', (_, { running }) => ({ status: running ? 'running' : 'paused', running })],
  ['stop', stop],
  ['cont', cont],
  ['system_reset', reset],
  ['system_powerdown', powerDown],
  ['quit', quit],
  ['device_add', addDevice],
  ['device_del', removeDevice],
  doing('netdev_add', (given, { netdevs }) => netdevs.add(textIn(given, 'id'), flat(given))),
  doing('netdev_del', (given, { netdevs }) => netdevs.remove(textIn(given, 'id'))),
  doing('blockdev-add', (given, { drives }) => drives.add(textIn(given, 'node-name'), flat(given))),
  doing('blockdev-del', (given, { drives }) => drives.remove(textIn(given, 'node-name'))),
  // An iothread, a throttle group: they have no effect here.
  ['object-add', () => ({})],
  ['object-del', () => ({})],
  ['set_link', setLink],
  ['announce-self', announce],
]);

/** A command without a return value. */
function doing(
  name: string,
  act: (given: Arguments, qtest: QtestMachine) => void,
): [name: string, command: QmpCommand] {
  const command: QmpCommand = (given, { qtest }) => {
    act(given, qtest);
    return {};
  };
  return [name, command];
}

function stop(_: Arguments, host: QmpHost): object {
  if (!host.running) return {};
  host.running = false;
  host.qtest.netdevs.pause();
  host.event('STOP');
  return {};
}

function cont(_: Arguments, host: QmpHost): object {
  if (host.running) return {};
  host.running = true;
  host.qtest.netdevs.resume();
  host.event('RESUME');
  return {};
}

/** The reset itself sends the event. */
function reset(_: Arguments, { qtest }: QmpHost): object {
  qtest.machine.reset('hard');
  return {};
}

function powerDown(_: Arguments, host: QmpHost): object {
  host.qtest.machine.pressPowerButton();
  host.event('POWERDOWN');
  return {};
}

function quit(_: Arguments, host: QmpHost): object {
  host.event('SHUTDOWN', { guest: false, reason: 'host-qmp-quit' });
  host.quit();
  return {};
}

function addDevice(given: Arguments, { qtest }: QmpHost): object {
  const driver = textIn(given, 'driver');
  if (kindOf(driver) === undefined) throw new QmpError(`'${driver}' is not a valid device model name`);
  qtest.plug(flat(given));
  return {};
}

function removeDevice(given: Arguments, { qtest }: QmpHost): object {
  const id = textIn(given, 'id');
  const part = qtest.parts.find(id);
  if (part === undefined) throw new QmpError(`Device '${id}' not found`, 'DeviceNotFound');
  if (part.remove === null) throw new QmpError(`Device '${id}' does not support hotplugging`);
  qtest.unplug(id);
  return {};
}

function setLink(given: Arguments, { qtest }: QmpHost): object {
  const name = textIn(given, 'name');
  const { up } = given;
  if (typeof up !== 'boolean') throw new QmpError("Invalid parameter type for 'up', expected: boolean");
  const fn = qtest.parts.find(name)?.fn ?? null;
  const nic = qtest.machine.nics.find((one) => one.fn === fn || one.name === name);
  if (nic === undefined) throw new QmpError(`Device '${name}' not found`, 'DeviceNotFound');
  nic.setLink(up);
  return {};
}

function announce(given: Arguments, { qtest, announcer }: QmpHost): object {
  announcer.announce({
    initial: numberIn(given, 'initial'),
    max: numberIn(given, 'max'),
    rounds: numberIn(given, 'rounds'),
    step: numberIn(given, 'step'),
  });
  if (numberIn(given, 'rounds') > 0) for (const nic of qtest.machine.nics) nic.announce();
  return {};
}

function textIn(given: Arguments, name: string): string {
  const value = given[name];
  if (value === undefined) throw new QmpError(`Parameter '${name}' is missing`);
  if (typeof value !== 'string') throw new QmpError(`Invalid parameter type for '${name}', expected: string`);
  return value;
}

function numberIn(given: Arguments, name: string): number {
  const value = given[name];
  if (typeof value !== 'number' || !(value >= 0))
    throw new QmpError(`Invalid parameter type for '${name}', expected: number`);
  return value;
}
