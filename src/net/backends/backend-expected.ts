import { Hub, Switch } from './switch.ts';

/** What to expect in an error when `given` is no backend: for a hub or a switch, one of its ports. */
export function backendExpected(given: unknown, expected: string): string {
  const kind = given instanceof Hub ? 'hub' : given instanceof Switch ? 'lan' : undefined;
  return kind === undefined ? expected : `a backend, but its ports are: use ${kind}.port('a')`;
}
