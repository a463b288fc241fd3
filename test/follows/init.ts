import { answerHeader, headerAddress, rewriteHeader } from '../../src/conformance/broken/behind.ts';
import { answerCommon, CommonRegister, rewriteCommon } from '../../src/conformance/broken/behind-modern.ts';
import { FRAME } from '../../src/conformance/reference.ts';
import type { GuestPort } from '../../src/core/guest-port.ts';
import { virtioNet, virtioScsi } from '../../src/guest/index.ts';
import { gceN1 } from '../../src/index.ts';
import { DEVICE_STATUS, QUEUE_ADDRESS, QUEUE_SELECT } from '../../src/virtio/registers.ts';
import {
  device_status,
  driver_feature,
  driver_feature_select,
} from '../../src/virtio/transport/modern/registers.ts';
import { behindEach, type Case, judged } from './play.ts';

const { ACKNOWLEDGE, DRIVER, FEATURES_OK, DRIVER_OK } = DEVICE_STATUS.mask;

const writeStatus = (port: GuestPort, bdf: number, value: number) =>
  port.out(headerAddress(port, bdf) + DEVICE_STATUS.offset, value, 1);

/** DRIVER is not set when its turn is, and `late` does what is left when DRIVER_OK is. */
const withoutDriver = (late: (port: GuestPort, bdf: number) => void) => (port: GuestPort, bdf: number) =>
  answerHeader(
    rewriteHeader(port, bdf, DEVICE_STATUS, (value) => {
      if ((value & DRIVER_OK) === 0) return value & ~DRIVER;
      late(port, bdf);
      return value;
    }),
    bdf,
    DEVICE_STATUS,
    (ask) => ask() | (ask() & ACKNOWLEDGE ? DRIVER : 0),
  );

function dropsDriverOk(port: GuestPort, bdf: number): GuestPort {
  return rewriteHeader(port, bdf, DEVICE_STATUS, (value) => {
    if (value & DRIVER_OK) writeStatus(port, bdf, value);
    return value & ~DRIVER_OK;
  });
}

/** Queues get their addresses behind DRIVER_OK. */
function setsUpLate(port: GuestPort, bdf: number): GuestPort {
  const header = headerAddress(port, bdf);
  const pages: number[] = [];
  const noting = rewriteHeader(port, bdf, QUEUE_ADDRESS, (page) => {
    pages.push(page);
    return null;
  });
  return rewriteHeader(noting, bdf, DEVICE_STATUS, (value) => {
    if ((value & DRIVER_OK) === 0) return value;
    port.out(header + DEVICE_STATUS.offset, value, 1);
    for (const [queue, page] of pages.entries()) {
      port.out(header + QUEUE_SELECT.offset, queue, 2);
      port.out(header + QUEUE_ADDRESS.offset, page, 4);
    }
    return value;
  });
}

/** FEATURES_OK is in no status but, perhaps, that with DRIVER_OK. */
const withoutFeaturesOk = (isLate: boolean) => (port: GuestPort, bdf: number) =>
  answerCommon(
    rewriteCommon(port, bdf, device_status, (value) =>
      isLate && value & DRIVER_OK ? value : value & ~FEATURES_OK,
    ),
    bdf,
    device_status,
    (ask) => ask() | (ask() & DRIVER ? FEATURES_OK : 0),
  );

/** Features are written behind FEATURES_OK. */
function acceptsLate(port: GuestPort, bdf: number): GuestPort {
  const [select, feature] = [driver_feature_select, driver_feature].map(
    (register) => new CommonRegister(port, bdf, register),
  );
  const words: (readonly [number, number])[] = [];
  const held = rewriteCommon(port, bdf, driver_feature, (value) => {
    words.push([select!.read(), value]);
    return null;
  });
  return rewriteCommon(held, bdf, device_status, (value) => {
    if ((value & (FEATURES_OK | DRIVER_OK)) !== FEATURES_OK) return value;
    new CommonRegister(port, bdf, device_status).write(value);
    for (const [word, bits] of words.splice(0)) {
      select!.write(word);
      feature!.write(bits);
    }
    return value;
  });
}

const modern = judged({ machine: () => gceN1({ virtio: 'modern' }) });

export const INIT_CASES: readonly Case[] = [
  ...behindEach(virtioNet({ interrupts: 'polled' }), (nic) => nic.post(FRAME), judged({ machine: gceN1 }), {
    'sets DRIVER with DRIVER_OK': withoutDriver(() => {}),
    'sets DRIVER right before DRIVER_OK': withoutDriver((port, bdf) =>
      writeStatus(port, bdf, ACKNOWLEDGE | DRIVER),
    ),
    'drops DRIVER_OK': dropsDriverOk,
    'sets its queues up late': setsUpLate,
  }),
  ...behindEach(virtioNet({ interrupts: 'polled' }), (nic) => nic.post(FRAME), modern, {
    'sets FEATURES_OK with DRIVER_OK': withoutFeaturesOk(true),
    'accepts features behind FEATURES_OK': acceptsLate,
  }),
  // It writes two fields of the configuration.
  ...behindEach(virtioScsi({ interrupts: 'polled' }), () => {}, modern, {
    'leaves FEATURES_OK out': withoutFeaturesOk(false),
  }),
];
