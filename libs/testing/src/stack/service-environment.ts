import type { ServiceName } from './service-names.js';

export interface ServiceSettings {
  /** Bootstrap servers, `host:port` separated by commas. */
  readonly brokers: string;
  readonly databaseUrl: string;
  /** Default `hookstream.`. */
  readonly topicPrefix?: string;
  /** A platform-wide admin key that config-api makes valid at its start. */
  readonly apiKey: string;
  /** `<keyid>:<base64 of 32 bytes>`, separated by commas, the current one first. */
  readonly encryptionKeys: string;
  /** CIDRs to which the dispatcher may deliver although they are not public. Default: loopback. */
  readonly egressAllow?: string;
  /** For every service, over all of the above. */
  readonly env?: Readonly<Record<string, string>>;
  /** For one service, over `env`. */
  readonly serviceEnv?: Partial<Readonly<Record<ServiceName, Readonly<Record<string, string>>>>>;
}

export type ServicePorts = Readonly<Record<ServiceName, number>>;

const LOOPBACK = '127.0.0.0/8,::1/128';
/** What one of our parents may have in its environment and not every service may see. */
const NOT_FOR_ALL = ['DATABASE_URL', 'API_KEY', 'BOOTSTRAP_API_KEY', 'ENCRYPTION_KEYS'].map(
  (name) => `HOOKSTREAM_${name}`,
);

/** The environment of one service: only config-api and audit-log hear of the database, router and others cannot ask it. */
export function serviceEnvironment(
  name: ServiceName,
  settings: ServiceSettings,
  ports: ServicePorts,
  inherited: NodeJS.ProcessEnv,
): NodeJS.ProcessEnv {
  return {
    ...Object.fromEntries(Object.entries(inherited).filter(([key]) => !NOT_FOR_ALL.includes(key))),
    NODE_ENV: 'production',
    HOOKSTREAM_KAFKA_BROKERS: settings.brokers,
    HOOKSTREAM_TOPIC_PREFIX: settings.topicPrefix ?? 'hookstream.',
    HOOKSTREAM_HOST: '127.0.0.1',
    HOOKSTREAM_PORT: String(ports[name]),
    ...ownSettings(name, settings, ports),
    ...settings.env,
    ...settings.serviceEnv?.[name],
  };
}

function ownSettings(name: ServiceName, settings: ServiceSettings, ports: ServicePorts): Record<string, string> {
  switch (name) {
    case 'config-api':
      return {
        HOOKSTREAM_DATABASE_URL: settings.databaseUrl,
        HOOKSTREAM_AUDIT_LOG_URL: `http://127.0.0.1:${ports['audit-log']}`,
        HOOKSTREAM_PUBLIC_URL: `http://127.0.0.1:${ports['config-api']}`,
        HOOKSTREAM_BOOTSTRAP_API_KEY: settings.apiKey,
        HOOKSTREAM_ENCRYPTION_KEYS: settings.encryptionKeys,
      };
    case 'dispatcher':
      return {
        HOOKSTREAM_EGRESS_ALLOW: settings.egressAllow ?? LOOPBACK,
        HOOKSTREAM_ENCRYPTION_KEYS: settings.encryptionKeys,
      };
    case 'audit-log':
      return { HOOKSTREAM_DATABASE_URL: settings.databaseUrl };
    case 'router':
    case 'retry-scheduler':
      return {};
  }
}
