// Integration tests, run from source against one real Kafka and one real PostgreSQL that the harness starts.
import { base } from './jest.config.mjs';

export default {
  ...base,
  testMatch: ['<rootDir>/{libs,apps}/*/test/**/*.int.spec.ts', '<rootDir>/tools/test/**/*.int.spec.ts'],
  testPathIgnorePatterns: ['/apps/e2e/', '/node_modules/'],
  globalSetup: '<rootDir>/libs/testing/harness/global-setup.mjs',
  globalTeardown: '<rootDir>/libs/testing/harness/global-teardown.mjs',
  testTimeout: 60_000,
};
