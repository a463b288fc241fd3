/** RFC 9293, 3.3.2; LISTEN is represented by a handler for a port. */
export type TcpState =
  | 'SYN-SENT'
  | 'SYN-RECEIVED'
  | 'ESTABLISHED'
  | 'FIN-WAIT-1'
  | 'FIN-WAIT-2'
  | 'CLOSE-WAIT'
  | 'CLOSING'
  | 'LAST-ACK'
  | 'TIME-WAIT'
  | 'CLOSED';

type Steps = { readonly [From in TcpState]?: TcpState };

/** Events that close a connection, and the resulting states (RFC 9293, figure 5); other states do not change. */
const STEPS = {
  /** This end sends nothing more. */
  finished: { ESTABLISHED: 'FIN-WAIT-1', 'CLOSE-WAIT': 'LAST-ACK' },
  /** The peer acknowledged all of it, the FIN included. */
  acknowledged: { 'FIN-WAIT-1': 'FIN-WAIT-2', CLOSING: 'TIME-WAIT', 'LAST-ACK': 'CLOSED' },
  /** The peer sends nothing more. */
  heardAll: { ESTABLISHED: 'CLOSE-WAIT', 'FIN-WAIT-1': 'CLOSING', 'FIN-WAIT-2': 'TIME-WAIT' },
} as const satisfies Record<string, Steps>;

export type TcpStep = keyof typeof STEPS;

export function stepped(state: TcpState, step: TcpStep): TcpState {
  const steps: Steps = STEPS[step];
  return steps[state] ?? state;
}
