import type { RoutingResult } from '../scenarios/routing.js';
import { figure, table } from './table.js';

export function routingLines({ matched, costs, ratio }: RoutingResult): string[] {
  const rows = costs.map(({ subscriptions, microsPerEvent, bytesPerSubscription }) => [
    subscriptions.toLocaleString('en-US'),
    figure(microsPerEvent),
    figure(bytesPerSubscription),
  ]);
  return [
    '',
    `routing: finding the ${matched} subscriptions that want an event, in this process`,
    ...table([
      ['  subscriptions', 'µs/event', 'bytes/subscription'],
      ...rows.map(([size = '', ...rest]) => [`  ${size}`, ...rest]),
    ]),
    `  the dearest over the cheapest: ${figure(ratio)}`,
  ];
}
