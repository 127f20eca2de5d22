import js from '@eslint/js';
import { createProjectGraphAsync } from '@nx/devkit';
import nx from '@nx/eslint-plugin';
import prettier from 'eslint-config-prettier';
import globals from 'globals';
import tseslint from 'typescript-eslint';

// The boundaries rule reads the graph from Nx's cache and passes over everything in silence where there is none, as in a
// fresh clone. A daemon would stay behind.
process.env.NX_DAEMON ??= 'false';
await createProjectGraphAsync();

const NEST = ['@nestjs/*', 'rxjs', 'fastify', '@fastify/*'];
const KAFKA_CLIENT = ['kafkajs'];
const IO = ['undici', 'axios', 'pg', 'typeorm', 'pino', ...NEST, ...KAFKA_CLIENT];

/** An arrow goes one way only: apps → service → adapters → contracts → domain. */
const layers = [
  { sourceTag: 'layer:domain', onlyDependOnLibsWithTags: ['layer:domain'] },
  { sourceTag: 'layer:pure', onlyDependOnLibsWithTags: ['layer:domain'] },
  { sourceTag: 'layer:contracts', onlyDependOnLibsWithTags: ['layer:domain'] },
  { sourceTag: 'layer:engine', onlyDependOnLibsWithTags: ['layer:domain', 'layer:contracts'] },
  { sourceTag: 'layer:adapter', onlyDependOnLibsWithTags: ['layer:domain', 'layer:contracts'] },
  { sourceTag: 'layer:service', onlyDependOnLibsWithTags: ['layer:domain', 'layer:contracts', 'layer:adapter'] },
  {
    sourceTag: 'layer:app',
    onlyDependOnLibsWithTags: [
      'layer:domain',
      'layer:pure',
      'layer:contracts',
      'layer:engine',
      'layer:adapter',
      'layer:service',
      'layer:testing',
    ],
  },
  {
    sourceTag: 'layer:testing',
    onlyDependOnLibsWithTags: [
      'layer:domain',
      'layer:pure',
      'layer:contracts',
      'layer:engine',
      'layer:adapter',
      'layer:service',
      'layer:testing',
    ],
  },
  {
    sourceTag: 'layer:e2e',
    onlyDependOnLibsWithTags: ['layer:domain', 'layer:contracts', 'layer:adapter', 'layer:testing'],
  },
  {
    sourceTag: 'layer:tools',
    onlyDependOnLibsWithTags: [
      'layer:domain',
      'layer:pure',
      'layer:contracts',
      'layer:adapter',
      'layer:service',
      'layer:testing',
    ],
  },
];

/** What a layer may not import from npm, whoever depends on it. */
const bannedImports = [
  { sourceTag: 'pure', bannedExternalImports: IO },
  { sourceTag: 'layer:adapter', bannedExternalImports: NEST },
  { sourceTag: 'layer:app', bannedExternalImports: KAFKA_CLIENT },
  { sourceTag: 'layer:service', bannedExternalImports: KAFKA_CLIENT },
  { sourceTag: 'layer:testing', bannedExternalImports: [...NEST, ...KAFKA_CLIENT] },
  { sourceTag: 'layer:e2e', bannedExternalImports: [...NEST, ...KAFKA_CLIENT] },
  { sourceTag: 'layer:tools', bannedExternalImports: [...NEST, ...KAFKA_CLIENT] },
];

/** Its specs build deliveries and settings like those of the services. */
const engineSpecs = layers.map(({ sourceTag, onlyDependOnLibsWithTags }) =>
  sourceTag === 'layer:engine'
    ? { sourceTag, onlyDependOnLibsWithTags: [...onlyDependOnLibsWithTags, 'layer:testing'] }
    : { sourceTag, onlyDependOnLibsWithTags },
);

const boundaries = (allowed) => ({
  enforceBuildableLibDependency: false,
  banTransitiveDependencies: true,
  allow: [],
  depConstraints: [...allowed, ...bannedImports],
});

const notInPureCode = ['fs', 'net', 'http', 'https', 'dns', 'child_process', 'worker_threads', 'tls', 'dgram'];

export default tseslint.config(
  { ignores: ['**/dist/**', '**/.nx/**', '**/.hookstream/**'] },
  js.configs.recommended,
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: {
      globals: globals.node,
      parserOptions: { project: ['./tsconfig.spec.json'], tsconfigRootDir: import.meta.dirname },
    },
    plugins: { '@nx': nx },
    rules: {
      '@nx/enforce-module-boundaries': ['error', boundaries(layers)],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
      eqeqeq: 'error',
    },
  },
  {
    files: ['libs/{domain,filters,signing,rendering,contracts,engine}/src/**/*.ts'],
    ignores: ['**/*.spec.ts'],
    rules: {
      'no-restricted-imports': ['error', { paths: notInPureCode.map((name) => `node:${name}`) }],
      'no-restricted-globals': ['error', 'setTimeout', 'setInterval', 'fetch', 'process'],
    },
  },
  {
    files: ['libs/engine/src/**/*.spec.ts', 'libs/engine/test/**/*.ts'],
    rules: { '@nx/enforce-module-boundaries': ['error', boundaries(engineSpecs)] },
  },
  {
    files: ['**/*.spec.ts', '**/test/**/*.ts', 'apps/e2e/**/*.ts'],
    rules: { '@typescript-eslint/unbound-method': 'off' },
  },
  { files: ['**/*.mjs'], ...tseslint.configs.disableTypeChecked },
  prettier,
);
