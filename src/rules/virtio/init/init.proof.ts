import { driverScripts } from '../scripted-driver.proof.ts';
import type { FEATURES, MODERN_FEATURES } from './features.ts';
import type { INIT } from './init.ts';
import type { MODERN_INIT } from './modern-init.ts';

/** A legacy driver by the book; it accepts ANY_LAYOUT. */
const START = 'look reset read=0 status=1 status=3 offer';
const ACCEPT = 'accept=8000000';
const SET_UP = 'size queue=100';
const BOOK = `${START} ${ACCEPT} ${SET_UP} status=7`;

/** A modern one; it accepts VERSION_1 and what a driver should accept of the second word. */
const SECOND = 'accept=97';
const OPEN = 'reset read=0 status=1 status=3 offer offer-word=1 offer word=0 accept=0 word=1';
const AGREED = `${OPEN} ${SECOND} status=b read=b`;
const ENABLED = 'desc=1000 driver=2000 device=3000 enable=1';
const MODERN_BOOK = `${AGREED} ${ENABLED} status=f`;

export const INIT_PROOFS = driverScripts<keyof typeof INIT>(['legacy'], {
  'virtio/STATUS-D1': ['reset read=0 status=1 status=5', BOOK],
  'virtio/STATUS-D2': [`${BOOK} status=3`, BOOK],
  'virtio/STATUS-D3': ['reset read=0 status=81 status=83', 'reset read=0 status=81 reset read=0 status=1'],
  'virtio/SUSP-D1': ['reset read=0 status=1 status=3 status=13', BOOK],
  'virtio/RESET-D1': ['reset status=1', BOOK],
  'virtio/INIT-D1': ['status=1', BOOK],
  'virtio/INIT-D2': ['reset read=0 status=2', BOOK],
  'virtio/INIT-D3': [`reset read=0 status=1 offer ${ACCEPT}`, BOOK],
  'virtio/INIT-D4': [`reset read=0 status=1 status=3 ${ACCEPT} ${SET_UP} status=7`, BOOK],
  'virtio/INIT-D7': [`${BOOK} select=1 size queue=102`, BOOK],
  'virtio/INIT-D8': [`${START} ${ACCEPT} status=7`, BOOK],
  'virtio/INIT-D13': [`${START} ${ACCEPT} ${SET_UP} kick`, `${BOOK} kick`],
  'virtio/INIT-IMP-1': [`${BOOK} status=87 kick`, `${BOOK} kick`],
  'virtio/INIT-IMP-2': [`${BOOK} status=27`, `${BOOK} read=47 status=47`],
  'virtio/INIT-LEG-D1': [`${START} ${ACCEPT} status=b`, BOOK],
  'virtio/FEAT-D1': [`${START} accept=84000000`, BOOK],
  'virtio/RFEAT-LEG-D1': [BOOK.replace(ACCEPT, 'accept=0'), BOOK],
  'virtio/RFEAT-LEG-D2': [BOOK.replace(ACCEPT, 'accept=48000000'), BOOK],
});

export const MODERN_INIT_PROOFS = driverScripts<keyof typeof MODERN_INIT>(['modern'], {
  'virtio/INIT-D5': [`${OPEN} ${SECOND} ${ENABLED}`, MODERN_BOOK],
  'virtio/INIT-D6': [`${OPEN} ${SECOND} status=b ${ENABLED}`, MODERN_BOOK],
  'virtio/INIT-D9': [`${OPEN} set-config`, `${AGREED} set-config`],
  'virtio/FEAT-D3': [MODERN_BOOK.replace('offer-word=1 offer ', ''), MODERN_BOOK],
  'virtio/INIT-D10': [`${AGREED} ${SECOND}`, MODERN_BOOK],
  'virtio/INIT-D12': [`${OPEN} ${SECOND} refused=b read=3 ${ENABLED}`, MODERN_BOOK],
  'virtio/PCI-COMMON-D5': ['reset status=1', MODERN_BOOK],
});

export const FEATURES_PROOFS = driverScripts<keyof typeof FEATURES>(['modern'], {
  'virtio/FEAT-D5': [MODERN_BOOK.replace('accept=0', 'accept=2000000'), MODERN_BOOK],
  'virtio/FEAT-D6': [MODERN_BOOK.replace(SECOND, 'accept=1097'), MODERN_BOOK],
  'virtio/FEAT-D8': [MODERN_BOOK.replace(SECOND, 'accept=4000097'), MODERN_BOOK],
});

export const MODERN_FEATURES_PROOFS = driverScripts<keyof typeof MODERN_FEATURES>(['modern'], {
  'virtio/RFEAT-D1': [MODERN_BOOK.replace(SECOND, 'accept=96'), MODERN_BOOK],
  'virtio/RFEAT-D2': [MODERN_BOOK.replace(SECOND, 'accept=95'), MODERN_BOOK],
  'virtio/RFEAT-D5': [MODERN_BOOK.replace(SECOND, 'accept=93'), MODERN_BOOK],
  'virtio/RFEAT-D6': [MODERN_BOOK.replace(SECOND, 'accept=87'), MODERN_BOOK],
  'virtio/RFEAT-D8': [MODERN_BOOK.replace(SECOND, 'accept=b7'), MODERN_BOOK],
  'virtio/RFEAT-D10': [MODERN_BOOK.replace(SECOND, 'accept=17'), MODERN_BOOK],
});
