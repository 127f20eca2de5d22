import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import { z } from 'zod';
import type { TemplateWorker, TemplateWorkerEvents } from '../core/templates/template-lane.js';

const STARTS_WITHIN_MS = 10_000;
const MAX_HEAP_MB = 128;
/** Compiled expressions that are kept. */
const KEPT = 500;
/** Of what a template gives: it goes into the log as it is. */
const MAX_RENDERED_BYTES = 262_144;

/** Where `jsonata` is found, for the thread has no place of its own. */
const jsonataPath = createRequire(import.meta.url).resolve('jsonata');

// An error's own words may repeat the data: only its code and place are told.
const CODE = `
const { parentPort, workerData } = require('node:worker_threads');
const jsonata = require(workerData.jsonataPath);
const compiled = new Map();
function expressionOf(text) {
  const known = compiled.get(text) || jsonata(text);
  compiled.delete(text);
  compiled.set(text, known);
  if (compiled.size > ${KEPT}) compiled.delete(compiled.keys().next().value);
  return known;
}
async function render({ expression, input }) {
  try {
    const value = await expressionOf(expression).evaluate(JSON.parse(input));
    const isJson = typeof value !== 'string';
    const text = isJson ? JSON.stringify(value) : value;
    if (text === undefined) return { kind: 'failed', message: 'the template gives nothing' };
    const bytes = Buffer.byteLength(text);
    if (bytes > ${MAX_RENDERED_BYTES}) return { kind: 'failed', message: 'the template gives ' + bytes + ' bytes, more than ${MAX_RENDERED_BYTES}' };
    return { kind: 'rendered', text, isJson };
  } catch (error) {
    const code = /^[A-Z][0-9]{4}$/.test(error && error.code) ? error.code : 'an error';
    const place = Number.isInteger(error && error.position) ? ' at character ' + error.position : '';
    return { kind: 'failed', message: 'the template ended with ' + code + place };
  }
}
parentPort.on('message', async (jobs) => {
  for (const job of jobs) parentPort.postMessage(await render(job));
});
parentPort.postMessage('ready');
`;

const result = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('rendered'), text: z.string(), isJson: z.boolean() }),
  z.object({ kind: z.literal('failed'), message: z.string() }),
]);

/** Starts a thread that renders JSONata templates, without the environment and with a heap of its own. */
export function startTemplateThread({ onResult, onDied }: TemplateWorkerEvents): Promise<TemplateWorker> {
  const worker = new Worker(CODE, {
    eval: true,
    workerData: { jsonataPath },
    env: {},
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB },
  });
  worker.unref();
  let isWanted = true;
  const end = (): void => {
    isWanted = false;
    void worker.terminate();
  };
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => fail(new Error('the thread for templates does not start')), STARTS_WITHIN_MS);
    const fail = (error: Error): void => {
      clearTimeout(timer);
      if (isWanted) onDied();
      end();
      reject(error);
    };
    worker.once('message', () => {
      clearTimeout(timer);
      worker.on('message', (message: unknown) => {
        if (isWanted) onResult(result.parse(message));
      });
      resolve({ post: (jobs) => worker.postMessage(jobs), terminate: end });
    });
    worker.once('error', fail);
    worker.once('exit', () => fail(new Error('the thread for templates has ended')));
  });
}
