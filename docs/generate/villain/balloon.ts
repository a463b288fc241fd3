import { type Breach, breach } from './breach.ts';

const ONES = 'page numbers, and not all of one';

/** Tests of the balloon. */
export const BALLOON_TESTS: readonly Breach[] = [
  breach('L0002 deflate', 'pages asked back that were never given', 'virtio/BALLOON-OP-D6'),
  breach('L0003 inflate_empty', 'a request of no bytes', 'virtio/VQ-IMP-21'),
  breach('L0004 inflate_bad_pfn', 'a page that is no RAM', 'virtio/BALLOON-IMP-3'),
  breach('L0005 inflate_odd_len', ONES, 'virtio/BALLOON-IMP-2'),
  breach('L0008 pfn_max', 'the last page number of 32 bits', 'virtio/BALLOON-IMP-3'),
  breach('L0009 dup_pfn', 'a page twice in one request', 'virtio/BALLOON-IMP-4'),
  breach('L0010 huge_len', 'a request of a GiB', 'virtio/RFEAT-D4'),
  breach('L0011 bad_addr', 'a request where no RAM is', 'virtio/RFEAT-D4'),
  breach('L0012 writable_flag', 'a request for the device to write', 'virtio/BALLOON-IMP-1'),
  breach('L0013 short_len', ONES, 'virtio/BALLOON-IMP-2'),
  breach('L0016 double_inflate', 'a page given again', 'virtio/BALLOON-IMP-4'),
  breach('L0017 deflate_unbacked', 'pages asked back that were never given', 'virtio/BALLOON-OP-D6'),
  breach('L0018 zero_len', 'a request of no bytes', 'virtio/VQ-IMP-21'),
  breach('L0020 stats_misaligned_len', 'an entry of statistics and a part of one', 'virtio/BALLOON-STAT-D5'),
  breach('L0021 inflate_pfn_aliases_desc', 'the page of the ring itself', 'virtio/VQ-IMP-26'),
  breach('L0027 cfg_data_config_access', 'the window beside the configuration', 'virtio/PCI-CFGACC-D2'),
  breach('L0028 huge_len_past_ram', 'a request over the end of RAM', 'virtio/RFEAT-D4'),
  breach('L0033 pfn_in_bar', 'a page of a base address', 'virtio/BALLOON-IMP-3'),
  breach('L0039 deflate_valid', 'a page asked back that was never given', 'virtio/BALLOON-OP-D6'),
];
