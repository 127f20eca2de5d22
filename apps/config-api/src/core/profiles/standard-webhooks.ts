import type { Profile } from './profile.js';

export const standardWebhooks: Profile = {
  name: 'standard-webhooks',
  description: 'Standard Webhooks, whole: what every subscription is that names no profile.',
  settings: {
    payload: { format: 'json' },
    signing: { scheme: 'standard-webhooks' },
  },
};
