import type { Profile } from './profile.js';

/** Types are `invoice.update.state`: what becomes of the first segment's entity, by a path. */
const TEMPLATE = `{
  "uuid": delivery.id,
  "body": $merge([
    {
      "id": delivery.id,
      "path": "/" & $replace(event.type, ".", "/"),
      "details": data.details
    },
    { $substringBefore(event.type, "."): entity }
  ])
}`;

export const snapbill: Profile = {
  name: 'snapbill',
  description:
    'A notification of an event type such as `invoice.update.state`, with its path, the `details` of the data and the entity as it is at the delivery: `payload.hydrate.url` must say where that is read. It is tried until the answer is a 2xx; after a week without one those in `onFailure.notify.emails` are warned, and a day later the subscription is deactivated.',
  settings: {
    payload: { format: 'template', template: TEMPLATE, binding: 'delivery', hydrate: { notFound: 'null' } },
    signing: { scheme: 'none' },
    retry: { schedule: ['1m', '5m', '15m', '1h'], repeatLast: true, maxAge: '30d' },
    onFailure: { warnAfter: ['7d'], deactivateAfter: '8d', deactivateOnGone: false },
  },
};
