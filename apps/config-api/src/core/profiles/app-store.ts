import type { Profile } from './profile.js';

/** The data is the payload; a ping has one of its own. */
const TEMPLATE = `event.type = "hookstream.ping"
  ? { "type": "ping", "epoch_timestamp": $floor($toMillis(event.time) / 1000) }
  : data`;

/** Nowhere is it said when the retries come, only that there are 20: they begin after seconds and end after a week. */
const RETRIES = [
  ...['5s', '20s', '90s', '5m', '10m', '20m', '40m', '70m', '2h', '3h'],
  ...['4h', '6h', '8h', '10h', '14h', '18h', '23h', '28h', '36h', '44h'],
];

export const appStore: Profile = {
  name: 'app-store',
  description:
    'Notifications of purchases: `payload`, the data alone, and `md5` beside it, as JSON, or by `payload.format` as `form` or `xml`; POST, or by `endpoint.method` PUT. Only 200 is a success; 20 retries. A test sends a ping of type and time, and one that fails deactivates. `filters` choose apps and SKUs.',
  settings: {
    endpoint: { successStatuses: [200] },
    payload: { format: 'json', template: TEMPLATE },
    signing: { scheme: 'md5' },
    retry: { schedule: RETRIES },
    onFailure: { deactivateOnGone: false },
    test: { failureDeactivates: true },
  },
};
