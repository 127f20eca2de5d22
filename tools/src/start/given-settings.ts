import { z } from 'zod';

/** What the environment of `npm start` may decide; empty counts as not set. */
const given = z.object({
  HOOKSTREAM_KAFKA_BROKERS: z.string().optional(),
  HOOKSTREAM_DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
  HOOKSTREAM_TOPIC_PREFIX: z.string().optional(),
  HOOKSTREAM_TOPIC_PARTITIONS: z.coerce.number().int().positive().optional(),
  HOOKSTREAM_TOPIC_REPLICATION: z.coerce.number().int().positive().optional(),
  HOOKSTREAM_EGRESS_ALLOW: z.string().optional(),
  HOOKSTREAM_BOOTSTRAP_API_KEY: z.string().optional(),
  HOOKSTREAM_ENCRYPTION_KEYS: z.string().optional(),
});

export type GivenSettings = z.infer<typeof given>;

/** Returns what is wrong as a text. */
export function readGivenSettings(env: NodeJS.ProcessEnv): GivenSettings | string {
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const result = given.safeParse(set);
  if (result.success) return result.data;
  return result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('\n');
}

/** Host and port of each broker; Kafka's usual port where none is named. */
export function brokerAddresses(brokers: string): { readonly host: string; readonly port: number }[] {
  return brokers.split(',').map((broker) => {
    const [, host = broker.trim(), port = '9092'] = /^(.*?):(\d+)$/.exec(broker.trim()) ?? [];
    return { host: host.replace(/^\[|\]$/g, ''), port: Number(port) };
  });
}
