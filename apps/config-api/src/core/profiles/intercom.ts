import type { Profile } from './profile.js';

/** `app_id` is the extension attribute `appid`; the item is the data as it is. Times are whole seconds since the epoch. */
const TEMPLATE = `(
  $seconds := function($time) { $floor($toMillis($time) / 1000) };
  {
    "type": "notification_event",
    "app_id": event.appid ? event.appid : event.source,
    "data": { "type": "notification_event_data", "item": data },
    "id": "notif_" & $substringAfter(delivery.id, "dlv_"),
    "topic": event.type = "hookstream.ping" ? "ping" : event.type,
    "delivery_status": delivery.previous ? "retrying" : null,
    "delivery_attempts": delivery.attemptInRun,
    "first_sent_at": $seconds(delivery.firstSentAt),
    "created_at": $seconds(event.time)
  }
)`;

export const intercom: Profile = {
  name: 'intercom',
  description:
    'A notification as Intercom sends it: the data as `item` of an envelope that names the topic and tells which attempt it is and when the first was sent. Signed with `X-Hub-Signature`. An answer is due within 5 seconds; after a week in which everything failed it is deactivated.',
  settings: {
    endpoint: { timeout: '5s' },
    payload: { format: 'template', template: TEMPLATE },
    signing: { scheme: 'intercom' },
    onFailure: { deactivateAfter: '7d' },
  },
};
