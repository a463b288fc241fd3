import { describe, expect, test } from 'vitest';
import { BitSet } from '../../../core/bit-set.ts';
import { FEATURE, isVirtio, type NicDriver, VirtioDriver, virtioNet } from '../../../guest/index.ts';
import { gceN1, type MachineOptions } from '../../../index.ts';

const [ADMIN_VQ, VERSION_1] = [FEATURE.ADMIN_VQ, FEATURE.VERSION_1];
/** Three queues, a gap of one index, the administration virtqueue. */
const [NUM_QUEUES, ADMIN] = [3, 4];
/** Linux's error numbers, which virtio 1.4 uses. */
const [OK, ENXIO, EBUSY, EEXIST, EINVAL, ENOSPC] = [0, 6, 16, 17, 22, 28];
/** status_qualifier. */
const [OPCODE, FIELD, GROUP, MEMBER] = [2, 3, 4, 5];
const [LIST_QUERY, LIST_USE, CAP_ID_LIST_QUERY] = [0, 1, 7];
const ALL_COMMANDS = [0x83, 0x3f, 0, 0, 0, 0, 0, 0];
const ETHERTYPE = { type: 1, flags: 0, mask: Uint8Array.from({ length: 14 }, (_, i) => (i < 12 ? 0 : 0xff)) };
const KEYS = new Uint8Array(14);
const DROP = 1;

const OFFER: MachineOptions = { virtio: 'modern', nics: [{ offer: ['ADMIN_VQ'] }] };

/** A card whose driver uses the administration commands. */
function driven(): NicDriver {
  return gceN1(OFFER).attach(virtioNet({ interrupts: 'polled' }));
}

/** A driver that only sets up queues, and accepted these features. */
function bare(features: readonly number[], options = OFFER) {
  const machine = gceN1(options);
  const { bdf } = machine.functions.find((fn) => isVirtio(machine.idOf(fn.bdf)!, 'net'))!;
  const device = new VirtioDriver(machine.port, bdf, 'net', { interrupts: 'polled' });
  device.negotiate(() => BitSet.of([VERSION_1, ...features]));
  return { machine, device };
}

/** The answer to a command with these bytes: status and qualifier, and the result; into `room` bytes. */
function commanded(commands: readonly (readonly number[])[], room = 64) {
  const { machine, device } = bare([ADMIN_VQ]);
  const { port } = machine;
  const queue = device.addQueue(ADMIN, () => {});
  device.ready();
  return commands.map((bytes) => {
    const [command, answer] = [port.allocate(64, 8), port.allocate(64, 8)];
    port.memory.write(command, Uint8Array.from(bytes));
    port.memory.fill(answer, 0xdb, 64);
    queue.add([{ address: command, length: bytes.length }], [{ address: answer, length: room }]);
    device.kick(queue);
    const written = queue.take()!.length;
    const read = (at: number) => port.memory.load(answer + at, 2);
    const result = Array.from({ length: written }, (_, i) => port.memory.load(answer + i, 1)).slice(8);
    return { status: read(0), qualifier: read(2), written, result };
  });
}

/** A command with a head of 24 bytes. */
const head = (opcode: number, { group = 0, member = 0 } = {}) => [
  ...[opcode, 0, group, 0],
  ...new Array<number>(12).fill(0),
  ...[member, 0, 0, 0, 0, 0, 0, 0],
];
const answer = (status: number, qualifier: number) => expect.objectContaining({ status, qualifier });
const USE = [...head(LIST_USE), ...ALL_COMMANDS];

describe('the administration virtqueue', () => {
  test('lies after an unused index, and is not counted in num_queues', () => {
    const { device } = bare([ADMIN_VQ]);
    const sizes = [NUM_QUEUES, ADMIN].map((index) => device.transport.queueSize(index));

    expect([device.transport.adminQueue, sizes]).toEqual([ADMIN, [0, 16]]);
  });

  test('does not exist for a driver that did not accept ADMIN_VQ', () => {
    expect(bare([]).device.transport.queueSize(ADMIN)).toBe(0);
  });

  test('does not exist on a card that does not offer it', () => {
    const { device } = bare([], { virtio: 'modern', ringFeatures: ['RING_RESET'] });

    expect(device.transport.queueSize(ADMIN)).toBe(0);
  });

  test('does not exist behind the legacy header of a transitional card', () => {
    const machine = gceN1({ ...OFFER, virtio: 'transitional' });
    const nic = machine.attach(virtioNet({ legacy: true }));

    expect(nic.features).not.toContain('ADMIN_VQ');
  });
});

describe('a command is answered', () => {
  test('with all commands, before the driver lists those it uses', () => {
    expect(commanded([head(LIST_QUERY)])[0]!.result).toEqual(ALL_COMMANDS);
  });

  test('as an invalid opcode until it is listed as used', () => {
    const [before, use, after] = commanded([head(CAP_ID_LIST_QUERY), USE, head(CAP_ID_LIST_QUERY)]);

    expect([before, use, after]).toEqual([answer(EINVAL, OPCODE), answer(OK, 0), answer(OK, 0)]);
  });

  test('as an invalid field, if an unknown command is listed as used', () => {
    expect(commanded([[...head(LIST_USE), 0x07]])).toEqual([answer(EINVAL, FIELD)]);
  });

  test.each([1, 2, 0xff])('as of an invalid group, of type %i', (group) => {
    expect(commanded([head(LIST_QUERY, { group })])).toEqual([answer(EINVAL, GROUP)]);
  });

  test('as of an invalid member, if it names one', () => {
    const [, asked] = commanded([USE, head(CAP_ID_LIST_QUERY, { member: 1 })]);

    expect(asked).toEqual(answer(EINVAL, MEMBER));
  });

  test('with a head that ends within its group: missing bytes are zero', () => {
    expect(commanded([[LIST_QUERY]])).toEqual([answer(OK, 0)]);
  });

  test('as far as there is room', () => {
    expect(commanded([head(LIST_QUERY)], 8)).toEqual([expect.objectContaining({ written: 8, status: OK })]);
  });
});

describe('capabilities', () => {
  test('are listed', () => {
    const list = driven().admin.ask('CAP_ID_LIST_QUERY')!;

    expect([list.length, list[256]]).toEqual([264, 0x07]);
  });

  test('that do not exist are answered with ENXIO', () => {
    const { admin } = driven();
    admin.ask('DEVICE_CAP_GET', Uint8Array.of(0x05, 0x08, 0, 0, 0, 0, 0, 0));

    expect(admin.status).toBe(ENXIO);
  });

  test('cannot be set to more than is offered', () => {
    const { admin } = driven();
    admin.ask('DRIVER_CAP_SET', Uint8Array.of(0x00, 0x08, 0, 0, 0, 0, 0, 0, 0xff, 0xff));

    expect(admin.status).toBe(EINVAL);
  });

  test('cannot be set while objects depend on them', () => {
    const { admin } = driven();
    admin.useFilters();
    admin.addGroup(0, 1);

    expect([admin.useFilters(), admin.status]).toEqual([false, EBUSY]);
  });
});

describe('flow filters', () => {
  /** With a group, a classifier and a rule that uses it. */
  function filtering() {
    const nic = driven();
    const { admin } = nic;
    admin.useFilters();
    admin.addGroup(0, 1);
    admin.addClassifier(0, [ETHERTYPE]);
    admin.addRule(0, { group: 0, classifier: 0, priority: 1, keys: KEYS, action: DROP });
    return { nic, admin };
  }

  test('do not exist until all three capabilities are set', () => {
    const { admin } = driven();

    expect([admin.addGroup(0, 1), admin.status]).toEqual([false, EINVAL]);
  });

  test('keep the data of their creation', () => {
    expect(filtering().admin.query('FF_GROUP', 0)?.slice(0, 2)).toEqual(Uint8Array.of(1, 0));
  });

  test.each([
    ['a group of the id of another', EEXIST, (admin: NicDriver['admin']) => admin.addGroup(0, 2)],
    ['a group of the priority of another', EINVAL, (admin: NicDriver['admin']) => admin.addGroup(1, 1)],
    ['a group too many', ENOSPC, (admin: NicDriver['admin']) => admin.addGroup(4, 2)],
    [
      'a classifier of a header that is too short',
      EINVAL,
      (admin: NicDriver['admin']) => admin.addClassifier(1, [{ ...ETHERTYPE, mask: new Uint8Array(13) }]),
    ],
    ['a classifier of nothing', EINVAL, (admin: NicDriver['admin']) => admin.addClassifier(1, [])],
    [
      'a rule of a group that is not there',
      EINVAL,
      (admin: NicDriver['admin']) =>
        admin.addRule(1, { group: 1, classifier: 0, priority: 2, keys: KEYS, action: DROP }),
    ],
    [
      'a rule with too short a key',
      EINVAL,
      (admin: NicDriver['admin']) =>
        admin.addRule(1, { group: 0, classifier: 0, priority: 2, keys: new Uint8Array(13), action: DROP }),
    ],
    [
      'a rule that leads to a transmit queue',
      EINVAL,
      (admin: NicDriver['admin']) =>
        admin.addRule(1, { group: 0, classifier: 0, priority: 2, keys: KEYS, action: 2, queue: 1 }),
    ],
    [
      'a rule with an action that there is not',
      EINVAL,
      (admin: NicDriver['admin']) =>
        admin.addRule(1, { group: 0, classifier: 0, priority: 2, keys: KEYS, action: 3 }),
    ],
    ['the end of a group with a rule', EBUSY, (admin: NicDriver['admin']) => admin.remove('FF_GROUP', 0)],
    [
      'the end of a classifier with a rule',
      EBUSY,
      (admin: NicDriver['admin']) => admin.remove('FF_CLASSIFIER', 0),
    ],
    ['the end of what is not there', ENXIO, (admin: NicDriver['admin']) => admin.remove('FF_RULE', 1)],
    [
      'an object of no type',
      ENXIO,
      (admin: NicDriver['admin']) => admin.ask('RESOURCE_OBJ_CREATE', Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0)),
    ],
  ] as const)('refuse %s with %i', (_what, status, ask) => {
    const { admin } = filtering();
    ask(admin);

    expect(admin.status).toBe(status);
  });

  test('direct to a receive queue, if they have that action', () => {
    const { admin } = filtering();

    expect(admin.addRule(1, { group: 0, classifier: 0, priority: 2, keys: KEYS, action: 2 })).toBe(true);
  });

  test('can be made again once they are destroyed', () => {
    const { admin } = filtering();
    admin.remove('FF_RULE', 0);
    admin.remove('FF_GROUP', 0);

    expect(admin.addGroup(0, 1)).toBe(true);
  });

  test('a reset destroys', () => {
    const { nic } = filtering();
    nic.close();
    nic.resume();
    nic.admin.useFilters();

    expect(nic.admin.addGroup(0, 1)).toBe(true);
  });
});
