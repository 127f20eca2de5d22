import type { OutgoingHttpHeaders } from 'node:http';
import type { ReceivedRequest } from './received-request.js';

export interface Answer {
  /** Default 200. */
  readonly status?: number;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string | Uint8Array;
  /** How long to wait before answering. */
  readonly delayMs?: number;
}

/** `hang`: never answer and keep the connection. `reset`: cut the connection. */
export type Reaction = Answer | 'hang' | 'reset';

/** Decides about one request, after all of it has come. */
export type Script = (request: ReceivedRequest) => Reaction | Promise<Reaction>;

/** Each request gets the next of these; the last is given for ever. A number stands for its status. */
export function inTurn(...reactions: readonly [Reaction | number, ...(Reaction | number)[]]): Script {
  let next = 0;
  return () => {
    const reaction = reactions[Math.min(next, reactions.length - 1)] ?? 200;
    next += 1;
    return typeof reaction === 'number' ? { status: reaction } : reaction;
  };
}

/**
 * A script per value of a header, so that each delivery (`webhook-id`) goes through the same turns:
 * `perHeader('webhook-id', () => inTurn(503, 503, 200))`.
 */
export function perHeader(name: string, makeScript: (value: string) => Script): Script {
  const scripts = new Map<string, Script>();
  return (request) => {
    const value = String(request.headers[name.toLowerCase()] ?? '');
    const script = scripts.get(value) ?? makeScript(value);
    scripts.set(value, script);
    return script(request);
  };
}
