import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';

const apiEnv = z.object({ HOOKSTREAM_URL: z.string(), HOOKSTREAM_API_KEY: z.string() });
const localEnv = apiEnv.extend({ HOOKSTREAM_KAFKA_BROKERS: z.string() });

export type LocalEnv = z.infer<typeof localEnv>;

/** Where the running stack is: from the file that `npm start` keeps while it runs; undefined when it does not run. */
export function readLocalEnv(path: string): LocalEnv | undefined {
  if (!existsSync(path)) return undefined;
  return localEnv.safeParse(parseEnvFile(readFileSync(path, 'utf8'))).data;
}

/** Where the API is, for who needs no more: from the environment if it says so, else from that file. */
export function readApiEnv(path: string, environment: NodeJS.ProcessEnv): z.infer<typeof apiEnv> | undefined {
  return apiEnv.safeParse(environment).data ?? readLocalEnv(path);
}

export function parseEnvFile(text: string): Record<string, string> {
  const pairs = text.split('\n').flatMap((line) => {
    const [, key, value] = /^([A-Z0-9_]+)=(.*)$/.exec(line) ?? [];
    return key === undefined || value === undefined ? [] : [[key, value] as const];
  });
  return Object.fromEntries(pairs);
}
