import type { Profile } from './profile.js';

/**
 * `object` is `page`; an entry is for one page, `event.subject`, else the recipient of the message. A data object that has a
 * `messaging` or `changes` of its own is the entry's as it is; any other is one item of `messaging`. Times are in milliseconds.
 */
const TEMPLATE = `{
  "object": entries[0].event.object ? entries[0].event.object : "page",
  "entry": [entries.(
    $page := event.subject ? event.subject : data.recipient.id;
    $about := { "id": $page ? $page : event.source, "time": $toMillis(event.time) };
    data.messaging or data.changes ? $merge([$about, data]) : $merge([$about, { "messaging": [data] }])
  )]
}`;

export const messenger: Profile = {
  name: 'messenger',
  description:
    'Events as the Messenger platform sends them: `object` and an `entry` for each event, several events in one request. An event is one `messaging` item of the page that its subject names. Signed with `X-Hub-Signature-256`.',
  settings: {
    payload: { format: 'template', template: TEMPLATE, batch: { maxEntries: 100, maxWait: '1s' } },
    signing: { scheme: 'messenger' },
  },
};
