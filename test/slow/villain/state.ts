import { DEVICE_STATUS, FEATURE } from '../../../src/virtio/registers.ts';
import * as reg from '../../../src/virtio/transport/modern/registers.ts';
import { type BareDevice, set } from './bare-device.ts';
import { BYTES, onDevice, type Play } from './play.ts';

const { ACKNOWLEDGE, DRIVER, DRIVER_OK, FEATURES_OK, SUSPEND, DEVICE_NEEDS_RESET, FAILED } =
  DEVICE_STATUS.mask;
const WORKING = ACKNOWLEDGE | DRIVER | FEATURES_OK | DRIVER_OK;
const MAC = 5;
const MQ = 22;
const ALL = 0xffff_ffff;
/** In the memory of devices. */
const MMIO = 0xfebf_0000;

const rng = (act: (device: BareDevice) => void): Play => onDevice('rng', act);
const live = (act: (device: BareDevice) => void): Play =>
  rng((device) => {
    device.live([0]);
    act(device);
  });
const status = (...values: readonly number[]): Play =>
  live((device) => {
    for (const value of values) device.put(reg.device_status, value);
  });
/** From a reset on. */
const fresh = (act: (device: BareDevice) => void): Play =>
  rng((device) => {
    device.reset();
    act(device);
  });
const accepts = (...bits: readonly number[]): Play =>
  rng((device) => {
    device.begin();
    device.negotiate(...bits);
  });
/** A queue is disabled, which only a reset may do, or queue_reset. */
const disables: Play = live((device) => device.put(reg.queue_enable, 0));
/** No feature is accepted at all. */
const acceptsNone: Play = rng((device) => {
  device.begin();
  device.offered();
  device.accept(set());
  device.raise(FEATURES_OK);
});
const misplaced = (low: typeof reg.queue_desc, high: typeof reg.queue_desc_high): Play =>
  rng((device) => {
    device.begin();
    device.negotiate();
    device.lay(0);
    device.address(low, high, MMIO);
    device.put(reg.queue_enable, 1);
    device.raise(DRIVER_OK);
    device.kick(0);
  });
const buffer = (device: BareDevice) => ({ address: device.room(BYTES), length: BYTES, write: true });

/** Words behind what the configuration has. */
const reads: Play = onDevice('net', (device) => {
  device.live([0], MAC);
  for (let offset = 0; offset < 256; offset += 4) device.config(offset, 4);
});
/** The configuration, before a reset is over. */
const readsEarly: Play = onDevice('net', (device) => {
  device.live([0], MAC);
  device.put(reg.device_status, 0);
  device.config(0, 1);
});
/** Anew, before a reset is over. */
const beginsEarly: Play = rng((device) => {
  const [ring] = device.live([0]);
  ring.post(buffer(device));
  device.put(reg.device_status, 0);
  device.put(reg.device_status, ACKNOWLEDGE);
});
/** Every feature that there could be. */
const acceptsAll: Play = fresh((device) => {
  device.raise(ACKNOWLEDGE);
  device.raise(DRIVER);
  device.offered();
  for (const word of [0, 1]) {
    device.put(reg.driver_feature_select, word);
    device.put(reg.driver_feature, ALL);
  }
  device.raise(FEATURES_OK);
});

/** How tests of the status and of what spans several steps are played, by their numbers. */
export const STATE_PLAYS: Readonly<Record<string, Play>> = {
  S0001: live((device) => {
    device.put(reg.driver_feature_select, 0);
    device.put(reg.driver_feature, ALL);
  }),
  S0002: status(WORKING | FAILED, WORKING),
  S0004: live((device) => {
    device.put(reg.queue_enable, 0);
    device.put(reg.queue_enable, 1);
  }),
  S0006: reads,
  S0007: readsEarly,
  S0008: beginsEarly,
  S0009: fresh((device) => {
    device.raise(ACKNOWLEDGE);
    device.kick(0);
    device.raise(DRIVER);
    device.negotiate();
    device.queue(0);
    device.kick(0);
    device.raise(DRIVER_OK);
  }),
  S0011: acceptsNone,
  S0012: beginsEarly,
  S0013: onDevice('net', (device) => {
    device.live([0]);
    device.queue(1);
    device.kick(1);
  }),
  S0015: onDevice(
    'net',
    (device) => {
      device.begin();
      device.negotiate(MQ);
    },
    { vcpus: 2 },
  ),
  S0016: acceptsAll,
  S0018: status(ACKNOWLEDGE | DRIVER | FEATURES_OK),
  S0020: acceptsAll,
  S0021: beginsEarly,
  S0024: status(WORKING | 0x20),
  S0025: accepts(31),
  S0026: readsEarly,
  S0028: acceptsNone,
  S0030: accepts(60),
  S0040: fresh((device) => {
    device.raise(ACKNOWLEDGE);
    device.offered();
    device.accept(set(FEATURE.VERSION_1));
  }),
  S0044: status(0xff),
  S0045: status(FAILED),
  S0046: fresh((device) => {
    device.put(reg.device_status, DRIVER);
    device.put(reg.device_status, DRIVER | ACKNOWLEDGE);
  }),
  S0052: fresh((device) => {
    device.raise(ACKNOWLEDGE);
    device.raise(DRIVER);
    device.put(reg.device_status, ACKNOWLEDGE);
    device.reset();
  }),
  S0057: status(DRIVER_OK | FAILED),
  S0058: status(ACKNOWLEDGE | DRIVER | DRIVER_OK),
  S0060: disables,
  S0061: disables,
  S0062: disables,
  S0063: disables,
  S0064: disables,
  S0065: disables,
  S0066: disables,
  S0069: onDevice(
    'rng',
    (device) => {
      device.begin();
      device.negotiate(FEATURE.SUSPEND);
      device.raise(SUSPEND);
    },
    { ringFeatures: ['SUSPEND'] },
  ),
  S0070: live((device) => device.raise(SUSPEND)),
  S0072: onDevice(
    'rng',
    (device) => {
      const [ring] = device.live([0], FEATURE.SUSPEND);
      device.raise(SUSPEND);
      device.port.wait(() => (device.status & SUSPEND) !== 0, 1e9);
      ring.post(buffer(device));
    },
    { ringFeatures: ['SUSPEND'] },
  ),
  S0075: accepts(31, 60),
  S0076: reads,
  S0077: accepts(24, 25, 26, 27),
  S0078: fresh((device) => {
    device.raise(ACKNOWLEDGE);
    device.negotiate();
  }),
  S0080: status(WORKING | DEVICE_NEEDS_RESET),
  S0081: rng((device) => {
    device.begin();
    device.negotiate();
    device.raise(DRIVER_OK);
  }),
  S0082: rng((device) => {
    device.begin();
    device.offered();
    device.accept(set(FEATURE.VERSION_1));
    device.queue(0);
    device.raise(DRIVER_OK);
  }),
  S0083: fresh((device) => device.put(reg.device_status, DRIVER_OK)),
  S0084: fresh((device) => {
    device.raise(ACKNOWLEDGE);
    device.raise(DRIVER);
    device.raise(FEATURES_OK);
    device.queue(0);
    device.raise(DRIVER_OK);
  }),
  S0085: fresh((device) => device.queue(0)),
  S0086: status(ACKNOWLEDGE, ACKNOWLEDGE | DRIVER),
  S0087: misplaced(reg.queue_device, reg.queue_device_high),
  S0088: misplaced(reg.queue_desc, reg.queue_desc_high),
  S0089: misplaced(reg.queue_driver, reg.queue_driver_high),
  S0090: rng((device) => {
    device.begin();
    device.negotiate();
    device.put(reg.driver_feature_select, 0);
    device.put(reg.driver_feature, ALL);
  }),
  S0093: status(WORKING | 0x20),
  S0094: rng((device) => {
    device.begin();
    device.negotiate();
    device.queue(0).post(buffer(device));
  }),
  S0095: onDevice(
    'rng',
    (device) => {
      const [ring] = device.live([0]);
      ring.post(buffer(device));
      device.memory.store(ring.desc, 0, 4);
    },
    { completion: { latency: 1_000_000 } },
  ),
};
