import { driverReads, inPages, request4K, sequential } from './disk.ts';
import { gvnicCut, gvnicIn, gvnicOut } from './gvnic.ts';
import { frameIn, frameOut } from './net.ts';
import { nvmeRead4K } from './nvme.ts';
import { cut, join, sum } from './offload.ts';
import type { Work } from './ring.ts';
import { uartByte } from './uart.ts';

/** By the name of the cell. */
export const WORKS: Readonly<Record<string, () => Work>> = {
  'read 4K': () => request4K(false, false),
  'write 4K': () => request4K(true, false),
  'read 4K, file': () => request4K(false, true),
  'write 4K, file': () => request4K(true, true),
  'read 256K in pages, file': () => inPages(false),
  'write 256K in pages, file': () => inPages(true),
  'read 1M': sequential,
  'driver reads 256K': driverReads,
  'nvme read 4K': nvmeRead4K,
  'frame out, 60': () => frameOut(60),
  'frame out, 1500': () => frameOut(1500),
  'frame in': () => frameIn(false),
  'frame in, plain': () => frameIn(true),
  'gvnic out, 1500': () => gvnicOut(1500),
  'gvnic in': gvnicIn,
  'gvnic cut': gvnicCut,
  cut: () => cut(false),
  'cut, plain': () => cut(true),
  join,
  'sum 64': () => sum(64, false),
  'sum 64, plain': () => sum(64, true),
  'sum 1500': () => sum(1500, false),
  'sum 1500, plain': () => sum(1500, true),
  'sum 65536': () => sum(65_536, false),
  'sum 65536, plain': () => sum(65_536, true),
  'uart byte': uartByte,
};
