import { randomBytes } from 'node:crypto';
import { randomApiKey, randomEncryptionKeys } from '@hookstream/testing';
import { z } from 'zod';
import { readJsonFile, writePrivateFile } from './json-file.js';

const secrets = z.object({ apiKey: z.string(), encryptionKeys: z.string(), databasePassword: z.string() });

export type Secrets = z.infer<typeof secrets>;

/** Made at random by the first start, then kept: stored subscriptions can only be read with the same keys. */
export function loadOrMakeSecrets(path: string): Secrets {
  const kept = readJsonFile(path, secrets);
  if (kept) return kept;
  const made: Secrets = {
    apiKey: randomApiKey(),
    encryptionKeys: randomEncryptionKeys(),
    databasePassword: randomBytes(16).toString('hex'),
  };
  writePrivateFile(path, `${JSON.stringify(made, null, 2)}\n`);
  return made;
}
