import type { Profile } from './profile.js';

export const jobTracker: Profile = {
  name: 'job-tracker',
  description:
    'JSON over https only, with Basic auth or none. It starts inactive, and activating it sends a ping. After a failure it is tried again 5 minutes later and 10 minutes after that; the third failure ends it.',
  settings: {
    endpoint: { httpsOnly: true },
    payload: { format: 'json' },
    signing: { scheme: 'none' },
    retry: { schedule: ['5m', '10m'], jitter: 0 },
    onFailure: { deactivateOnGone: false },
    startInactive: true,
    test: { onActivation: true },
  },
};
