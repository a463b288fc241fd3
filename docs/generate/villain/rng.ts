import { type Breach, breach } from './breach.ts';

/** Tests of the entropy device. */
export const RNG_TESTS: readonly Breach[] = [
  breach('RNG0002 zero_len', 'a buffer of no bytes', 'virtio/VQ-IMP-21'),
  breach('RNG0003 read_only', 'a buffer for the device to read', 'virtio/RNG-OP-D1'),
  breach('RNG0004 huge_len', 'a buffer over the end of RAM', 'virtio/RFEAT-D4'),
  breach('RNG0005 bad_addr', 'a buffer where no RAM is', 'virtio/RFEAT-D4'),
  breach('RNG0006 self_loop', 'a chain without an end', 'virtio/VQ-DESC-D1'),
  breach('RNG0007 oob_next', 'a next beyond the table', 'virtio/VQ-IMP-3'),
  breach('RNG0009 indirect_no_feature', 'a table that was not negotiated', 'virtio/VQ-IND-D1'),
  breach('RNG0010 indirect_zero_len', 'a table of no bytes', 'virtio/VQ-IMP-13'),
  breach('RNG0011 indirect_unaligned', 'a table of one entry and a byte', 'virtio/VQ-IMP-13'),
  breach('RNG0013 all_flags', 'all flags in one descriptor', 'virtio/VQ-IND-D4', 'and virtio/VQ-IND-D1'),
  breach('RNG0015 aliased_buffers', 'one buffer lent eight times', 'virtio/VQ-IMP-24'),
  breach(
    'RNG0016 next_with_write_to_readable',
    'a readable buffer behind a writable one',
    'virtio/VQ-FRAME-D1',
  ),
  breach('RNG0017 request_after_q_reset', '0 in queue_enable', 'virtio/PCI-COMMON-D6'),
  breach('RNG0022 buf_in_bar', 'a buffer in a base address', 'virtio/RFEAT-D4'),
  breach('RNG0029 base_past_ram', 'a buffer where no RAM is', 'virtio/RFEAT-D4'),
  breach('RNG0030 addr_len_wrap', 'a buffer that wraps at 64 bits', 'virtio/RFEAT-D4'),
  breach('RNG0031 indirect_self_loop', 'a table whose entries go round', 'virtio/VQ-DESC-D1'),
  breach('RNG0032 indirect_oob_next', 'a next beyond the table that it is in', 'virtio/VQ-IMP-3'),
];
