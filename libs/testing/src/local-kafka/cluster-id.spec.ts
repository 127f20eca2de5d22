import { describe, expect, it } from '@jest/globals';
import { newClusterId } from './cluster-id.js';

describe('newClusterId', () => {
  it('never begins with a dash, whatever the random bytes', () => {
    for (let first = 0; first < 256; first++) {
      const id = newClusterId((size) => Buffer.alloc(size, first));
      expect(id).toMatch(/^[A-Za-z0-9][\w-]{21}$/);
    }
  });
});
