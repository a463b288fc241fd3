import { capabilityOf } from '../../../src/conformance/broken/behind-capabilities.ts';
import type { Register } from '../../../src/core/register.ts';
import { configRead, configWrite } from '../../../src/guest/pci/config.ts';
import { BAR0 } from '../../../src/pci/registers.ts';
import { DEVICE_STATUS } from '../../../src/virtio/registers.ts';
import * as reg from '../../../src/virtio/transport/modern/registers.ts';
import type { BareDevice } from './bare-device.ts';
import { onDevice, type Play } from './play.ts';

const { DRIVER_OK } = DEVICE_STATUS.mask;
const { virtio_pci_cap, VIRTIO_PCI_CAP, PCI_CFG_DATA } = reg;
const BEYOND = 0xf000_0000;
const NO_QUEUE = 99;
/** Where the BAR of the structures is, and what lies between two of them. */
const BAR = 4;
const BETWEEN = 0x40;
/** Bytes that one queue has in the notify structure. */
const NOTIFY = 4;

/** What the window in configuration space is pointed at. */
interface Window {
  readonly bar: number;
  readonly offset: number;
  readonly length: number;
  readonly writes?: boolean;
}

const rng = (act: (device: BareDevice) => void): Play => onDevice('rng', act, { ringFeatures: [] });
/** With an entropy device that works, its queue selected. */
const live = (act: (device: BareDevice) => void): Play =>
  rng((device) => {
    device.live([0]);
    device.put(reg.queue_select, 0);
    act(device);
  });
/** Between FEATURES_OK and DRIVER_OK, its queue laid and not yet enabled. */
const laying = (act: (device: BareDevice) => void): Play =>
  rng((device) => {
    device.begin();
    device.negotiate();
    device.lay(0);
    act(device);
  });
const points =
  (...windows: readonly Window[]) =>
  (device: BareDevice) => {
    device.live([0]);
    const { at } = capabilityOf(device.port, device.bdf, ({ type }) => type === VIRTIO_PCI_CAP.PCI);
    for (const { bar, offset, length, writes = false } of windows) {
      const put = (field: number, value: number, width: 1 | 4) =>
        configWrite(device.port, device.bdf, at + field, value, width);
      put(virtio_pci_cap.offset.bar, bar, 1);
      put(virtio_pci_cap.offset.offset, offset, 4);
      put(virtio_pci_cap.offset.length, length, 4);
      if (writes) put(PCI_CFG_DATA.offset, 0, 4);
      else configRead(device.port, device.bdf, at + PCI_CFG_DATA.offset, 4);
    }
  };
const window = (...windows: readonly Window[]): Play => rng(points(...windows));
const status = (bits: number): Play => live((device) => device.raise(bits));
const kicks = (index: number): Play => live((device) => device.kick(0, index));
const vector = (value: number): Play => laying((device) => device.put(reg.queue_msix_vector, value));
const readOnly = (register: Register): Play => live((device) => device.put(register, 0x55));
const bytewise: Play = live((device) => {
  for (const offset of [0, 1, 2]) device.port.read(device.at.common + offset, 1);
});

/** A driver looks beside the structures by the window in configuration space. */
export const PCI_WINDOW = points({ bar: BAR, offset: BETWEEN, length: 4 });

/** How tests of the PCI transport are played, by their numbers. */
export const PCI_PLAYS: Readonly<Record<string, Play>> = {
  PCI0001: laying((device) => device.put(reg.queue_size, 0)),
  PCI0002: laying((device) => device.put(reg.queue_size, 3)),
  PCI0003: rng((device) => {
    device.begin();
    device.negotiate();
    device.put(reg.queue_select, 0);
    device.put(reg.queue_enable, 1);
    device.lay(0);
    device.raise(DRIVER_OK);
    device.kick(0);
  }),
  PCI0005: onDevice('net', (device) => {
    device.live([0]);
    device.kick(1);
  }),
  PCI0006: vector(0x7ff),
  PCI0007: readOnly(reg.num_queues),
  PCI0008: live((device) => device.put(reg.queue_enable, 0)),
  PCI0009: rng((device) => {
    device.begin();
    device.negotiate();
    device.put(reg.queue_select, NO_QUEUE);
    device.put(reg.queue_size, 8);
    device.put(reg.queue_enable, 1);
  }),
  PCI0010: window({ bar: 0xff, offset: 0xffff_ffff, length: 4 }, { bar: 0, offset: 0x7fff_ffff, length: 4 }),
  PCI0012: kicks(0xffff),
  PCI0013: live((device) => {
    for (const offset of [1, 3, 5, 7]) device.port.read(device.at.common + offset, 1);
  }),
  PCI0014: status(0x20),
  PCI0018: kicks(NO_QUEUE),
  PCI0030: status(0xff),
  PCI0035: live((device) => {
    const before = configRead(device.port, device.bdf, BAR0 + 4 * BAR, 4);
    configWrite(device.port, device.bdf, BAR0 + 4 * BAR, 0xffff_ffff, 4);
    configRead(device.port, device.bdf, BAR0 + 4 * BAR, 4);
    configWrite(device.port, device.bdf, BAR0 + 4 * BAR, before, 4);
  }),
  PCI0051: live((device) => {
    device.put(reg.driver_feature_select, 5);
    device.put(reg.driver_feature, 0xdead_beef);
  }),
  PCI0053: laying((device) => device.put(reg.queue_size, 3)),
  PCI0054: live((device) => {
    device.put(reg.queue_enable, 0);
    device.put(reg.queue_enable, 1);
  }),
  PCI0055: live((device) => device.put(reg.queue_desc, device.room(16) + 1)),
  PCI0056: live((device) => device.address(reg.queue_driver, reg.queue_driver_high, BEYOND)),
  PCI0058: status(0x20),
  PCI0060: kicks(0xffff),
  PCI0062: readOnly(reg.num_queues),
  PCI0063: readOnly(reg.config_generation),
  PCI0064: vector(0x7ff),
  PCI0065: bytewise,
  PCI0073: bytewise,
  PCI0075: onDevice('rng', (device) => {
    device.begin();
    device.negotiate();
    device.lay(0);
    device.put(reg.queue_msix_vector, 2);
  }),
  PCI0080: window({ bar: 0xff, offset: 0, length: 4 }),
  PCI0081: window({ bar: BAR, offset: 0xffff_0000, length: 4 }),
  PCI0082: window(
    { bar: BAR, offset: 0, length: 3 },
    { bar: BAR, offset: 0, length: 0 },
    { bar: BAR, offset: 0, length: 8 },
  ),
  PCI0084: window(
    { bar: BAR, offset: BETWEEN, length: 4 },
    { bar: BAR, offset: BETWEEN, length: NOTIFY, writes: true },
  ),
  PCI0085: kicks(NO_QUEUE),
  PCI0086: status(0x20),
  PCI0088: vector(0x7ff),
  PCI0090: readOnly(reg.queue_notify_off),
  PCI0091: live((device) => device.put(reg.queue_size, 4)),
  PCI0093: live((device) => {
    device.put(reg.driver_feature_select, 0xff);
    device.put(reg.driver_feature, 0xffff_ffff);
  }),
  PCI0094: readOnly(reg.num_queues),
  PCI0097: onDevice('net', (device) => {
    device.live([0], 5);
    for (const offset of [0, 1, 2, 3]) device.config(offset, 1);
    device.config(6, 1);
  }),
};
