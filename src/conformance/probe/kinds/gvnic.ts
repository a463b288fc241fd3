import { type GvnicFacts, gvnicDriver } from '../../../guest/index.ts';
import type { ProbedKind } from './kind.ts';

export const gvnicsKind = {
  function: { what: 'network', driver: gvnicDriver },
  rows: (seen) =>
    seen.map(({ mac, format, formats }) => ['gvnic', mac, `${format} of ${formats.join(' ') || 'none'}`]),
  json: (seen: readonly GvnicFacts[]) => ({
    gvnics: seen.map(({ mac, mtu, format, formats }) => ({ mac, mtu, format, formats })),
  }),
} satisfies ProbedKind<'gvnics', GvnicFacts>;
