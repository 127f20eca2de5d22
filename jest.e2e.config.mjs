// Black-box tests over the built services, one after the other: they share two cores with five services, a broker and
// a database.
import { base } from './jest.config.mjs';

export default {
  ...base,
  testMatch: ['<rootDir>/apps/e2e/**/*.spec.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
  globalSetup: '<rootDir>/libs/testing/harness/global-setup.mjs',
  globalTeardown: '<rootDir>/libs/testing/harness/global-teardown.mjs',
  maxWorkers: 1,
  testTimeout: 300_000,
};
