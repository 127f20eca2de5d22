import { describe, expect, it } from '@jest/globals';
import { Membership } from './membership.js';

function membership() {
  const clock = { nowMs: 0 };
  return { clock, subject: new Membership(10_000, () => clock.nowMs) };
}

describe('Membership', () => {
  it('is ready between joining and the end of heartbeats', () => {
    const { clock, subject } = membership();
    subject.joining();
    expect(subject.readiness()).toBe('has not joined its consumer group yet');
    subject.confirmed();
    expect(subject.readiness()).toBe(true);
    clock.nowMs = 12_400;
    expect(subject.readiness()).toBe('no heartbeat answered for 12 s');
    subject.confirmed();
    expect(subject.readiness()).toBe(true);
  });

  it('tells why it was lost until a heartbeat is answered', () => {
    const { subject } = membership();
    subject.confirmed();
    subject.crashed('no leader');
    expect(subject.readiness()).toBe('has not joined its consumer group yet: no leader');
    subject.confirmed();
    expect(subject.readiness()).toBe(true);
  });

  it('names missing topics', () => {
    const { subject } = membership();
    subject.confirmed();
    subject.missing(['a', 'b']);
    expect(subject.readiness()).toBe('topics are missing: a, b');
    subject.missing([]);
    expect(subject.readiness()).toBe(true);
  });

  it('stays not ready once it stops', () => {
    const { subject } = membership();
    subject.stopping();
    subject.confirmed();
    expect(subject.readiness()).toBe('is leaving its consumer group');
  });
});
