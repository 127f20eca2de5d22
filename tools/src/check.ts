import { spawnSync } from 'node:child_process';
import { checkReport, type StepResult } from './check/report.js';
import { STEPS } from './check/steps.js';

const results: StepResult[] = [];
for (const step of STEPS) {
  console.log(`\n── ${step.name}`);
  const startedAt = performance.now();
  const { status, signal } = spawnSync(process.execPath, step.args, { stdio: 'inherit' });
  if (signal === 'SIGINT' || signal === 'SIGTERM') process.exit(130);
  results.push({ ...step, passed: status === 0, seconds: (performance.now() - startedAt) / 1000 });
}
console.log(`\n${checkReport(results)}`);
process.exitCode = results.every(({ passed }) => passed) ? 0 : 1;
