import { describe, expect, test } from 'vitest';
import { answerHeader, headerAddress, rewriteHeader } from '../src/conformance/broken/behind.ts';
import { answerCommon, rewriteCommon, structuresOf } from '../src/conformance/broken/behind-modern.ts';
import { breaking, brokenNet, modernMachine } from '../src/conformance/broken/broken-driver.ts';
import { conform, isFailure, judge, SUITE } from '../src/conformance/index.ts';
import type { GuestPort } from '../src/core/guest-port.ts';
import { virtioScsi } from '../src/guest/index.ts';
import { NET_FEATURE } from '../src/virtio/net/registers.ts';
import {
  DEVICE_STATUS,
  DRIVER_FEATURES,
  QUEUE_ADDRESS,
  QUEUE_NOTIFY,
  QUEUE_SELECT,
} from '../src/virtio/registers.ts';
import { SENSE_SIZE_DEFAULT, virtio_scsi_config } from '../src/virtio/scsi/registers.ts';
import { device_status } from '../src/virtio/transport/modern/registers.ts';

const { ACKNOWLEDGE, DRIVER, FEATURES_OK, DRIVER_OK } = DEVICE_STATUS.mask;
const { GUEST_CSUM, GUEST_TSO4, HOST_UFO } = NET_FEATURE;
const FIRST = SUITE[0]!.name;
const bit = (feature: number) => 1 << feature;

type Fault = (port: GuestPort, bdf: number) => GuestPort;

/** Mistakes of the good driver, each of which can be mended alone. */
const FAULTS = {
  dropsAcknowledge: (port, bdf) =>
    rewriteHeader(port, bdf, DEVICE_STATUS, (value) => (value & DRIVER_OK ? value & ~ACKNOWLEDGE : value)),
  dropsDriverOk: (port, bdf) =>
    rewriteHeader(port, bdf, DEVICE_STATUS, (value) => {
      if (value & DRIVER_OK) port.out(headerAddress(port, bdf) + DEVICE_STATUS.offset, value, 1);
      return value & ~DRIVER_OK;
    }),
  kicksEarly: (port, bdf) =>
    rewriteHeader(port, bdf, DEVICE_STATUS, (value) => {
      if (value & DRIVER_OK) port.out(headerAddress(port, bdf) + QUEUE_NOTIFY.offset, 0, 2);
      return value;
    }),
  leavesOutDriver: (port, bdf) =>
    answerHeader(
      rewriteHeader(port, bdf, DEVICE_STATUS, (value) => (value === (ACKNOWLEDGE | DRIVER) ? null : value)),
      bdf,
      DEVICE_STATUS,
      (ask) => ask() | (ask() === ACKNOWLEDGE ? DRIVER : 0),
    ),
  setsUpLate: (port, bdf) => {
    const header = headerAddress(port, bdf);
    let page = 0;
    const noting = rewriteHeader(port, bdf, QUEUE_ADDRESS, (value) => (page ||= value) && value);
    return rewriteHeader(noting, bdf, DEVICE_STATUS, (value) => {
      if ((value & DRIVER_OK) === 0) return value;
      port.out(header + DEVICE_STATUS.offset, value, 1);
      port.out(header + QUEUE_SELECT.offset, 0, 2);
      port.out(header + QUEUE_ADDRESS.offset, page, 4);
      return value;
    });
  },
  takesUnoffered: (port, bdf) =>
    rewriteHeader(port, bdf, DRIVER_FEATURES, (value) => (value | bit(HOST_UFO)) >>> 0),
  takesTsoAlone: (port, bdf) =>
    rewriteHeader(
      port,
      bdf,
      DRIVER_FEATURES,
      (value) => ((value | bit(GUEST_TSO4)) & ~bit(GUEST_CSUM)) >>> 0,
    ),
} as const satisfies Record<string, Fault>;

/** The clauses that a NIC driver with these mistakes fails, and what each is listed below. */
function failing(...faults: readonly (keyof typeof FAULTS)[]): ReadonlyMap<string, string | null> {
  const { model } = brokenNet('mine', 'virtio/STATUS-D2', (port, bdf) =>
    faults.reduce((behind, fault) => FAULTS[fault](behind, bdf), port),
  );
  const { verdicts } = conform(model, { scenarios: [FIRST] });
  return new Map(verdicts.filter(isFailure).map(({ clause, under }) => [clause, under?.clause ?? null]));
}

describe('a clause is listed below another where it goes when that is mended', () => {
  test('a kick, below the DRIVER_OK that was dropped', () => {
    const [both, mended] = [failing('dropsDriverOk'), failing()];

    expect([both.get('virtio/INIT-D13'), mended.has('virtio/INIT-D13')]).toEqual(['virtio/STATUS-D2', false]);
  });

  test('a queue set up, below the DRIVER that was left out', () => {
    const [both, mended] = [failing('leavesOutDriver'), failing()];

    expect([both.get('virtio/INIT-D7'), mended.has('virtio/INIT-D7')]).toEqual(['virtio/STATUS-D1', false]);
  });
});

/** The modern disk driver, which leaves FEATURES_OK out and stores to the configuration before it writes this status. */
function storing(before: number, leavesOut: boolean) {
  const scsi = breaking(virtioScsi({ interrupts: 'polled' }), () => {}, modernMachine());
  const { model } = scsi('mine', 'virtio/INIT-D9', (port, bdf) => {
    const stored = rewriteCommon(port, bdf, device_status, (value) => {
      const at = structuresOf(port, bdf).device! + virtio_scsi_config.offset.sense_size;
      if (value === before) port.write(at, SENSE_SIZE_DEFAULT, 4);
      return leavesOut ? value & ~FEATURES_OK : value;
    });
    return answerCommon(stored, bdf, device_status, (ask) => {
      const status = ask();
      return leavesOut && status & DRIVER ? status | FEATURES_OK : status;
    });
  });
  const { verdicts } = judge(model, { machine: modernMachine() });
  return ['virtio/INIT-D5', 'virtio/INIT-D9'].map((id) =>
    verdicts.find(({ clause }) => clause === id)!.findings.map(({ apart = false }) => apart),
  );
}

test('a store to the configuration where FEATURES_OK was due follows from that, and an earlier one is apart', () => {
  const [due, early] = [ACKNOWLEDGE | DRIVER | DRIVER_OK | FEATURES_OK, ACKNOWLEDGE | DRIVER];

  expect([storing(due, true), storing(due, false)]).toEqual([
    [[false], [false]],
    [[], []],
  ]);
  expect([storing(early, true), storing(early, false)]).toEqual([
    [[false], [true]],
    [[], [true]],
  ]);
});

describe('a clause is listed by itself where it stays when the other is mended', () => {
  test.each([
    ['virtio/INIT-D13', 'virtio/STATUS-D2', 'dropsAcknowledge', 'kicksEarly'],
    ['virtio/INIT-D7', 'virtio/STATUS-D1', 'leavesOutDriver', 'setsUpLate'],
    ['virtio/NET-FEAT-D1', 'virtio/FEAT-D1', 'takesUnoffered', 'takesTsoAlone'],
  ] as const)('%s beside %s', (clause, head, first, second) => {
    const [both, mended] = [failing(first, second), failing(second)];

    expect([both.get(head), both.get(clause)]).toEqual([null, null]);
    expect([mended.has(head), mended.get(clause)]).toEqual([false, null]);
  });
});
