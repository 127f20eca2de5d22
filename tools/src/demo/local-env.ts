import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';

const localEnv = z.object({
  HOOKSTREAM_URL: z.string(),
  HOOKSTREAM_API_KEY: z.string(),
  HOOKSTREAM_KAFKA_BROKERS: z.string(),
});

export type LocalEnv = z.infer<typeof localEnv>;

/** Where the running stack is: from the file that `npm start` keeps while it runs; undefined when it does not run. */
export function readLocalEnv(path: string): LocalEnv | undefined {
  if (!existsSync(path)) return undefined;
  return localEnv.safeParse(parseEnvFile(readFileSync(path, 'utf8'))).data;
}

export function parseEnvFile(text: string): Record<string, string> {
  const pairs = text.split('\n').flatMap((line) => {
    const [, key, value] = /^([A-Z0-9_]+)=(.*)$/.exec(line) ?? [];
    return key === undefined || value === undefined ? [] : [[key, value] as const];
  });
  return Object.fromEntries(pairs);
}
