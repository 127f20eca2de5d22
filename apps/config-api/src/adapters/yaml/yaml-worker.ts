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
function read(text) {
  const document = yaml.parseDocument(text, { uniqueKeys: true, schema: 'core', prettyErrors: true });
  const [error] = document.errors;
  if (error === undefined) return JSON.stringify(document.toJS({ maxAliasCount: 100 }));
  if (error.code === 'DUPLICATE_KEY') {
    parentPort.postMessage({ failed: 'is given twice; leave one of them out', pointer: pointerTo(document, error.pos[0]) });
  }
  throw error;
}
function pointerTo(document, offset) {
  let pointer;
  yaml.visit(document, {
    Pair(_, pair, ancestors) {
      if (pair.key?.range?.[0] !== offset) return;
      const path = [...ancestors, pair].flatMap((node, depth, all) => {
        if (yaml.isPair(node)) return [String(node.key?.value ?? node.key)];
        return yaml.isSeq(node) ? [node.items.indexOf(all[depth + 1])] : [];
      });
      pointer = path.map((part) => '/' + String(part).replaceAll('~', '~0').replaceAll('/', '~1')).join('');
      return yaml.visit.BREAK;
    },
  });
  return pointer;
}
try {
  const done = workerData.work === 'read'
    ? read(workerData.text)
    : yaml.stringify(JSON.parse(workerData.text), { aliasDuplicateObjects: false, lineWidth: 0 });
  parentPort.postMessage({ done });
} catch (error) {
  parentPort.postMessage({ failed: error instanceof Error ? error.message : String(error) });
}`;

/** Text that is no YAML; the message tells where. */
export class YamlError extends Error {
  override readonly name = 'YamlError';

  /** @param pointer the value it is about (RFC 6901), where that is known */
  constructor(
    message: string | undefined,
    readonly pointer?: string,
  ) {
    super(message);
  }
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
    const fail = (message: string, pointer?: string) => {
      clearTimeout(timer);
      void worker.terminate();
      reject(new YamlError(message.split('\n', 1)[0], pointer));
    };
    worker.once('message', (message: unknown) => {
      const { done, failed, pointer } = answerOf(message);
      if (done === undefined) return fail(failed ?? 'is empty', pointer);
      clearTimeout(timer);
      void worker.terminate();
      resolve(done);
    });
    worker.once('error', (error: Error) => fail(error.message));
  });
}

interface WorkersAnswer {
  readonly done?: string;
  readonly failed?: string;
  readonly pointer?: string;
}

function answerOf(message: unknown): WorkersAnswer {
  const text = (name: keyof WorkersAnswer) => {
    const value: unknown = typeof message === 'object' && message !== null ? Reflect.get(message, name) : undefined;
    return typeof value === 'string' ? { [name]: value } : {};
  };
  return { ...text('done'), ...text('failed'), ...text('pointer') };
}
