import { describe, expect, test } from 'vitest';
import { MemoryMedium } from '../media/memory.ts';
import { Namespace } from './namespace.ts';
import { DATA, NvmeRig } from './nvme-rig.ts';
import { ADMIN, BROADCAST, CNS, FEATURE, LOG } from './registers/commands.ts';

const DNR = 0x4000;
/** As its error table has them: command, status. */
const { CREATE_SQ, CREATE_CQ, DELETE_SQ, DELETE_CQ, IDENTIFY, GET_LOG_PAGE, SET_FEATURES, GET_FEATURES } =
  ADMIN;
const PC = 1;
const text = (rig: NvmeRig, at: number, length: number) =>
  Buffer.from(rig.bytes.subarray(DATA + at, DATA + at + length)).toString('latin1');

describe('what is wrong is answered by its status:', () => {
  test.each([
    ['a completion queue 0', { opcode: CREATE_CQ, cdw10: 0x7_0000, cdw11: PC }, 0x101],
    ['one beyond those granted', { opcode: CREATE_CQ, cdw10: 0x7_0003, cdw11: PC }, 0x101],
    ['one that is there', { opcode: CREATE_CQ, cdw10: 0x7_0001, cdw11: PC }, 0x101],
    ['one of one entry', { opcode: CREATE_CQ, cdw10: 2, cdw11: PC }, 0x102],
    ['one of 4097 entries', { opcode: CREATE_CQ, cdw10: 0x1000_0002, cdw11: PC }, 0x102],
    ['one in pieces', { opcode: CREATE_CQ, cdw10: 0x7_0002 }, 0x002],
    ['one within a page', { opcode: CREATE_CQ, cdw10: 0x7_0002, cdw11: PC, prp1: 0x5_0010n }, 0x013],
    ['a vector without messages', { opcode: CREATE_CQ, cdw10: 0x7_0002, cdw11: 0x1_0003 }, 0x108],
    ['a submission queue of no completion queue', { opcode: CREATE_SQ, cdw10: 0x7_0002, cdw11: PC }, 0x100],
    ['of one that is not there', { opcode: CREATE_SQ, cdw10: 0x7_0002, cdw11: 0x2_0001 }, 0x100],
    ['of one entry', { opcode: CREATE_SQ, cdw10: 2, cdw11: 0x1_0001 }, 0x102],
    ['the admin queue deleted', { opcode: DELETE_SQ, cdw10: 0 }, 0x101],
    ['what is not there deleted', { opcode: DELETE_SQ, cdw10: 2 }, 0x101],
    ['an unknown log page', { opcode: GET_LOG_PAGE, cdw10: 0x7f_00c0 }, 0x109],
    ['an unknown structure', { opcode: IDENTIFY, cdw10: 6 }, 0x002],
    ['namespace 0', { opcode: IDENTIFY, cdw10: CNS.NAMESPACE }, 0x00b],
    ['all namespaces', { opcode: IDENTIFY, cdw10: CNS.NAMESPACE, nsid: BROADCAST }, 0x00b],
    ['names of none', { opcode: IDENTIFY, cdw10: CNS.DESCRIPTORS, nsid: 2 }, 0x00b],
    ['an unknown feature', { opcode: SET_FEATURES, cdw10: 0x0c }, 0x002],
    ['a feature to be saved', { opcode: SET_FEATURES, cdw10: 0x8000_0004 }, 0x10d],
    ['65,536 queues', { opcode: SET_FEATURES, cdw10: FEATURE.NUMBER_OF_QUEUES, cdw11: 0xffff }, 0x002],
    ['queues once there are some', { opcode: SET_FEATURES, cdw10: FEATURE.NUMBER_OF_QUEUES }, 0x00c],
    ['Keep Alive', { opcode: 0x18 }, 0x001],
    ['an SGL', { opcode: IDENTIFY, cdw10: CNS.CONTROLLER, flags: 0x40 }, 0x002],
  ])('%s', (_what, fields, status) => {
    const rig = new NvmeRig().enable().makePair();

    expect(rig.run(fields)).toBe(DNR | status);
  });

  test('a completion queue that a submission queue has, which may be deleted later', () => {
    const rig = new NvmeRig().enable().makePair();

    expect([
      rig.run({ opcode: DELETE_CQ, cdw10: 1 }),
      rig.run({ opcode: DELETE_SQ, cdw10: 1 }),
      rig.run({ opcode: DELETE_CQ, cdw10: 1 }),
    ]).toEqual([0x10c, 0, 0]);
  });
});

describe('Identify', () => {
  test('shows model, serial number and firmware with spaces behind, and few namespaces', () => {
    const rig = new NvmeRig().enable();
    rig.run({ opcode: IDENTIFY, cdw10: CNS.CONTROLLER });

    expect([
      text(rig, 4, 20),
      text(rig, 24, 40),
      text(rig, 64, 8),
      rig.view.getUint32(DATA + 516, true),
    ]).toEqual(['nvme_card-pd'.padEnd(20), 'nvme_card-pd'.padEnd(40), '2'.padEnd(8), 4]);
  });

  /** An old Linux, which took the spaces off, made nvme.1ae0-6e766d655f6361726400-6e766d655f6361726400-00000001 of them. */
  test('shows the names of the one controller of local SSDs with a NUL before the spaces', () => {
    const rig = new NvmeRig({ model: 'nvme_card' }).enable();
    rig.run({ opcode: IDENTIFY, cdw10: CNS.CONTROLLER });
    const names = [text(rig, 4, 20), text(rig, 24, 40)].map((name) =>
      Buffer.from(name.replace(/ +$/, ''), 'latin1'),
    );

    expect(names.map((name) => name.toString('hex'))).toEqual([
      '6e766d655f6361726400',
      '6e766d655f6361726400',
    ]);
  });

  test('shows a namespace as a disk of Compute Engine was seen', () => {
    const rig = new NvmeRig().enable();
    rig.run({ opcode: IDENTIFY, cdw10: CNS.NAMESPACE, nsid: 1 });
    const halves = [34, 36, 38, 40, 42, 44].map((at) => rig.view.getUint16(DATA + at, true));

    expect([
      rig.view.getUint32(DATA, true),
      rig.view.getUint32(DATA + 8, true),
      rig.view.getUint32(DATA + 16, true),
      rig.bytes[DATA + 24],
      halves,
      rig.view.getUint32(DATA + 128, true),
      text(rig, 384, 3),
    ]).toEqual([2048, 2048, 0, 2, [255, 255, 0, 2047, 0, 2047], 0x9_0000, '{}\0']);
  });

  test('shows one that is not there as zeros', () => {
    const rig = new NvmeRig().enable();
    rig.bytes.fill(0xff, DATA, DATA + 4096);
    const status = rig.run({ opcode: IDENTIFY, cdw10: CNS.NAMESPACE, nsid: 2 });

    expect([status, rig.bytes.subarray(DATA, DATA + 4096).every((byte) => byte === 0)]).toEqual([0, true]);
  });

  test('names each namespace that is there, by an empty list if it has no name, since Linux drops it otherwise', () => {
    const rig = new NvmeRig().enable();
    const unnamed = rig.run({ opcode: IDENTIFY, cdw10: CNS.DESCRIPTORS, nsid: 1 });
    const empty = rig.bytes[DATA + 1];
    const settings = { blockSize: 512, vendorText: '', nguid: '0123456789abcdef' };
    rig.fn.controller.attach(new Namespace(2, new MemoryMedium(512), settings));
    const named = rig.run({ opcode: IDENTIFY, cdw10: CNS.DESCRIPTORS, nsid: 2 });

    expect([unnamed, empty, named, [...rig.bytes.subarray(DATA, DATA + 6)]]).toEqual([
      0,
      0,
      0,
      [2, 16, 0, 0, 0x01, 0x23],
    ]);
  });

  test('lists the namespaces above a number', () => {
    const rig = new NvmeRig().enable();
    const settings = { blockSize: 4096, vendorText: '', nguid: '0102030405060708' };
    rig.fn.controller.attach(new Namespace(3, new MemoryMedium(8192), settings));
    const listed = (nsid: number) => {
      rig.run({ opcode: IDENTIFY, cdw10: CNS.ACTIVE_LIST, nsid });
      return [rig.view.getUint32(DATA, true), rig.view.getUint32(DATA + 4, true)];
    };
    const lists = [listed(0), listed(1), listed(3)];
    rig.run({ opcode: IDENTIFY, cdw10: CNS.DESCRIPTORS, nsid: 3 });

    expect([lists, text(rig, 0, 5)]).toEqual([
      [
        [1, 3],
        [3, 0],
        [0, 0],
      ],
      '\x02\x10\0\0\x01',
    ]);
  });
});

describe('features', () => {
  test('keep what is set until the controller is reset', () => {
    const rig = new NvmeRig().enable();
    const get = (select: number) => {
      rig.put({ opcode: GET_FEATURES, cdw10: FEATURE.TEMPERATURE_THRESHOLD | (select << 8) });
      rig.ring();
      return rig.take()!.result;
    };
    rig.run({ opcode: SET_FEATURES, cdw10: FEATURE.TEMPERATURE_THRESHOLD, cdw11: 0x160 });
    const values = [get(0), get(1), get(3)];
    rig.write({ offset: 0x14 }, 0);
    rig.clock.advance(1000);
    rig.enable();

    expect([...values, get(0)]).toEqual([0x160, 0x157, 4, 0x157]);
  });

  test('grant all queues that there are, counted from 0', () => {
    const rig = new NvmeRig().enable();
    rig.put({ opcode: SET_FEATURES, cdw10: FEATURE.NUMBER_OF_QUEUES, cdw11: 0x3f_003f });
    rig.ring();

    expect(rig.take()!.result).toBe(0x1_0001);
  });
});

describe('asynchronous events', () => {
  const request = { opcode: ADMIN.ASYNC_EVENT_REQUEST };
  const NOTICE = { opcode: SET_FEATURES, cdw10: FEATURE.ASYNC_EVENT, cdw11: 0x100 };

  test('tell of a doorbell of no queue, once until the log page is read', () => {
    const rig = new NvmeRig().enable();
    for (const again of [request, request, request]) rig.put(again);
    rig.ring();
    rig.doorbell(8, 1);
    rig.doorbell(8, 1);
    const first = rig.takeAll();
    rig.run({ opcode: GET_LOG_PAGE, cdw10: 0xf_0000 | LOG.ERROR });
    rig.doorbell(0, 99);

    expect([first, rig.takeAll()]).toEqual([[0x1_0000], [0x1_0100]]);
  });

  test('tell a driver that asked for it of namespaces that came', () => {
    const rig = new NvmeRig().enable();
    rig.run({ opcode: GET_LOG_PAGE, cdw10: 0x3ff_0000 | LOG.CHANGED_NAMESPACES });
    rig.run(NOTICE);
    rig.put(request);
    rig.ring();
    rig.fn.controller.namespaceChanged(3);
    const told = rig.takeAll();
    rig.run({ opcode: GET_LOG_PAGE, cdw10: 0x3ff_0000 | LOG.CHANGED_NAMESPACES });

    expect([told, rig.view.getUint32(DATA, true)]).toEqual([[0x4_0002], 3]);
  });

  test('are requested four at a time', () => {
    const rig = new NvmeRig().enable();
    for (let i = 0; i < 4; i++) rig.put(request);
    rig.ring();

    expect(rig.run(request)).toBe(DNR | 0x105);
  });

  test('can be aborted, and nothing else can', () => {
    const rig = new NvmeRig().enable();
    rig.put({ ...request, cid: 0x55 });
    rig.put({ opcode: ADMIN.ABORT, cdw10: 0x55_0000 });
    rig.put({ opcode: ADMIN.ABORT, cdw10: 0x66_0000 });
    rig.ring();
    const ends = [rig.take(), rig.take(), rig.take()].map((one) => [one!.status, one!.result]);

    expect(ends).toEqual([
      [0, 0],
      [0x007, 0],
      [0, 1],
    ]);
  });

  test('that are aborted with a single free entry are answered when there is room', () => {
    const rig = new NvmeRig().enable(2);
    rig.put({ ...request, cid: 0x55 });
    rig.ring();
    rig.put({ opcode: ADMIN.ABORT, cdw10: 0x55_0000 });
    rig.ring();
    const first = rig.take();

    expect([first!.result, rig.take()]).toMatchObject([0, { cid: 0x55, status: 7 }]);
  });
});

test('the log page SMART counts what was moved, and reads in parts', () => {
  const rig = new NvmeRig().enable();
  rig.run({ opcode: GET_LOG_PAGE, cdw10: 0x7f_0000 | LOG.SMART });
  const temperature = rig.view.getUint16(DATA + 1, true);
  rig.run({ opcode: GET_LOG_PAGE, cdw10: 0x0_0000 | LOG.SMART, cdw12: 4 });

  expect([temperature, rig.bytes[DATA]]).toEqual([313, 10]);
});
