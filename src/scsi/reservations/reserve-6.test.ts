import { expect, test } from 'vitest';
import { MemoryMedium } from '../../media/memory.ts';
import { Reservations } from './reservations.ts';
import { Member, OUT, STATUS } from './reserve-rig.ts';

const { GOOD, CONFLICT } = STATUS;
const [RESERVE, RELEASE] = [[0x16], [0x17]];
const INQUIRY = [0x12, 0, 0, 0, 36];

function members(): [Member, Member] {
  const medium = new MemoryMedium(1 << 20);
  const reservations = new Reservations();
  return [new Member(medium, reservations, 'all'), new Member(medium, reservations, 'all')];
}

test('RESERVE bars another initiator from all but INQUIRY, until RELEASE', () => {
  const [one, other] = members();

  const statuses = [
    one.send(RESERVE).status,
    other.read(),
    other.send([0x00]).status,
    other.send(INQUIRY, 36).status,
    other.send(RESERVE).status,
    other.send(RELEASE).status,
    other.read(),
    one.read(),
    one.send(RELEASE).status,
    other.read(),
  ];

  expect(statuses).toEqual([GOOD, CONFLICT, CONFLICT, GOOD, CONFLICT, GOOD, CONFLICT, GOOD, GOOD, GOOD]);
});

test('a reset of the unit ends it, and is told of to each initiator', () => {
  const [one, other] = members();
  one.send(RESERVE);

  other.unit.reset('soft');
  const senses = [one, other].map((each) => each.send([0x00]).sense);

  expect([senses, other.read()]).toEqual([['6/29/00', '6/29/00'], GOOD]);
});

test('mode pages are of all initiators, and a change is told of to the others', () => {
  const [one, other] = members();
  const list = Uint8Array.from([0, 0, 0, 0, 0x0a, 10, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0]);

  const selected = one.send([0x15, 0x10, 0, 0, list.length], 0, list).status;
  const told = other.send([0x00]).sense;

  expect([selected, told, other.write(), one.write()]).toEqual([GOOD, '6/2a/01', 2, 2]);
});

test('where an initiator is registered, RESERVE is a conflict', () => {
  const [one, other] = members();
  one.out(OUT.REGISTER, { actionKey: 1n });

  expect(other.send(RESERVE).status).toBe(CONFLICT);
});

test('a disk with the commands of a PersistentDisk knows no RESERVE', () => {
  const member = new Member(new MemoryMedium(1 << 20), new Reservations());

  expect(member.send(RESERVE).sense).toBe('5/20/00');
});
