import { expect, test } from 'vitest';
import { behind } from '../../conformance/broken/behind.ts';
import { gceN1 } from '../../index.ts';
import { CAPABILITY_ID, CONFADD, CONFDATA, MSIX_TABLE, VECTOR_CONTROL } from '../../pci/registers.ts';
import { barAddress } from './bars.ts';
import { findCapability } from './config.ts';
import { MsixDriver } from './msix.ts';

/** 00:04.0, whose MSI-X table is behind BAR1. */
const NIC = 0x20;
const BAR = 1;
/** The highest bit of Table Offset: a signed number with it is negative. */
const TWO_GIB = 0x8000_0000;

test('an MSI-X table may lie 2 GiB beyond its BAR’s base', () => {
  const { port } = gceN1();
  const table = findCapability(port, NIC, CAPABILITY_ID.MSIX)! + MSIX_TABLE.offset;
  const bar = barAddress(port, NIC, BAR)!.address;
  const touched: number[] = [];
  let selected = 0;
  const far = behind(port, {
    out: (at, value, width) => {
      if (at === CONFADD.offset) selected = value & CONFADD.mask.REGISTER;
      port.out(at, value, width);
    },
    in: (at, width) => (at === CONFDATA && selected === table ? TWO_GIB + BAR : port.in(at, width)),
    read: (address) => touched.push(address),
    write: (address) => void touched.push(address),
  });

  MsixDriver.of(far, NIC)!.mask(0);

  expect(new Set(touched)).toEqual(new Set([bar + TWO_GIB + VECTOR_CONTROL.offset]));
});
