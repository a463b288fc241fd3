import { Hub } from './hub.ts';
import { Switch } from './switch.ts';

/** What was expected where `given` is no backend: of a hub or a switch a port is one. */
export function backendExpected(given: unknown, expected: string): string {
  const kind = given instanceof Hub ? 'hub' : given instanceof Switch ? 'lan' : undefined;
  return kind === undefined ? expected : `a backend, but its ports are: use ${kind}.port('a')`;
}
