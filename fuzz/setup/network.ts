import { type GceNetwork, gceNetwork } from '../../src/index.ts';

/** The minimum budget, so that a flood soon uses it up. */
export const NETWORK_BUDGET = 1 << 20;
const ANSWER = 64 << 10;
export const FLOODED = { page: '/made', echo: 7, greets: 22 } as const;

/** A network with services that amplify requests. */
export function hospitableNetwork(): GceNetwork {
  const network = gceNetwork({ budget: NETWORK_BUDGET });
  network.http(FLOODED.page, (_request, respond) => respond({ status: 200, body: new Uint8Array(ANSWER) }));
  network.tcp(FLOODED.echo, (socket) => {
    socket.onData = (bytes) => socket.write(bytes);
  });
  network.tcp(FLOODED.greets, (socket) => socket.write(new Uint8Array(ANSWER)));
  return network;
}
