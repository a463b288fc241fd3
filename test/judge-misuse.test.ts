import { describe, expect, test } from 'vitest';
import { judge } from '../src/conformance/index.ts';
import type { DriverModel } from '../src/conformance/model/model.ts';
import { referenceModel } from '../src/conformance/reference.ts';
import { conform } from '../src/conformance/suite/conform.ts';
import type { JudgeOptions } from '../src/conformance/suite/judge.ts';
import type { Driver } from '../src/core/driver.ts';
import { MisuseError } from '../src/index.ts';

describe('an asynchronous model is misuse: later work would not be judged', () => {
  const nic: Driver<number> = {
    name: 'nic',
    matches: ({ device }) => device === 0x1000,
    attach: (port) => port.in(0xc052, 1),
  };
  const late = async () => {
    throw new Error('too late');
  };

  test.each<[string, DriverModel, JudgeOptions]>([
    ['model.run()', { name: 'mine', drivers: [nic], run: late }, {}],
    ['driver.attach()', { name: 'mine', drivers: [{ ...nic, attach: late }] }, {}],
    ['model.drivers[0].matches()', { name: 'mine', drivers: [{ ...nic, matches: late as never }] }, {}],
    ['options.act()', { name: 'mine', drivers: [nic] }, { act: late }],
  ])('%s', (path, model, options) => {
    expect(() => judge(model, options)).toThrow(
      `${path} must be done when it returns: wait with port.wait(), not with await; got {}`,
    );
  });

  test('in the suite, too', () => {
    const model = { name: 'mine', drivers: [nic], run: late };

    expect(() => conform(model, { scenarios: ['a machine as its firmware leaves it'] })).toThrow(
      'model.run() must be done',
    );
  });
});

test('an enumeration that returns no list of functions is misuse', () => {
  const enumerate = () => [{ bdf: 'first' }] as never;

  expect(() => judge({ name: 'mine', enumerate })).toThrow(MisuseError);
});

test('a waiver has a reason', () => {
  expect(() => judge({ name: 'mine' }, { waive: { 'uart/THR-FULL': ' ' } })).toThrow(
    "waive['uart/THR-FULL'] must be a reason in words",
  );
});

test.each(['profile', 'seeds', 'scenarios', 'require', 'time', 'onRun'])(
  'to judge with %s, which is of the suite, is misuse that says so',
  (name) => {
    expect(() => judge(referenceModel(), { [name]: undefined })).toThrow(
      `options.${name}: judge is one run; conform plays the suite`,
    );
  },
);

test.each([
  ['wave', 'options.wave: there is no such option; did you mean waive?'],
  ['hosttime', 'options.hosttime: there is no such option; did you mean hostTime?'],
  [
    'interrupts',
    'options.interrupts: there is no such option; there are machine, waive, scenario, act, hostTime',
  ],
])('to judge with %s, which is no option, is misuse', (name, message) => {
  expect(() => judge(referenceModel(), { [name]: {} })).toThrow(message);
});
