import type { MachineOptions } from '../../machine/options.ts';
import { CAP, CAP_UPPER, CSTS } from '../../nvme/registers/bar0.ts';
import { ADMIN, CNS, cqe, FEATURE } from '../../nvme/registers/commands.ts';
import { identify_controller, identify_namespace, LBADS_SHIFT } from '../../nvme/registers/identify.ts';
import type { HardId } from '../../rules/hard.ts';
import type { Lie, NvmeAnswer, NvmeLie } from './lie.ts';

const { result: RESULT, sq_head, sq_id, cid: CID, status: STATUS } = cqe.offset;
const [HALF, ONES] = [0xffff, 0xffff_ffff];
/** Of an entry: its phase, and an internal error. */
const [PHASE, INTERNAL] = [1, 6 << 1];
/** Before the third command of the admin queue a driver knows of no queue. */
const FOREVER_READY = CSTS.mask.RDY;

/** A controller, if the machine has none, and no disk behind SCSI: what is read is its. */
function withNvme({ nvme = [{}], ...base }: MachineOptions): MachineOptions {
  return { ...base, disks: [], nvme };
}

const ofNvme = (clause: HardId, name: string, nvme: NvmeLie): Lie => ({
  clause,
  name,
  options: withNvme,
  nvme,
});

/** An entry of a completion queue, with its phase as it is. */
const ending = (clause: HardId, name: string, change: (answer: NvmeAnswer) => void): Lie =>
  ofNvme(clause, name, {
    answered: (answer) => {
      change(answer);
      return true;
    },
  });

const halfOf = ({ entry: { view, at } }: NvmeAnswer, offset: number, value: number) =>
  view.setUint16(at + offset, value, true);

/** The data of Identify of this kind. */
const identifying = (
  clause: HardId,
  name: string,
  cns: number,
  change: (view: DataView, at: number) => void,
): Lie =>
  ofNvme(clause, name, {
    answered: ({ opcode, cdw10, data }) => {
      const isIt = opcode === ADMIN.IDENTIFY && (cdw10 & 0xff) === cns && data !== null;
      if (isIt) change(data.view, data.at);
      return isIt;
    },
  });

const ofRegister = (
  clause: HardId,
  name: string,
  { offset }: { readonly offset: number },
  said: (value: number) => number,
): Lie => ({
  clause,
  name,
  options: withNvme,
  nvmeRegister: (at, value) => (at === offset ? said(value) : value),
});

const controllerLies = (
  [
    ['a least transfer of nothing', 'mdts', 0xff],
    ['entries of another size', 'sqes', 0],
    ['no namespaces', 'nn', 0],
    ['a namespace for each number', 'nn', 0xff],
    ['every optional command', 'oncs', 0xff],
    ['every event', 'oaes', 0xff],
  ] as const
).map(([what, field, byte]) =>
  identifying(
    'hard/NVME-CONTROLLER',
    `an NVMe controller that claims ${what}`,
    CNS.CONTROLLER,
    (view, at) => {
      const { offset } = identify_controller;
      for (let i = 0; i < (field === 'mdts' || field === 'sqes' ? 1 : 2); i++)
        view.setUint8(at + offset[field] + i, byte);
    },
  ),
);

const blockLies = [0, 1, 31, 63, 255].map((lbads) =>
  identifying(
    'hard/NVME-NAMESPACE',
    `an NVMe namespace with blocks of 2^${lbads} bytes`,
    CNS.NAMESPACE,
    (view, at) => view.setUint32(at + identify_namespace.offset.lbaf0, lbads << LBADS_SHIFT, true),
  ),
);

const listLies = (
  [
    ['all ones', () => ONES],
    ['one number again and again', () => 1],
    ['numbers beyond the last', (i: number) => 0x1_0000 + i],
  ] as const
).map(([what, number]) =>
  identifying('hard/NVME-LIST', `a list of NVMe namespaces of ${what}`, CNS.ACTIVE_LIST, (view, at) => {
    for (let i = 0; i < 1024; i++) view.setUint32(at + 4 * i, number(i), true);
  }),
);

/** Lies of an NVMe controller. */
export const NVME_LIES: readonly Lie[] = [
  ofNvme('hard/NVME-CID', 'a completion of an NVMe command that they never gave', {
    answered: (answer, random) => {
      halfOf(answer, CID, 0x8000 + random.below(0x8000));
      return true;
    },
  }),
  ending('hard/NVME-CID', 'completions that all are of one NVMe command', (answer) => halfOf(answer, CID, 0)),
  ending('hard/NVME-SQ-HEAD', 'a head beyond the submission queue', (answer) =>
    halfOf(answer, sq_head, HALF),
  ),
  ending('hard/NVME-SQ-HEAD', 'a head of a submission queue that stays', (answer) =>
    halfOf(answer, sq_head, 0),
  ),
  ending('hard/NVME-SQ-ID', 'a completion of a submission queue that is not there', (answer) =>
    halfOf(answer, sq_id, HALF),
  ),
  ending('hard/NVME-PHASE', 'completions that never get their phase', ({ entry: { view, at } }) =>
    view.setUint16(at + STATUS, view.getUint16(at + STATUS, true) ^ PHASE, true),
  ),
  ending('hard/NVME-PHASE', 'a completion queue in which every entry is new', ({ entries }) => {
    const [{ view, at }] = entries as [(typeof entries)[number]];
    const phase = view.getUint16(at + STATUS, true) & PHASE;
    for (const one of entries)
      one.view.setUint16(one.at + STATUS, (one.view.getUint16(one.at + STATUS, true) & ~PHASE) | phase, true);
  }),
  ending('hard/NVME-STATUS', 'NVMe commands that all fail', ({ entry: { view, at } }) =>
    view.setUint16(at + STATUS, (view.getUint16(at + STATUS, true) & PHASE) | INTERNAL, true),
  ),
  ...controllerLies,
  ...blockLies,
  identifying('hard/NVME-NAMESPACE', 'an NVMe namespace of 2^64 - 1 blocks', CNS.NAMESPACE, (view, at) => {
    for (const field of ['nsze', 'ncap'] as const)
      view.setBigUint64(at + identify_namespace.offset[field], 0xffff_ffff_ffff_ffffn, true);
  }),
  ...listLies,
  ...[0, ONES].map((granted) =>
    ofNvme('hard/NVME-QUEUES', `a grant of ${granted === 0 ? 'one pair' : '65536 pairs'} of NVMe queues`, {
      answered: ({ opcode, cdw10, entry: { view, at } }) => {
        const isIt = opcode === ADMIN.SET_FEATURES && (cdw10 & 0xff) === FEATURE.NUMBER_OF_QUEUES;
        if (isIt) view.setUint32(at + RESULT, granted, true);
        return isIt;
      },
    }),
  ),
  ofRegister('hard/NVME-CAP', 'NVMe queues of one entry', CAP, (value) => value & ~CAP.mask.MQES),
  ofRegister('hard/NVME-CAP', 'an NVMe controller that needs no time', CAP, (value) => value & ~CAP.mask.TO),
  ofRegister(
    'hard/NVME-CAP',
    'NVMe doorbells beyond their base address',
    CAP_UPPER,
    (value) => value | CAP_UPPER.mask.DSTRD,
  ),
  ofRegister('hard/NVME-STATE', 'an NVMe controller that is never ready', CSTS, () => 0),
  ofRegister('hard/NVME-STATE', 'an NVMe controller that stays ready', CSTS, () => FOREVER_READY),
  ofRegister('hard/NVME-STATE', 'an NVMe controller that has always failed', CSTS, () => CSTS.mask.CFS),
];
