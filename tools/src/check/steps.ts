export interface Step {
  readonly name: string;
  /** What a person does about a failure, besides reading the output. */
  readonly remedy: string;
  /** A script of node_modules and its arguments, run by Node in the root of the checkout. */
  readonly args: readonly string[];
}

const JEST = ['--experimental-vm-modules', '--no-warnings=ExperimentalWarning', 'node_modules/jest/bin/jest.js'];

/** What `npm run check` runs, in this order. */
export const STEPS: readonly Step[] = [
  {
    name: 'format',
    remedy: 'npm run format',
    args: ['node_modules/prettier/bin/prettier.cjs', '--check', '.'],
  },
  {
    name: 'lint',
    remedy: 'npx eslint . --fix',
    args: [
      'node_modules/eslint/bin/eslint.js',
      '.',
      '--max-warnings=0',
      '--cache',
      '--cache-strategy=content',
      '--cache-location=.nx/eslintcache',
    ],
  },
  {
    name: 'types',
    remedy: 'npx tsc -p tsconfig.spec.json',
    args: ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.spec.json', '--noEmit'],
  },
  {
    name: 'boundaries',
    remedy: 'see depConstraints in eslint.config.mjs',
    args: [...JEST, '--config=jest.config.mjs', 'tools/src/check/module-boundaries.spec.ts'],
  },
  {
    name: 'dead code',
    remedy: 'remove it, or name its entry point in knip.json',
    args: ['node_modules/knip/bin/knip.js'],
  },
  {
    name: 'documents',
    remedy: 'npm run docs',
    args: ['tools/dist/docs.js', '--check'],
  },
];
