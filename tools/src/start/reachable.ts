import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

export interface Address {
  readonly host: string;
  readonly port: number;
}

const PAUSE_MS = 1_000;
const CONNECT_TIMEOUT_MS = 3_000;

/** Resolves as soon as something listens at one of the addresses. */
export async function waitUntilReachable(addresses: readonly Address[], signal: AbortSignal): Promise<void> {
  for (;;) {
    const answers = await Promise.all(addresses.map(isListening));
    if (answers.includes(true)) return;
    await delay(PAUSE_MS, undefined, { signal });
  }
}

function isListening({ host, port }: Address): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: CONNECT_TIMEOUT_MS });
    const answer = (listening: boolean) => () => {
      socket.destroy();
      resolve(listening);
    };
    socket.once('connect', answer(true)).once('timeout', answer(false)).once('error', answer(false));
  });
}
