import { type Conformance, fails, IdleModelError } from '../../src/conformance/index.ts';

/** The scenarios that the driver did not pass; if it matched no function, there was nothing to pass. */
export function failedIn({ runs }: Conformance): string[] {
  const wrong = runs.filter(({ stopped, verdicts }) => stopped !== null || verdicts.some(fails));
  return wrong.filter(({ stopped }) => !(stopped instanceof IdleModelError)).map(({ scenario }) => scenario);
}
