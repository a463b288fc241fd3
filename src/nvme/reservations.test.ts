import { describe, expect, test } from 'vitest';
import { MemoryMedium } from '../media/memory.ts';
import { Namespace } from './namespace.ts';
import { DATA, NvmeRig } from './nvme-rig.ts';
import * as reg from './registers/bar0.ts';
import { ADMIN, FEATURE, LOG, NVM, STATUS } from './registers/commands.ts';
import {
  RACQA,
  RREGA,
  RRELA,
  RTYPE,
  reservation_notification,
  reservation_status,
} from './registers/reservations.ts';
import { reservationsOn } from './reservations.ts';

const OFFERS = { reservations: true, sgl: false, weighted: false, fused: false };

describe('reservations', () => {
  const [KEY, OTHER] = [0x1234n, 0x5678n];
  /** Two machines with one disk. */
  function shared() {
    const medium = new MemoryMedium(1 << 20);
    return [0, 1].map(() => {
      const rig = new NvmeRig({ offers: OFFERS }, medium).enable().makePair();
      const reservations = reservationsOn(medium, rig.fn.controller);
      const settings = { blockSize: 512, vendorText: '', nguid: '', reservations };
      rig.fn.controller.attach(new Namespace(1, medium, settings));
      return rig;
    }) as [NvmeRig, NvmeRig];
  }
  const send = (rig: NvmeRig, opcode: number, cdw10: number, current: bigint, key = 0n) => {
    rig.view.setBigUint64(DATA, current, true);
    rig.view.setBigUint64(DATA + 8, key, true);
    return rig.run({ opcode, nsid: 1, cdw10 }, 1);
  };
  const register = (rig: NvmeRig, key: bigint) =>
    send(rig, NVM.RESERVATION_REGISTER, RREGA.REGISTER, 0n, key);
  const acquire = (rig: NvmeRig, key: bigint, type: number, action: number = RACQA.ACQUIRE, preempted = 0n) =>
    send(rig, NVM.RESERVATION_ACQUIRE, action | (type << 8), key, preempted);
  const release = (rig: NvmeRig, key: bigint, type: number, action: number = RRELA.RELEASE) =>
    send(rig, NVM.RESERVATION_RELEASE, action | (type << 8), key);
  const write = (rig: NvmeRig) => rig.run({ opcode: NVM.WRITE, nsid: 1 }, 1);
  const read = (rig: NvmeRig) => rig.run({ opcode: NVM.READ, nsid: 1 }, 1);
  const CONFLICT = STATUS.RESERVATION_CONFLICT;

  // Of each type: what one may do that is registered, and one that is not.
  test.each([
    ['WRITE_EXCLUSIVE', [0, CONFLICT], [0, CONFLICT]],
    ['EXCLUSIVE_ACCESS', [CONFLICT, CONFLICT], [CONFLICT, CONFLICT]],
    ['WRITE_EXCLUSIVE_REGISTRANTS', [0, 0], [0, CONFLICT]],
    ['EXCLUSIVE_ACCESS_REGISTRANTS', [0, 0], [CONFLICT, CONFLICT]],
    ['WRITE_EXCLUSIVE_ALL', [0, 0], [0, CONFLICT]],
    ['EXCLUSIVE_ACCESS_ALL', [0, 0], [CONFLICT, CONFLICT]],
  ] as const)('of type %s let others read and write as far as they may', (type, registered, stranger) => {
    const [one, other] = shared();
    register(one, KEY);
    const done = acquire(one, KEY, RTYPE[type]);
    const asStranger = [read(other), write(other)];
    register(other, OTHER);

    expect([done, read(one), write(one), asStranger, [read(other), write(other)]]).toEqual([
      0,
      0,
      0,
      stranger,
      registered,
    ]);
  });

  test('are taken by registrants with their key alone, and by one at a time', () => {
    const [one, other] = shared();
    const before = acquire(one, KEY, 1);
    register(one, KEY);
    register(other, OTHER);

    expect([before, acquire(one, OTHER, 1), acquire(one, KEY, 1), acquire(other, OTHER, 1)]).toEqual([
      CONFLICT,
      CONFLICT,
      0,
      CONFLICT,
    ]);
  });

  test('are preempted, with the registration of their holder', () => {
    const [one, other] = shared();
    register(one, KEY);
    register(other, OTHER);
    acquire(one, KEY, RTYPE.WRITE_EXCLUSIVE);
    const preempted = acquire(other, OTHER, RTYPE.EXCLUSIVE_ACCESS, RACQA.PREEMPT, KEY);

    expect([preempted, write(other), read(one), release(one, KEY, 1)]).toEqual([0, 0, CONFLICT, CONFLICT]);
  });

  test('are released by their holder and type, and cleared by any registrant', () => {
    const [one, other] = shared();
    register(one, KEY);
    register(other, OTHER);
    acquire(one, KEY, RTYPE.EXCLUSIVE_ACCESS);
    const wrong = release(one, KEY, RTYPE.WRITE_EXCLUSIVE);
    const idle = release(other, OTHER, RTYPE.EXCLUSIVE_ACCESS);
    const held = read(other);
    const cleared = release(other, OTHER, 0, RRELA.CLEAR);

    expect([wrong, idle, held, cleared, read(other), acquire(one, KEY, 1)]).toEqual([
      STATUS.INVALID_FIELD,
      0,
      CONFLICT,
      0,
      0,
      CONFLICT,
    ]);
  });

  test('are reported with their registrants', () => {
    const [one, other] = shared();
    register(one, KEY);
    register(other, OTHER);
    acquire(other, OTHER, RTYPE.EXCLUSIVE_ACCESS);
    const status = one.run({ opcode: NVM.RESERVATION_REPORT, nsid: 1, cdw10: 17 }, 1);
    const { gen, rtype, regctl } = reservation_status.decode(one.bytes, DATA);
    const [first, second] = [DATA + 24, DATA + 48];

    expect([status, gen, rtype, regctl]).toEqual([0, 2, RTYPE.EXCLUSIVE_ACCESS, 2]);
    expect([first, second].map((at) => [one.bytes[at + 2], one.view.getBigUint64(at + 16, true)])).toEqual([
      [0, KEY],
      [1, OTHER],
    ]);
  });

  test('name a host by its identifier', () => {
    const [one] = shared();
    one.view.setBigUint64(DATA, 0xabcdn, true);
    one.run({ opcode: ADMIN.SET_FEATURES, cdw10: FEATURE.HOST_IDENTIFIER });
    register(one, KEY);
    one.run({ opcode: NVM.RESERVATION_REPORT, nsid: 1, cdw10: 11 }, 1);

    expect(one.view.getBigUint64(DATA + 32, true)).toBe(0xabcdn);
  });

  test('name a host as it registered, also once its controller is reset', () => {
    const [one, other] = shared();
    one.view.setBigUint64(DATA, 0xabcdn, true);
    one.run({ opcode: ADMIN.SET_FEATURES, cdw10: FEATURE.HOST_IDENTIFIER });
    register(one, KEY);
    one.write(reg.CC, 0);
    other.run({ opcode: NVM.RESERVATION_REPORT, nsid: 1, cdw10: 11 }, 1);

    expect(other.view.getBigUint64(DATA + 32, true)).toBe(0xabcdn);
  });

  /** The generation and the registrants. */
  const reported = (rig: NvmeRig) => {
    rig.run({ opcode: NVM.RESERVATION_REPORT, nsid: 1, cdw10: 17 }, 1);
    const { gen, rtype, regctl } = reservation_status.decode(rig.bytes, DATA);
    return [gen, rtype, regctl];
  };

  test('outlive a reset, but no loss of power, and a clear goes on counting', () => {
    const [one, other] = shared();
    register(one, KEY);
    acquire(one, KEY, RTYPE.WRITE_EXCLUSIVE);
    one.fn.reset('hard');
    const reset = reported(other);
    one.fn.reset('power');
    const lost = reported(other);
    register(other, OTHER);
    release(other, OTHER, 0, RRELA.CLEAR);

    expect([reset, lost, reported(other)]).toEqual([
      [1, RTYPE.WRITE_EXCLUSIVE, 1],
      [0, 0, 0],
      [2, 0, 0],
    ]);
  });

  test('are reported at the cost of the bytes that the report has', () => {
    const [one] = shared();
    const { budget } = one.fn.controller;
    one.run({ opcode: NVM.RESERVATION_REPORT, nsid: 1, cdw10: 1023, prp2: BigInt(DATA + 4096) }, 1);
    const before = budget.left;
    one.run({ opcode: NVM.RESERVATION_REPORT, nsid: 1, cdw10: 2047, prp2: BigInt(DATA + 4096) }, 1);

    expect(before - budget.left).toBeGreaterThanOrEqual(64);
  });

  /** Reads a page of the log of notifications: its count, type, how many there are behind it, and the namespace. */
  const notified = (rig: NvmeRig) => {
    const status = rig.run({ opcode: ADMIN.GET_LOG_PAGE, cdw10: (15 << 16) | LOG.RESERVATION });
    const { count, type, available, nsid } = reservation_notification.decode(rig.bytes, DATA);
    return [status, Number(count), type, available, nsid];
  };
  const NOTHING = [0, 0, 0, 0, 0];
  const mask = (rig: NvmeRig, nsid: number, cdw11: number) =>
    rig.run({ opcode: ADMIN.SET_FEATURES, nsid, cdw10: FEATURE.RESERVATION_MASK, cdw11 });
  /** What the other one does, where both are registered and the first has a reservation of that type. */
  const ACTS: readonly [
    string,
    number,
    (other: NvmeRig, one: NvmeRig) => number,
    number | null,
    number | null,
  ][] = [
    ['preempts it', 1, (other) => acquire(other, OTHER, 1, RACQA.PREEMPT, KEY), 1, null],
    ['preempts and aborts it', 3, (other) => acquire(other, OTHER, 3, RACQA.PREEMPT_AND_ABORT, KEY), 1, null],
    ['preempts it of all', 5, (other) => acquire(other, OTHER, 3, RACQA.PREEMPT, 0n), 1, null],
    ['clears all', 2, (other) => release(other, OTHER, 0, RRELA.CLEAR), 3, null],
    ['is there when it is released', 1, (_, one) => release(one, KEY, 1), null, null],
    ['is there when that of registrants is released', 4, (_, one) => release(one, KEY, 4), null, 2],
    ['is there when that of all is released', 6, (_, one) => release(one, KEY, 6), null, 2],
    ['is there when another type is taken', 3, (_, one) => acquire(one, KEY, 1, RACQA.PREEMPT, KEY), null, 2],
    [
      'is there when the holder leaves',
      3,
      (_, one) => send(one, NVM.RESERVATION_REGISTER, RREGA.UNREGISTER, KEY),
      null,
      2,
    ],
  ];

  // Linux's target tells of the same.
  test.each(ACTS)('tell a host if another one %s', (_what, type, act, toHolder, toOther) => {
    const [one, other] = shared();
    register(one, KEY);
    register(other, OTHER);
    acquire(one, KEY, type);
    const status = act(other, one);
    const page = (kind: number | null) => (kind === null ? NOTHING : [0, 1, kind, 0, 1]);

    expect([status, notified(one), notified(other)]).toEqual([0, page(toHolder), page(toOther)]);
  });

  test('raise an event for each page of the log that can be read, and forget them in a reset', () => {
    const [one, other] = shared();
    one.put({ opcode: ADMIN.ASYNC_EVENT_REQUEST });
    one.put({ opcode: ADMIN.ASYNC_EVENT_REQUEST });
    one.ring();
    for (let time = 0; time < 2; time++) {
      register(one, KEY);
      register(other, OTHER);
      release(other, OTHER, 0, RRELA.CLEAR);
    }
    const event = one.take();
    const none = one.take();
    const first = notified(one);
    const again = one.take();
    const second = notified(one);
    register(one, KEY);
    register(other, OTHER);
    release(other, OTHER, 0, RRELA.CLEAR);
    one.write(reg.CC, 0);
    one.clock.advance(1000);
    one.enable();

    expect([event?.result, none, again?.result]).toEqual([0x0080_0006, null, 0x0080_0006]);
    expect([first, second, notified(one)]).toEqual([[0, 1, 3, 1, 1], [0, 2, 3, 0, 1], NOTHING]);
  });

  test('tell of nothing that a host masked, of one namespace or of all', () => {
    const [one, other] = shared();
    const cleared = () => {
      register(one, KEY);
      register(other, OTHER);
      release(other, OTHER, 0, RRELA.CLEAR);
      return notified(one);
    };
    const said = [mask(one, 1, 8), cleared(), mask(one, 0xffff_ffff, 6), cleared()];
    one.run({ opcode: ADMIN.GET_FEATURES, nsid: 1, cdw10: FEATURE.RESERVATION_MASK });

    expect(said).toEqual([0, NOTHING, 0, [0, 1, 3, 0, 1]]);
    expect([mask(one, 1, 1), mask(one, 2, 0)]).toEqual([STATUS.INVALID_FIELD, STATUS.INVALID_NAMESPACE]);
  });

  test('are not kept over a loss of power, whatever is asked for', () => {
    const [one] = shared();
    const keep = (cdw11: number) =>
      one.run({ opcode: ADMIN.SET_FEATURES, nsid: 1, cdw10: FEATURE.RESERVATION_PERSISTENCE, cdw11 });

    expect([keep(0), keep(1)]).toEqual([0, STATUS.INVALID_FIELD]);
  });

  test('are no commands where they are not offered', () => {
    const rig = new NvmeRig().enable().makePair();

    expect(rig.run({ opcode: NVM.RESERVATION_REPORT, nsid: 1 }, 1)).toBe(STATUS.INVALID_OPCODE);
  });
});
