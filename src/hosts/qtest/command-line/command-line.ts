import { MisuseError } from '../../../core/misuse.ts';
import type { ProfileName } from '../../../machine/profile.ts';
import { type Channel, channelOf, chardevChannel } from './channel.ts';
import { cpusOf, dateOf, memoryOf, profileOf } from './machine-options.ts';
import { type Properties, propertiesOf } from './properties.ts';

/** The parts of QEMU's command line that are used: the machine and its clients. */
export interface CommandLine {
  readonly profile: ProfileName;
  /** Bytes of RAM. */
  readonly memory: number;
  readonly vcpus: number;
  /** The real-time clock's date at power-on; null is the host's time. */
  readonly date: string | null;
  /** The firmware's file, whose bytes lie below 4 GiB, and below 1 MiB; null is none. */
  readonly firmware: string | null;
  /** In order. */
  readonly devices: readonly Properties[];
  /** By their ids. */
  readonly drives: ReadonlyMap<string, Properties>;
  readonly netdevs: ReadonlyMap<string, Properties>;
  readonly chardevs: ReadonlyMap<string, Properties>;
  readonly qtest: Channel | null;
  readonly qmp: readonly Channel[];
  /** It starts stopped; time is the client's anyway. */
  readonly paused: boolean;
}

/** Options without a value. Any other unknown option has one if what follows is not an option. */
const ALONE = ['S', 's', 'nodefaults', 'no-user-config', 'nographic', 'snapshot', 'no-reboot', 'no-shutdown'];

interface Given {
  readonly name: string;
  readonly value: string;
}

/**
 * Parses QEMU's command line, with one dash or two before each option. Options without meaning for our machine are
 * skipped.
 *
 * @throws MisuseError in one line for a known option that is wrong.
 */
export function readCommandLine(argv: readonly string[]): CommandLine {
  const given = options(argv);
  const all = (name: string) => given.filter((one) => one.name === name).map(({ value }) => value);
  const last = (...names: string[]) => given.findLast(({ name }) => names.includes(name))?.value;
  const chardevs = byId('-chardev', all('chardev'), 'backend');
  const drives = all('drive').map((text) => propertiesOf('-drive', text, 'file'));
  const pflash = drives.find((drive) => drive['if'] === 'pflash');
  const qtest = last('qtest');
  return {
    profile: profileOf(last('machine', 'M')),
    memory: memoryOf(last('m')),
    vcpus: cpusOf(last('smp')),
    date: dateOf(last('rtc')),
    firmware: last('bios') ?? pflash?.['file'] ?? null,
    devices: all('device').map((text) => propertiesOf('-device', text, 'driver')),
    drives: new Map([
      ...drives.flatMap((drive): [string, Properties][] =>
        drive['id'] === undefined ? [] : [[drive['id'], drive]],
      ),
      ...byId('-blockdev', all('blockdev'), 'driver', 'node-name'),
    ]),
    netdevs: byId('-netdev', all('netdev'), 'type'),
    chardevs,
    qtest: qtest === undefined ? null : channelOf('-qtest', qtest, chardevs),
    qmp: [
      ...all('qmp').map((text) => channelOf('-qmp', text, chardevs)),
      ...all('mon')
        .map((text) => propertiesOf('-mon', text, 'chardev'))
        .filter(({ mode }) => mode === 'control')
        .map(({ chardev = '' }) => chardevChannel('-mon', chardev, chardevs)),
    ],
    paused: given.some(({ name }) => name === 'S'),
  };
}

function options(argv: readonly string[]): Given[] {
  const given: Given[] = [];
  for (let at = 0; at < argv.length; at++) {
    const [, name] = /^--?([\w-]+)$/.exec(argv[at]!) ?? [];
    if (name === undefined) throw new MisuseError('qtest', argv[at], "one of QEMU's options");
    const next = argv[at + 1];
    const hasValue = !ALONE.includes(name) && next !== undefined && !/^-./.test(next);
    given.push({ name, value: hasValue ? next : '' });
    if (hasValue) at++;
  }
  return given;
}

function byId(option: string, texts: readonly string[], first: string, id = 'id'): Map<string, Properties> {
  const all = texts.map((text) => propertiesOf(option, text, first));
  return new Map(
    all.map((one) => {
      const name = one[id];
      if (name === undefined) throw new MisuseError(option, texts[all.indexOf(one)], `an option with ${id}=`);
      return [name, one];
    }),
  );
}
