import { expect, test } from 'vitest';
import { gceN1 } from '../../src/index.ts';
import { ACTS, NO_ACTS } from './acts.ts';
import { hooksOf } from './hooks.ts';
import { Scene } from './scene.ts';

/** Errors of a wrong guest, or of insufficient buffers. */
const SELDOM = ['queue.putBack', 'queue.fault'];

/** All methods and settable properties of an object and its classes. */
function namesOf(target: object): string[] {
  const levels: object[] = [];
  for (let one: object = target; one !== Object.prototype; one = Object.getPrototypeOf(one)) levels.push(one);
  const all = levels.flatMap((one) => Object.entries(Object.getOwnPropertyDescriptors(one)));
  const given = all.filter(([, { value, set }]) => typeof value === 'function' || set !== undefined);
  return given.map(([name]) => name);
}

/** The machine's side of its parts, which the user's types hide. */
const WITHIN = [
  'constructor',
  'restart',
  'handOf',
  'start',
  'tieEvents',
  'tell',
  'act',
  'reallyAnnounce',
  'reallyAskForReset',
  'arrive',
  'receive',
  'breaks',
  'close',
  'checkOpen',
];

test('every way to change a machine is among the acts, or is known to change none', () => {
  const machine = gceN1({ balloon: true });
  const { nics, serial, balloon, virtio } = machine;
  const own = ['machine.close', 'nic.receive'];
  const parts = {
    machine,
    nic: nics[0]!,
    serial: serial[0]!,
    uart: serial[0]!.uart,
    balloon: balloon!,
    virtio: virtio[0]!,
  };

  const offered = Object.entries(parts).flatMap(([part, target]) =>
    namesOf(target).map((name) => `${part}.${name}`),
  );

  const asked = offered.filter((name) => own.includes(name) || !WITHIN.includes(name.split('.')[1]!));
  expect(asked.sort()).toEqual([...Object.keys(ACTS), ...NO_ACTS].sort());
});

test('the scene calls all of the code that a user can supply', () => {
  const scene = new Scene({});
  const hooks = hooksOf(scene.machine);

  const wrong = scene.play([], () => {});

  expect([wrong, hooks.filter((hook) => !scene.heard.has(hook))]).toEqual([[], SELDOM]);
});
