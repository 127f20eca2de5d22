// Integration tests, run from source against one real Kafka and one real PostgreSQL that the harness starts.
// Most of their time is waiting, so two at once take little more than the longer of them.
import { base, maxWorkers } from './jest.config.mjs';

export default {
  ...base,
  maxWorkers,
  testMatch: ['<rootDir>/{libs,apps}/*/test/**/*.int.spec.ts', '<rootDir>/tools/test/**/*.int.spec.ts'],
  testPathIgnorePatterns: ['/apps/e2e/', '/node_modules/'],
  globalSetup: '<rootDir>/libs/testing/harness/global-setup.mjs',
  globalTeardown: '<rootDir>/libs/testing/harness/global-teardown.mjs',
  testTimeout: 60_000,
};
