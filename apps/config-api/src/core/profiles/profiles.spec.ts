import { describe, expect, it } from '@jest/globals';
import { mergePatch } from '../json-merge.js';
import { subscriptionRequest } from '../subscriptions/subscription-request.js';
import { listedProfiles, PROFILES, withProfile } from './profiles.js';

const endpoint = { url: 'https://receiver.example/hook' };

describe('a profile', () => {
  it.each(PROFILES.map(({ name }) => name))('%s with the addresses alone is a subscription', (profile) => {
    const hydrate = { url: 'https://api.example/{{event.subject}}' };
    const addresses = { endpoint, ...(profile === 'snapbill' && { payload: { hydrate } }) };
    const read = subscriptionRequest.safeParse(withProfile({ profile, ...addresses }));
    expect(read.error?.issues).toBeUndefined();
  });

  it.each(listedProfiles)('$name has a sample that a subscription of it takes', ({ name, sample }) => {
    if (!sample) throw new Error(`samples.ts has none of ${name}`);
    const eventTypes = sample.events.map(({ type }) => type);
    expect(eventTypes).not.toEqual([]);
    const settings = JSON.stringify(sample.settings ?? {}).replaceAll('{{receiver}}', 'https://receiver.example');
    const given = mergePatch({ profile: name, eventTypes, endpoint }, JSON.parse(settings));
    expect(subscriptionRequest.safeParse(withProfile(given)).error?.issues).toBeUndefined();
  });

  it('gives way to what the request says itself, member by member', () => {
    const request = {
      profile: 'github',
      endpoint: { ...endpoint, headers: { 'X-GitHub-Event': null } },
      retry: { jitter: 0 },
    };
    expect(withProfile(request)).toMatchObject({
      profile: 'github',
      endpoint: { ...endpoint, timeout: '10s', headers: { 'X-GitHub-Delivery': '{{delivery.id}}' } },
      signing: { scheme: 'github' },
      retry: { schedule: [], jitter: 0 },
    });
    expect(withProfile(request)).not.toHaveProperty(['endpoint', 'headers', 'X-GitHub-Event']);
  });

  it('that is not there is refused with the names of those that are', () => {
    const read = subscriptionRequest.safeParse(withProfile({ profile: 'gitlab', endpoint }));
    expect(read.error?.issues).toMatchObject([
      { path: ['profile'], message: expect.stringContaining('standard-webhooks') },
    ]);
  });
});
