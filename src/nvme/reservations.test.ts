import { describe, expect, test } from 'vitest';
import { MemoryMedium } from '../media/memory.ts';
import { Namespace } from './namespace.ts';
import { DATA, NvmeRig } from './nvme-rig.ts';
import * as reg from './registers/bar0.ts';
import { ADMIN, FEATURE, NVM, STATUS } from './registers/commands.ts';
import { RACQA, RREGA, RRELA, RTYPE, reservation_status } from './registers/reservations.ts';
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

  test('are no commands where they are not offered', () => {
    const rig = new NvmeRig().enable().makePair();

    expect(rig.run({ opcode: NVM.RESERVATION_REPORT, nsid: 1 }, 1)).toBe(STATUS.INVALID_OPCODE);
  });
});
