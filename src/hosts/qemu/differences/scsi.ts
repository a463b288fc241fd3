import { type Difference, type Differing, type Said, saying } from './difference.ts';

const SEEN = 'Compute Engine, seen: INQUIRY and pages of its disks';
const INVALID_FIELD = '5/24/00';
const INVALID_OPCODE = '5/20/00';

/** The page that INQUIRY with EVPD was asked for. */
const pageOf = (about: string): string | undefined => / 1201(\w\w)/.exec(about)?.[1];
/** The page that MODE SENSE was asked for, and the values that were left out. */
const modePageOf = (about: string): number =>
  Number.parseInt(/ (?:1a|5a)\w\w(\w\w)/.exec(about)?.[1] ?? '', 16) & 0x3f;

/** A byte of a vital product data page, by its number. */
const ofPage =
  (page: string, bytes: Readonly<Record<number, Said>>): ((answers: Differing) => boolean) =>
  (answers) => {
    const at = /: byte (\d+)$/.exec(answers.place)?.[1];
    return pageOf(answers.about) === page && bytes[Number(at)] === `${answers.ours}/${answers.qemu}`;
  };

/** Of a disk's answers. */
export const SCSI: readonly Difference[] = [
  {
    id: 'scsi/residual',
    where: 'residual, of every command',
    at: /^scsi .*: residual$/,
    right: 'ours',
    source:
      'virtio 1.4, 5.6.6.1 Device Operation: Request Queues: residual is what was asked for and did not move',
    said: 'QEMU says 0 where less came than there was room for, and where a command failed',
    follows: true,
  },
  {
    id: 'scsi/commands',
    where: 'commands that one of the two has not',
    at: /^scsi (PREVENT ALLOW MEDIUM REMOVAL|REPORT SUPPORTED OPERATION CODES|SEEK\(10\)|START STOP UNIT|SYNCHRONIZE CACHE\(16\)|VERIFY\(1[06]\)|WRITE SAME\(1[06]\)): status$/,
    when: ({ ours, qemu }) => ours.endsWith(INVALID_OPCODE) !== qemu.endsWith(INVALID_OPCODE),
    right: 'both',
    source: 'SPC-4, 6.1 and SBC-3, commands for direct access block devices: these are optional',
    said: 'One knows an optional command, and the other refuses its operation code',
    follows: true,
  },
  {
    id: 'scsi/dpo-fua',
    where: 'READ and WRITE with DPO or FUA',
    at: /^scsi (READ|WRITE)\(1\d\): status$/,
    when: ({ ours, about }) => ours.endsWith(INVALID_FIELD) && /^\w+\(1\d\) \w\w(08|10|20)/.test(about),
    right: 'both',
    source: 'SBC-3, mode parameter header: DPOFUA',
    said: 'Ours says that it has no DPO and FUA, and refuses them; QEMU takes them, and QEMU 11 says so. Of two faults either may be told',
    follows: true,
  },
  {
    id: 'scsi/dpo-fua-told',
    where: 'MODE SENSE, header: DPOFUA',
    at: /^scsi MODE SENSE\((6\): byte 2|10\): byte 3)$/,
    when: saying('00/10'),
    right: 'both',
    source: 'SBC-3, mode parameter header: DPOFUA',
    said: 'QEMU 11 says that it has DPO and FUA, QEMU 10 takes them and says nothing',
  },
  {
    id: 'scsi/sync-range',
    where: 'SYNCHRONIZE CACHE beyond the last block',
    at: /^scsi SYNCHRONIZE CACHE\(10\): status$/,
    when: ({ ours }) => ours.endsWith('5/21/00'),
    right: 'ours',
    source:
      'SBC-3, SYNCHRONIZE CACHE (10) command: blocks beyond the capacity are LOGICAL BLOCK ADDRESS OUT OF RANGE',
    said: 'QEMU does not look at the range',
    follows: true,
  },
  {
    id: 'scsi/unmap-short',
    where: 'UNMAP with a list shorter than it says',
    at: /^scsi UNMAP: status$/,
    right: 'both',
    source: 'SBC-3, UNMAP command',
    said: 'Ours takes the descriptors that came, QEMU refuses the length',
    follows: true,
  },
  {
    id: 'scsi/select-report',
    where: 'REPORT LUNS, SELECT REPORT 02h and 03h',
    at: /^scsi REPORT LUNS: /,
    right: 'ours',
    source: 'SPC-4, 6.33: SELECT REPORT 02h asks for all logical units, and an allocation length may be any',
    said: 'QEMU knows 00h and 01h only, and refuses an allocation length below 16',
    follows: true,
  },
  {
    id: 'scsi/sense-kept',
    where: 'REQUEST SENSE',
    at: /^scsi REQUEST SENSE: byte \d+$/,
    right: 'ours',
    source: 'SPC-4, 6.39 REQUEST SENSE command; SAM-5, sense data: what was delivered with a status is gone',
    said: 'QEMU tells the sense data of the last failure again',
    follows: true,
  },
  {
    id: 'scsi/version',
    where: 'INQUIRY, bytes 2, 4 and 7',
    at: /^scsi INQUIRY: byte (2|4|7)$/,
    when: saying('06/05', '5b/1f', '5b/3b', '02/12'),
    right: 'ours',
    source: 'Compute Engine: Requirements to build custom images, hardware; SPC-4, 6.6.2',
    said: "Compute Engine's disks say SPC-4, QEMU's SPC-3, with another length and other flags",
    requirement: 'gce/SCSI-SPC4',
  },
  {
    id: 'scsi/product-revision',
    where: 'INQUIRY, bytes 33 to 35',
    at: /^scsi INQUIRY: byte 3[3-5]$/,
    when: saying('20/00'),
    right: 'ours',
    source: 'SPC-4, 4.3.1 and 6.6.2: text is filled up with spaces',
    said: 'QEMU fills the revision up with zeros',
  },
  {
    id: 'scsi/standards',
    where: 'INQUIRY, bytes 58 to 63',
    at: /^scsi INQUIRY: byte (58|59|6[0-3])$/,
    when: saying('a0/00', '04/00', '60/00', 'c0/00'),
    right: 'ours',
    source: 'Compute Engine: Requirements to build custom images, hardware',
    said: "Compute Engine's disks name SBC-3 among their standards, QEMU's name none",
    requirement: 'gce/SCSI-SBC3',
  },
  {
    id: 'scsi/page-list',
    where: 'INQUIRY, page 00: its length, and which pages there are',
    at: /^scsi INQUIRY with EVPD: byte 3$/,
    when: ofPage('00', { 3: '06/05' }),
    right: 'both',
    source: 'SPC-4, 7.8: serial numbers are optional',
    said: 'Ours has a page of serial numbers, QEMU none where its command line names none',
    follows: true,
  },
  {
    id: 'scsi/serial',
    where: 'INQUIRY, page 80',
    at: /^scsi INQUIRY with EVPD: status$/,
    when: (answers) => pageOf(answers.about) === '80' && saying(`00/02 ${INVALID_FIELD}`)(answers),
    right: 'both',
    source: 'SPC-4, 7.8: serial numbers are optional',
    said: 'The same page: QEMU refuses it',
    follows: true,
  },
  {
    id: 'scsi/names',
    where: 'INQUIRY, page 83: its length, and the names in it',
    at: /^scsi INQUIRY with EVPD: byte 3$/,
    when: ofPage('83', { 3: '15/06' }),
    right: 'ours',
    source: SEEN,
    said: "A disk of Compute Engine's has its name there, QEMU's the name of its drive",
    follows: true,
  },
  {
    id: 'scsi/limits',
    where: 'INQUIRY, page B0: WSNZ, and the limits of transfers, UNMAP and WRITE SAME',
    at: /^scsi INQUIRY with EVPD: byte \d+$/,
    when: ofPage('b0', {
      4: '00/01',
      9: '00/3f',
      10: '02/ff',
      11: '00/ff',
      21: '10/20',
      41: '00/3f',
      42: '00/ff',
      43: '00/ff',
    }),
    right: 'both',
    source: `${SEEN}; SBC-3, Block Limits page`,
    said: 'Each has limits of its own',
  },
  {
    id: 'scsi/thin-commands',
    where: 'INQUIRY, page B2: LBPU, LBPWS, LBPWS10 and LBPRZ',
    at: /^scsi INQUIRY with EVPD: byte 5$/,
    when: ofPage('b2', { 5: '84/e0' }),
    right: 'both',
    source: 'SBC-3, Logical Block Provisioning page',
    said: 'Ours unmaps by UNMAP alone, and unmapped blocks read zeros; QEMU by WRITE SAME too',
  },
  {
    id: 'scsi/mode-pages',
    where: 'MODE SENSE, pages 01 and 04, and what 3F has of them',
    at: /^scsi MODE SENSE\(\d+\): (status|byte [01])$/,
    when: (answers) =>
      modePageOf(answers.about) === 0x3f
        ? saying('1f/63', '17/5b', '22/66', '1a/5e')(answers)
        : [0x01, 0x04].includes(modePageOf(answers.about)) && saying(`02 ${INVALID_FIELD}/00`)(answers),
    right: 'both',
    source: 'SBC-3, mode parameters: error recovery and geometry are optional',
    said: 'QEMU has pages of error recovery and of a geometry, ours the caching page alone',
    follows: true,
  },
  {
    id: 'scsi/write-cache',
    where: 'MODE SENSE of what can be changed, caching page: WCE',
    at: /^scsi MODE SENSE\(\d+\): byte (6|1[048])$/,
    when: (answers) => / (1a|5a)\w\w48/.test(answers.about) && saying('00/04')(answers),
    right: 'both',
    source: 'SBC-3, Caching mode page: WCE',
    said: 'QEMU lets a guest switch its write cache off and on',
  },
  {
    id: 'scsi/provisioning',
    where: 'READ CAPACITY(16), byte 14',
    at: /^scsi READ CAPACITY\(16\): byte 14$/,
    when: saying('c0/80'),
    right: 'both',
    source: 'SBC-3, READ CAPACITY (16) parameter data: LBPME and LBPRZ',
    said: 'Both are thin; ours says besides that unmapped blocks read zeros',
  },
];
