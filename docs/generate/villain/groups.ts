import { BALLOON_TESTS } from './balloon.ts';
import type { Group } from './group.ts';
import { COMMAND_TESTS, FRAME_TESTS } from './net.ts';
import { PACKED_TESTS } from './packed.ts';
import { PCI_TESTS } from './pci.ts';
import { RNG_TESTS } from './rng.ts';
import { SCSI_TESTS } from './scsi.ts';
import { STATE_TESTS } from './state.ts';
import { VRING } from './vring.ts';

/** The folders of virtio-villain that concern what machines here have. */
export const GROUPS: readonly Group[] = [
  { title: 'Split rings', prefix: 'T', rows: VRING, kept: '', unseen: '109-110 117-120 122' },
  { title: 'Packed rings', prefix: 'P', rows: PACKED_TESTS, kept: '' },
  {
    title: 'PCI transport',
    prefix: 'PCI',
    rows: PCI_TESTS,
    kept: '4 15-17 19-29 31-34 36-41 50 52 57 59 61 66-72 74 76-79 83 87 92 95-96 98-119 200-201',
    lacking: { numbers: '42-49', why: 'MSI, which no function here has: they have MSI-X' },
  },
  {
    title: 'Status and steps',
    prefix: 'S',
    rows: STATE_TESTS,
    kept: '3 5 10 14 19 22-23 27 29 31-39 41-43 47-51 53-56 59 67-68 71 73-74 79 91-92',
  },
  {
    title: 'Network card',
    prefix: 'N',
    rows: [...FRAME_TESTS, ...COMMAND_TESTS],
    kept:
      '6 35-36 40 45 48 50 57 59 61 69 71 73-75 77-78 81-83 87 100 104 120 122-126 128-129 133-147 150 152 155 ' +
      '159-163 167-169 171-172 174-175 177-178 185 188 194 199-201',
    lacking: { numbers: '130', why: 'an IOMMU' },
    unseen: '103 148-149 153-154 156-158 164 170 173 176 179',
  },
  {
    title: 'SCSI adapter',
    prefix: 'SCSI',
    rows: SCSI_TESTS,
    kept:
      '2-5 11-35 38 40 43-66 70 72-74 79-80 84-85 87 89-90 92 95 99-101 103-106 108-113 116-120 123-125 131-134 142 ' +
      '144-153 155 158 161-162 164 168 177-179 185 190 192-193 195-196 198-199 201 203 205-206 208-209 211 213 ' +
      '218-220 222-223 225 227-230 232-238 240-256',
    unseen:
      '102 107 114-115 122 128-130 135-137 139-141 143 154 156-157 159-160 163 165-167 169-172 174 176 181-183 ' +
      '186-189 191 194 197 202 204 207 210 212 216 224 226 231',
  },
  {
    title: 'Entropy device',
    prefix: 'RNG',
    rows: RNG_TESTS,
    kept: '1 8 12 14 18-21 23-28 33 200',
  },
  {
    title: 'Balloon',
    prefix: 'L',
    rows: BALLOON_TESTS,
    kept: '1 6-7 14-15 19 22 30-32 37-38 40-43 200-201',
    lacking: {
      numbers: '23-26 29 34-36 44-46',
      why: 'REPORTING, DEFLATE_ON_OOM, FREE_PAGE_HINT or PAGE_POISON, which the balloon here does not offer',
    },
  },
];
