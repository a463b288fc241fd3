import type { MachineOptions } from '../src/index.ts';

/** All features of a ring. */
export const PACKED: MachineOptions = {
  virtio: 'modern',
  rng: true,
  balloon: true,
  // Whose balloon has MSI-X.
  firmwareDate: '03/27/2024',
  ringFeatures: ['RING_PACKED', 'INDIRECT_DESC', 'EVENT_IDX'],
};

/** The interrupts and interfaces by which a driver may use a device. */
export const FLAVOURS: readonly [string, 'polled' | 'intx' | 'msix', MachineOptions][] = [
  ['legacy, polled', 'polled', {}],
  ['legacy, by lines', 'intx', {}],
  ['legacy, by messages', 'msix', {}],
  ['modern with split rings', 'msix', { virtio: 'modern', rng: true }],
  ['modern with packed rings', 'msix', PACKED],
  ['transitional', 'intx', { virtio: 'transitional' }],
  ['of a big-endian guest', 'polled', { guestEndian: 'big' }],
];
