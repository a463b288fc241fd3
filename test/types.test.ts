import { describe, expectTypeOf, test } from 'vitest';
import {
  type BrokenDriver,
  conform,
  type DriverModel,
  judge,
  type Waivers,
} from '../src/conformance/index.ts';
import type { Driver } from '../src/core/driver.ts';
import { register } from '../src/core/register.ts';
import { struct } from '../src/core/struct.ts';
import type { gceN1 } from '../src/machine/gce-n1.ts';
import type { ClauseId } from '../src/rules/index.ts';
import { LCR } from '../src/serial/registers.ts';
import { virtq_desc } from '../src/virtio/registers.ts';

// `npm run types` checks this file. A line that should not compile and does is an error there, too.

describe('a register', () => {
  test('has its own fields, and those of no other', () => {
    expectTypeOf(LCR.mask.DLAB).toEqualTypeOf<number>();
    expectTypeOf(LCR.decode(0x83).WLS).toEqualTypeOf<number>();
    expectTypeOf(LCR.encode).toBeCallableWith({ WLS: 3, DLAB: 1 });
    // @ts-expect-error RTS is a field of MCR
    LCR.mask.RTS;
    // @ts-expect-error RTS is a field of MCR
    LCR.encode({ RTS: 1 });
    // @ts-expect-error RTS is a field of MCR
    LCR.decode(0).RTS;
    // @ts-expect-error a field is a number
    LCR.encode({ DLAB: true });
  });

  test('cannot be changed', () => {
    const MODE = register('MODE', 0, 1, { ON: { at: 0 } });
    // @ts-expect-error a mask is what was declared
    MODE.mask.ON = 2;
    // @ts-expect-error so is the reset value
    MODE.reset = 1;
  });

  test('is declared with a width and accesses that exist', () => {
    // @ts-expect-error there are no registers of three bytes
    register('R', 0, 3, {});
    // @ts-expect-error `r` is no access
    register('R', 0, 1, { A: { at: 0, access: 'r' } });
    // @ts-expect-error a field is one bit, or the highest and the lowest
    register('R', 0, 4, { A: { at: [7, 4, 0] } });
  });
});

describe('a structure', () => {
  test('decodes to numbers, bigints and bytes, by the kind of each member', () => {
    const mixed = struct('mixed', 'le', { half: 'u16', long: 'u64', run: { bytes: 4 } });
    expectTypeOf(mixed.decode(new Uint8Array(14))).toEqualTypeOf<{
      readonly half: number;
      readonly long: bigint;
      readonly run: Uint8Array;
    }>();
    expectTypeOf(virtq_desc.offset.next).toEqualTypeOf<number>();
  });

  test('encodes a part of what it decodes to', () => {
    expectTypeOf(virtq_desc.encode).toBeCallableWith({ addr: 0x1000n, len: 64 });
    // @ts-expect-error a member of 64 bits is a bigint
    virtq_desc.encode({ addr: 0x1000 });
    // @ts-expect-error there is no such member
    virtq_desc.offset.address;
  });
});

describe('a clause', () => {
  test('that is misspelt does not compile', () => {
    expectTypeOf<'virtio/STATUS-D2'>().toExtend<ClauseId>();
    // @ts-expect-error the clause is STATUS-D2
    const misspelt: Waivers = { 'virtio/STATUS_D2': 'misspelt' };
    expectTypeOf(misspelt).toEqualTypeOf<Waivers>();
    // @ts-expect-error a string is not enough
    const broken: BrokenDriver = { model: { name: 'any' }, clause: 'virtio/STATUS-D2' as string };
    expectTypeOf(broken.clause).toEqualTypeOf<ClauseId>();
  });
});

describe('a driver', () => {
  interface Handle {
    send(frame: Uint8Array): void;
  }
  type Attach = ReturnType<typeof gceN1>['attach'];

  test('gives `attach` the type of what it returns', () => {
    const attach = ((driver: Driver<Handle>) => driver) as unknown as Attach;
    const driver: Driver<Handle> = {
      name: 'mine',
      matches: ({ vendor }) => vendor === 0x1af4,
      attach: () => ({ send: () => undefined }),
    };
    expectTypeOf(attach(driver)).toEqualTypeOf<Handle>();
    // @ts-expect-error the handle has no method of this name
    attach(driver).receive;
  });

  test('gets what identifies a function', () => {
    expectTypeOf<Driver<Handle>['matches']>()
      .parameter(0)
      .toHaveProperty('subsystem')
      .toEqualTypeOf<number>();
  });
});

describe("the arguments of a model's run", () => {
  const mine = { name: 'mine', matches: () => true, attach: () => ({ send: (_frame: Uint8Array) => {} }) };
  const other = { name: 'other', matches: () => true, attach: () => 7 };

  test('is the handle of its only driver', () => {
    judge({ name: 'mine', drivers: [mine], run: (_port, [nic], { nics }) => nic.send(nics[0]!.sent[0]!) });
    // @ts-expect-error it has `send` alone
    judge({ name: 'mine', drivers: [mine], run: (_port, [nic]) => nic.receive() });
  });

  test('is a handle for each of several, which may have found no function', () => {
    judge({
      name: 'mine',
      drivers: [mine, other],
      run: (_port, [nic, seven]) => {
        expectTypeOf(seven).toEqualTypeOf<number | undefined>();
        // @ts-expect-error it may be undefined
        nic.send(new Uint8Array(60));
      },
    });
  });
});

describe('a model that is kept', () => {
  const nic: Driver<{ send(frame: Uint8Array): void }> = {
    name: 'nic',
    matches: () => true,
    attach: () => ({ send: () => undefined }),
  };

  test('has typed handles if it names its drivers', () => {
    const model = {
      name: 'mine',
      drivers: [nic],
      run: (_port, [first]) => first.send(new Uint8Array(60)),
    } satisfies DriverModel<[typeof nic]>;

    expectTypeOf(judge<[typeof nic]>).toBeCallableWith(model);
  });

  test('lets scenarios use the handles of its drivers, each as its type is', () => {
    const nic = {} as Driver<{ send(frame: Uint8Array): void; takeAll(): Uint8Array[] }>;
    const disk = {} as Driver<{ read(lba: number, blocks: number): Uint8Array }>;
    const model = {
      name: 'mine',
      drivers: [nic, disk],
      use: {
        send: (frame, [first]) => first?.send(frame),
        receive: ([first]) => first!.takeAll(),
        read: (lba, blocks, [, second]) => second!.read(lba, blocks),
        stop: (_handles, port, machine) => port.wait(() => machine.now > 0, 1),
      },
    } satisfies DriverModel<[typeof nic, typeof disk]>;

    expectTypeOf(judge<[typeof nic, typeof disk]>).toBeCallableWith(model);
    expectTypeOf(conform<[typeof nic, typeof disk]>).toBeCallableWith(model);
    const wrong = [
      // @ts-expect-error a disk sends no frames
      () => conform({ name: 'mine', drivers: [disk], use: { send: (frame, [one]) => one.send(frame) } }),
      // @ts-expect-error frames are received
      () => conform({ name: 'mine', drivers: [disk], use: { receive: () => 'frames' } }),
    ];
    expectTypeOf(wrong).toBeArray();
  });
});
