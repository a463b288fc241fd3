import {
  type Machine,
  type MachineEventName,
  MemoryMedium,
  type NetBackend,
  type QueueEvents,
} from '../../src/index.ts';

/** Called each time that the user's code is called, with its name. */
export type Tell = (hook: string) => void;

const MEDIUM = ['read', 'write', 'unmap', 'flush', 'resize', 'close'] as const;
const QUEUE: readonly (keyof QueueEvents)[] = [
  'placed',
  'taken',
  'putBack',
  'used',
  'published',
  'dry',
  'fault',
  'forgotten',
];

/** The names of a machine's events, as the machine itself lists them. */
export function eventsOf(machine: Machine): MachineEventName[] {
  try {
    machine.events.on('?' as MachineEventName, () => {});
  } catch (error) {
    return /must be one of (.*); got /.exec((error as Error).message)![1]!.split(', ') as MachineEventName[];
  }
  throw new Error('a machine takes any name for an event');
}

/** A disk that reports each request. */
export function tellingMedium(bytes: number, tell: Tell): MemoryMedium {
  const medium = new MemoryMedium(bytes);
  for (const name of MEDIUM) {
    const own = (medium[name] as (...given: unknown[]) => unknown).bind(medium);
    Object.assign(medium, {
      [name]: (...given: unknown[]) => {
        tell(`medium.${name}`);
        return own(...given);
      },
    });
  }
  return medium;
}

/** A NIC's backend: it sends each frame back. */
export function tellingBackend(tell: Tell): NetBackend {
  let port: Parameters<NetBackend['attach']>[0] = null;
  return {
    attach: (given) => {
      port = given;
      tell('backend.attach');
    },
    send: (frame) => {
      tell('backend.send');
      port?.receive(frame);
    },
  };
}

/** Has `tell` called by all of the user's code that the machine calls. */
export function listenTo(machine: Machine, tell: Tell): void {
  const [nic, second] = machine.nics;
  const [com1] = machine.serial;
  for (const name of eventsOf(machine)) machine.events.on(name, (() => tell(`event.${name}`)) as never);
  machine.observe({ begin: () => tell('tap.begin'), end: () => tell('tap.end') });
  second!.onFrame = () => tell('nic.onFrame');
  const monitor = QUEUE.map((name) => [name, () => tell(`queue.${name}`)]);
  nic!.watch(Object.fromEntries(monitor) as QueueEvents);
  com1!.endpoint = { receive: () => tell('endpoint.receive'), breaks: () => tell('endpoint.breaks') };
  com1!.listen({ receive: () => tell('listener.receive') });
  com1!
    .dialogue()
    .expect('b')
    .do(() => tell('dialogue.do'));
  for (const one of machine.virtio) one.onConfigRead = () => tell('config.read');
  const { clock } = machine.chassis.board;
  const timer = clock.timer("the user's", () => tell('timer'));
  timer.arm(1_000_000);
}

/** All of them. */
export function hooksOf(machine: Machine): string[] {
  return [
    ...eventsOf(machine).map((name) => `event.${name}`),
    ...MEDIUM.map((name) => `medium.${name}`),
    ...QUEUE.map((name) => `queue.${name}`),
    'backend.attach',
    'backend.send',
    'nic.onFrame',
    'tap.begin',
    'tap.end',
    'endpoint.receive',
    'endpoint.breaks',
    'listener.receive',
    'dialogue.do',
    'config.read',
    'timer',
  ];
}
