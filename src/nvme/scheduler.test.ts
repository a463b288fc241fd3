import { describe, expect, test } from 'vitest';
import { NvmeRig } from './nvme-rig.ts';
import type { PacePolicy } from './pace.ts';
import * as reg from './registers/bar0.ts';
import { ADMIN, FEATURE, NVM } from './registers/commands.ts';

const AT_ONCE = { coalesce: null, spurious: 0, configuration: 0, lost: 0 };
const LATE: PacePolicy = { latency: [1, 1000], order: 'random', interrupts: AT_ONCE };
const DNR = 0x4000;
const SHUTDOWN = 0x0046_4001;
const NAMESPACE_NOTICE = 1 << 8;
const UNDER = 1 << 20;

test('an event is told while a completion queue of I/O has no room', () => {
  const rig = new NvmeRig({ pace: LATE }).enable().makePair(1, 2);
  rig.run({ opcode: ADMIN.SET_FEATURES, cdw10: FEATURE.ASYNC_EVENT, cdw11: NAMESPACE_NOTICE });
  rig.put({ opcode: ADMIN.ASYNC_EVENT_REQUEST });
  rig.ring();
  for (let i = 0; i < 3; i++) rig.put({ opcode: NVM.FLUSH, nsid: 1 }, 1);
  rig.ring(1);
  rig.clock.advance(10_000);
  rig.fn.controller.namespaceChanged(1);

  expect(rig.take()).not.toBeNull();
});

describe('a shutdown', () => {
  test('leaves the pin to what the driver takes', () => {
    const rig = new NvmeRig({ vectors: 0 }).enable().makePair(1, 8, 0);
    rig.put({ opcode: NVM.FLUSH, nsid: 1 }, 1);
    rig.ring(1);
    const before = rig.high;
    rig.write(reg.CC, SHUTDOWN);
    rig.take(1);

    expect([before, rig.high]).toEqual(['d', '']);
  });

  test('that was asked for while the controller was off does not end one that was started since', () => {
    const rig = new NvmeRig({ times: { enable: 1000, disable: 1000, shutdown: 50_000 } });
    rig.write(reg.CC, 0x0046_4000);
    rig.write(reg.CC, 0);
    rig.enable();
    rig.clock.advance(100_000);

    expect([rig.read(reg.CSTS), rig.run({ opcode: ADMIN.IDENTIFY, cdw10: 1 })]).toEqual([1, 0]);
  });
});

describe('a feature', () => {
  const features = (more = {}) => {
    const rig = new NvmeRig(more).enable();
    const ask = (opcode: number, feature: number, cdw11 = 0) => {
      rig.put({ opcode, cdw10: feature, cdw11 });
      rig.ring();
      const { status, result } = rig.take()!;
      return status === 0 ? result : -(status & ~DNR);
    };
    return ask;
  };
  const { SET_FEATURES, GET_FEATURES } = ADMIN;

  test('has one threshold of the temperature above, and one below, of the controller alone', () => {
    const ask = features();
    const T = FEATURE.TEMPERATURE_THRESHOLD;
    const at = [ask(GET_FEATURES, T), ask(GET_FEATURES, T, UNDER)];
    ask(SET_FEATURES, T, UNDER | 273);

    expect(at).toEqual([0x157, 0]);
    expect([ask(GET_FEATURES, T), ask(GET_FEATURES, T, UNDER), ask(GET_FEATURES, T, 1 << 16)]).toEqual([
      0x157, 273, -2,
    ]);
  });

  test('has the vector of the pin, and no power state but the first', () => {
    const ask = features({ vectors: 0 });

    expect([
      ask(GET_FEATURES, FEATURE.INTERRUPT_VECTOR),
      ask(SET_FEATURES, FEATURE.POWER_MANAGEMENT, 5),
    ]).toEqual([0, -2]);
  });
});
