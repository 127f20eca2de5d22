import type { Profile } from './profile.js';

export const github: Profile = {
  name: 'github',
  description:
    "A receiver of GitHub's webhooks: its event headers, both of its signatures, the data alone as the body, a ping when the subscription becomes active. Nothing is retried by itself; a delivery is sent again with `POST /v1/deliveries/{id}/replay`.",
  settings: {
    endpoint: {
      timeout: '10s',
      headers: {
        'X-GitHub-Event': '{{event.group}}',
        'X-GitHub-Delivery': '{{delivery.id}}',
        'X-GitHub-Hook-ID': '{{subscription.id}}',
      },
    },
    payload: { format: 'raw' },
    signing: { scheme: 'github' },
    retry: { schedule: [] },
    onFailure: { deactivateOnGone: false },
    test: { onActivation: true, body: { zen: 'Anything added dilutes everything else.' } },
  },
};
