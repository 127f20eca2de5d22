/** The five services, in the order in which they are listed to people. */
export const SERVICE_NAMES = ['config-api', 'router', 'dispatcher', 'retry-scheduler', 'audit-log'] as const;

export type ServiceName = (typeof SERVICE_NAMES)[number];

/** Where each listens unless something else does. */
export const DEFAULT_PORTS: Readonly<Record<ServiceName, number>> = {
  'config-api': 8080,
  router: 8081,
  dispatcher: 8082,
  'retry-scheduler': 8083,
  'audit-log': 8084,
};
