import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { freePort } from '../free-port.js';
import { workspaceRoot } from '../workspace.js';
import { serviceEnvironment, type ServicePorts, type ServiceSettings } from './service-environment.js';
import { ServiceHandle } from './service-handle.js';
import { DEFAULT_PORTS, SERVICE_NAMES, type ServiceName } from './service-names.js';

export interface StackSettings extends Omit<ServiceSettings, 'apiKey' | 'encryptionKeys'> {
  /** Default: random. */
  readonly apiKey?: string;
  /** Default: random. */
  readonly encryptionKeys?: string;
  /** Which services to start. Default: all. */
  readonly only?: readonly ServiceName[];
  /** Default: free ones. They stay over restarts. */
  readonly ports?: Partial<ServicePorts>;
  /** One file per service. Default: none. */
  readonly logDir?: string;
  readonly pidDir?: string;
  readonly onLine?: (name: ServiceName, line: string) => void;
  /** The script of a service. Default: `apps/<name>/dist/main.js`. */
  readonly entryOf?: (name: ServiceName) => string;
}

/** The services of one stack; also those that `only` left out have an address. */
export interface ServiceStack {
  /** config-api's, the public origin. */
  readonly url: string;
  readonly apiKey: string;
  readonly all: readonly ServiceHandle[];
  /** Throws for a service that `only` left out. */
  service(name: ServiceName): ServiceHandle;
  /** Starts those that do not run, and waits until all are ready. */
  start(): Promise<void>;
  /** Lets all drain at the same time. */
  stop(): Promise<void>;
  /** SIGKILL to all. */
  kill(): Promise<void>;
}

/** Lays out the services without starting them: `stack.start()`, or each by itself. Topics and tables must be there. */
export async function layOutServices(settings: StackSettings): Promise<ServiceStack> {
  const ports = await choosePorts(settings.ports ?? {});
  const complete = {
    ...settings,
    apiKey: settings.apiKey ?? randomApiKey(),
    encryptionKeys: settings.encryptionKeys ?? randomEncryptionKeys(),
  };
  const names = SERVICE_NAMES.filter((name) => settings.only?.includes(name) ?? true);
  const handles = names.map((name) => makeHandle(name, complete, ports));
  return {
    url: urlOf(ports['config-api']),
    apiKey: complete.apiKey,
    all: handles,
    service: (name) => {
      const handle = handles.find((candidate) => candidate.name === name);
      if (handle === undefined) throw new Error(`${name} is not part of this stack`);
      return handle;
    },
    start: async () => {
      await Promise.all(handles.map((handle) => handle.start()));
      await Promise.all(handles.map((handle) => handle.ready()));
    },
    stop: async () => {
      await Promise.all(handles.map((handle) => handle.stop()));
    },
    kill: async () => {
      await Promise.all(handles.map((handle) => handle.kill()));
    },
  };
}

/** Starts the services and waits until all are ready; if one cannot be, the others are killed and its log is thrown. */
export async function startServices(settings: StackSettings): Promise<ServiceStack> {
  const stack = await layOutServices(settings);
  try {
    await stack.start();
    return stack;
  } catch (error) {
    await stack.kill();
    throw error;
  }
}

export function randomApiKey(): string {
  return `hsk_${randomBytes(32).toString('hex')}`;
}

export function randomEncryptionKeys(): string {
  return `local:${randomBytes(32).toString('base64')}`;
}

/** What is in the command line of this service's process and of no other. */
export function serviceEntry(name: ServiceName): string {
  return join(workspaceRoot(), 'apps', name, 'dist', 'main.js');
}

function makeHandle(name: ServiceName, settings: StackSettings & ServiceSettings, ports: ServicePorts): ServiceHandle {
  const { logDir, pidDir, onLine, entryOf = serviceEntry } = settings;
  return new ServiceHandle({
    name,
    url: urlOf(ports[name]),
    entry: entryOf(name),
    env: serviceEnvironment(name, settings, ports, process.env),
    ...(logDir !== undefined && { logFile: join(logDir, `${name}.log`) }),
    ...(pidDir !== undefined && { pidFile: join(pidDir, `${name}.pid`) }),
    ...(onLine && {
      onLine: (line) => {
        onLine(name, line);
      },
    }),
  });
}

async function choosePorts(given: Partial<ServicePorts>): Promise<ServicePorts> {
  const ports = { ...DEFAULT_PORTS };
  for (const name of SERVICE_NAMES) ports[name] = given[name] ?? (await freePort());
  return ports;
}

function urlOf(port: number): string {
  return `http://127.0.0.1:${port}`;
}
