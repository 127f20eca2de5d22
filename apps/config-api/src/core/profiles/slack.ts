import type { Profile } from './profile.js';

const TEMPLATE = `{
  "text": data.text ? data.text : event.type & (event.subject ? " (" & event.subject & ")" : "")
}`;

export const slack: Profile = {
  name: 'slack',
  description:
    "A message for one of Slack's incoming webhooks: the `text` of the data, else the event's type and subject. Slack takes one message a second.",
  settings: {
    payload: { format: 'template', template: TEMPLATE },
    signing: { scheme: 'none' },
    rateLimit: { perSecond: 1 },
  },
};
