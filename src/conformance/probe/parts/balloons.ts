import { virtioBalloonDriver } from '../../../guest/index.ts';
import type { GatheredBalloon } from '../other-end/balloon.ts';
import type { PartReport } from './part-report.ts';

export const balloonReport = {
  function: { what: 'memory', driver: virtioBalloonDriver },
  rows: (seen) =>
    seen.map(({ asked, given, left }) => ['balloon', `${asked} pages`, `${given} given, ${left} left`]),
  json: () => ({}),
} satisfies PartReport<GatheredBalloon>;
