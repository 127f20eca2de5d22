import type { Profile } from './profile.js';

export const cloudevents: Profile = {
  name: 'cloudevents',
  description: 'CloudEvents over HTTP in binary mode; `payload.format: "cloudevents-structured"` for the other mode.',
  settings: {
    payload: { format: 'cloudevents-binary' },
    signing: { scheme: 'standard-webhooks' },
  },
};
