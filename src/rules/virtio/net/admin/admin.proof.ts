import { makeFrame } from '../../../../net/frame/make.ts';
import { ADMIN_STATUS } from '../../../../virtio/features/admin/registers.ts';
import { NET_OBJECT } from '../../../../virtio/net/capability-registers.ts';
import type { NetEvents } from '../../../../virtio/net/events.ts';
import { FF_MASK_TYPE } from '../../../../virtio/net/registers/flow-filters.ts';
import { NET_HDR_F_SECURITY, NET_HDR_SIZE } from '../../../../virtio/net/registers.ts';
import { scripts } from '../../../script.proof.ts';
import { accept, chainOf, sentFrame, TX, watchNet } from '../rig.proof.ts';
import type { ADMIN } from './admin.ts';
import * as rig from './rig.proof.ts';
import type { SECURED } from './secured.ts';

const { FF_GROUP, FF_CLASSIFIER, FF_RULE } = NET_OBJECT;
const { ETH, IPV4, UDP } = FF_MASK_TYPE;
const { EBUSY } = ADMIN_STATUS;
/** More than the 1460 bytes that the network carries. */
const LONG = 1470;

/** A modern driver that takes these steps, one after the other. */
function steps(...all: readonly rig.Step[]) {
  return bare(...rig.USED, ...all);
}

/** One that has not sent LIST_USE yet. */
function bare(...all: readonly rig.Step[]) {
  return (net: NetEvents): void => {
    accept(net, 'CSUM', 'MAC', 'IPSEC', 'VERSION_1', 'ADMIN_VQ');
    for (const step of all) step(net);
  };
}

const FILTERS = [...rig.FILTERS, rig.group(0), rig.classifier(...rig.UDP4)];
const TYPE = rig.selector(ETH, 12, 13);
const twin = (breaks: readonly rig.Step[], keeps: readonly rig.Step[]) => ({
  breaks: steps(...breaks),
  keeps: steps(...keeps),
});
/** A driver with a group, a classifier and the capabilities. */
const filters = (breaks: readonly rig.Step[], keeps: readonly rig.Step[]) =>
  twin([...FILTERS, ...breaks], [...FILTERS, ...keeps]);
/** A driver that has done all that must precede the first security association. */
const security = (breaks: readonly rig.Step[], keeps: readonly rig.Step[]) =>
  twin([...rig.SECURITY, ...breaks], [...rig.SECURITY, ...keeps]);
const without = (step: rig.Step) => rig.SECURITY.filter((one) => one !== step);

/** Sends a frame that an association is to secure. */
function secures(resourceId: number, payload = 100): rig.Step {
  const frame = makeFrame({ payload: new Uint8Array(payload) });
  const sent = sentFrame({ frame, flags: NET_HDR_F_SECURITY, resourceId });
  return (net) => net.sends(TX, chainOf([NET_HDR_SIZE.outer, frame.length]), sent);
}

type Id = keyof typeof ADMIN | keyof typeof SECURED | 'virtio/NET-IPSEC-D8';

const [LISTS, , READS, , SETS] = rig.SECURITY;
const GOOD = [rig.ruleOf(1), rig.ruleOf(2)];

export const ADMIN_PROOFS = scripts<NetEvents, Id>(watchNet, {
  'virtio/ADMIN-IMP-1': {
    breaks: bare(rig.queries, rig.uses(3), LISTS!),
    keeps: bare(...rig.USED, LISTS!),
  },
  'virtio/ADMIN-IMP-2': {
    breaks: bare(rig.queries, rig.uses(7)),
    keeps: bare(rig.queries, rig.uses(3)),
  },
  'virtio/ADMIN-IMP-3': twin(
    [...rig.FILTERS, rig.group(0), rig.group(0)],
    [...rig.FILTERS, rig.group(0), rig.destroys(FF_GROUP, 0), rig.group(0)],
  ),
  'virtio/ADMIN-IMP-4': twin(
    [...rig.FILTERS, rig.group(0), ...rig.FILTERS],
    [...rig.FILTERS, rig.group(0), rig.destroys(FF_GROUP, 0), ...rig.FILTERS],
  ),
  'virtio/NET-FF-D1': twin([...rig.FILTERS.slice(1), rig.group(0)], [...rig.FILTERS, rig.group(0)]),
  'virtio/NET-FF-D2': filters(
    [rig.ruleOf(1), rig.destroys(FF_GROUP, 0, EBUSY)],
    [rig.ruleOf(1), rig.destroys(FF_RULE, 1), rig.destroys(FF_GROUP, 0)],
  ),
  'virtio/NET-FF-D3': filters(
    [rig.ruleOf(1), rig.destroys(FF_GROUP, 0, EBUSY), rig.destroys(FF_RULE, 1)],
    [rig.ruleOf(1), rig.destroys(FF_RULE, 1), rig.destroys(FF_GROUP, 0)],
  ),
  'virtio/NET-FF-D4': filters(
    [rig.ruleOf(1), rig.destroys(FF_CLASSIFIER, 0, EBUSY)],
    [rig.ruleOf(1), rig.destroys(FF_RULE, 1), rig.destroys(FF_CLASSIFIER, 0)],
  ),
  'virtio/NET-FF-D5': filters(
    [rig.ruleOf(1), rig.destroys(FF_CLASSIFIER, 0, EBUSY), rig.destroys(FF_RULE, 1)],
    [rig.ruleOf(1), rig.destroys(FF_RULE, 1), rig.destroys(FF_CLASSIFIER, 0)],
  ),
  'virtio/NET-FF-D6': filters([rig.ruleOf(1), rig.ruleOf(2, { priority: 1 })], GOOD),
  'virtio/NET-FF-D7': filters(
    [rig.ruleOf(1), rig.ruleOf(2, { port: 1, priority: 1 })],
    [rig.ruleOf(1), rig.ruleOf(2, { port: 1 })],
  ),
  'virtio/NET-FF-D8': twin(
    [...rig.FILTERS, rig.classifier(TYPE, rig.selector(UDP))],
    [...rig.FILTERS, rig.classifier(TYPE, rig.selector(IPV4, 9), rig.selector(UDP))],
  ),
  'virtio/NET-FF-D9': twin(
    [...rig.FILTERS, rig.classifier(TYPE, rig.selector(IPV4), rig.selector(UDP))],
    [...rig.FILTERS, rig.classifier(TYPE, rig.selector(IPV4))],
  ),
  'virtio/NET-FF-D10': filters([rig.ruleOf(1, { type: 0x86dd })], GOOD),
  'virtio/NET-FF-D11': filters([rig.ruleOf(1, { protocol: 6 })], GOOD),
  'virtio/NET-FF-D12': twin(
    [...rig.FILTERS, rig.classifier(rig.selector(ETH, 0))],
    [...rig.FILTERS, rig.classifier(rig.selector(ETH, 0, 1, 2, 3, 4, 5))],
  ),
  'virtio/NET-IPSEC-D2': twin([...without(LISTS!), rig.outbound(1)], [...rig.SECURITY, rig.outbound(1)]),
  'virtio/NET-IPSEC-D3': twin([...without(READS!), rig.outbound(1)], [...rig.SECURITY, rig.outbound(1)]),
  'virtio/NET-IPSEC-D4': twin([...without(SETS!), rig.outbound(1)], [...rig.SECURITY, rig.outbound(1)]),
  'virtio/NET-IPSEC-D5': security(
    [rig.outbound(1, rig.association('OUTBOUND', { cipher_key_length: 0 }))],
    [rig.outbound(1)],
  ),
  'virtio/NET-IPSEC-D6': security([rig.inbound(1, rig.association('INBOUND', { spi: 0 }))], [rig.inbound(1)]),
  'virtio/NET-IPSEC-D7': security(
    [rig.inbound(1), rig.inbound(2)],
    [rig.inbound(1), rig.inbound(2, rig.association('INBOUND', { spi: 0x1001 }))],
  ),
  'virtio/NET-IPSEC-D8': security([rig.outbound(1), secures(1, LONG)], [rig.outbound(1), secures(1)]),
  'virtio/NET-TX-D35': security([secures(1)], [rig.outbound(1), secures(1)]),
  'virtio/NET-TX-D36': security([rig.outbound(1), secures(2)], [rig.outbound(1), secures(1)]),
});
