import { checkMethods } from '../../core/checks.ts';
import type { Clock } from '../../core/clock.ts';
import type { NetBackend } from './backend.ts';
import { backendExpected } from './backend-expected.ts';

const EXPECTED = 'a backend (send, attach)';

/**
 * A cable between two backends: each takes the place of the other's NIC. It joins a switch to a hub, or to another
 * program's wire.
 *
 * @example
 * const lan = new Switch();
 * const clock = new Clock();
 * join(lan.port('qemu'), await SocketWire.connect({ port: 4444 }), clock);
 * const machine = gceN1({ clock, nics: [{ backend: lan.port('ours') }] });
 *
 * @throws MisuseError for an invalid backend.
 */
export function join(left: NetBackend, right: NetBackend, clock: Clock): void {
  checkMethods('join.left', left, ['send', 'attach'], backendExpected(left, EXPECTED));
  checkMethods('join.right', right, ['send', 'attach'], backendExpected(right, EXPECTED));
  left.attach({ clock, receive: (frame) => right.send(frame) });
  right.attach({ clock, receive: (frame) => left.send(frame) });
}
