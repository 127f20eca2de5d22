import { describe, expect, it } from '@jest/globals';
import { Fence } from './fence.js';

describe('Fence', () => {
  it('is open only while membership and configuration are both younger than three seconds', () => {
    const state = { nowMs: 10_000, fetchedAtMs: 10_000 as number | undefined };
    const fence = new Fence(
      () => state.fetchedAtMs,
      () => state.nowMs,
    );
    expect(fence.isOpen()).toBe(false);
    fence.heartbeat(9_000);
    expect(fence.isOpen()).toBe(true);
    state.nowMs = 12_000;
    expect(fence.isOpen()).toBe(false);
    fence.heartbeat(11_500);
    expect(fence.isOpen()).toBe(true);
    fence.heartbeat(9_500);
    state.nowMs = 13_000;
    expect(fence.isOpen()).toBe(false);
    state.fetchedAtMs = 13_000;
    expect(fence.isOpen()).toBe(true);
    state.fetchedAtMs = undefined;
    expect(fence.isOpen()).toBe(false);
  });
});
