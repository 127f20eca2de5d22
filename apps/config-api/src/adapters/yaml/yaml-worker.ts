import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';

const TIMEOUT_MS = 30_000;
const MAX_HEAP_MB = 1_024;

/** Where `yaml` is found, for the worker has no place of its own. */
const yamlPath = createRequire(import.meta.url).resolve('yaml');

// Aliases that repeat what they name could make a small text a huge value: none may repeat more than 100 values.
const CODE = `
const { parentPort, workerData } = require('node:worker_threads');
const yaml = require(workerData.yamlPath);
try {
  const done = workerData.work === 'read'
    ? JSON.stringify(yaml.parse(workerData.text, { maxAliasCount: 100, uniqueKeys: true, schema: 'core' }))
    : yaml.stringify(JSON.parse(workerData.text), { aliasDuplicateObjects: false, lineWidth: 0 });
  parentPort.postMessage({ done });
} catch (error) {
  parentPort.postMessage({ failed: error instanceof Error ? error.message : String(error) });
}`;

/** Text that is no YAML; the message tells where. */
export class YamlError extends Error {
  override readonly name = 'YamlError';
}

/** YAML 1.2 as JSON text. In a thread of its own: megabytes of YAML would keep everyone else waiting for seconds. */
export function jsonOfYaml(text: string): Promise<string> {
  return inWorker('read', text);
}

export function yamlOfJson(text: string): Promise<string> {
  return inWorker('write', text);
}

function inWorker(work: 'read' | 'write', text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(CODE, {
      eval: true,
      workerData: { work, text, yamlPath },
      resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB },
      execArgv: [],
    });
    const timer = setTimeout(() => fail('takes too long to read'), TIMEOUT_MS);
    const fail = (message: string) => {
      clearTimeout(timer);
      void worker.terminate();
      reject(new YamlError(message.split('\n', 1)[0]));
    };
    worker.once('message', (message: unknown) => {
      const { done, failed } = answerOf(message);
      if (done === undefined) return fail(failed ?? 'is empty');
      clearTimeout(timer);
      void worker.terminate();
      resolve(done);
    });
    worker.once('error', (error: Error) => fail(error.message));
  });
}

function answerOf(message: unknown): { readonly done?: string; readonly failed?: string } {
  if (typeof message !== 'object' || message === null) return {};
  if ('done' in message && typeof message.done === 'string') return { done: message.done };
  return 'failed' in message && typeof message.failed === 'string' ? { failed: message.failed } : {};
}
