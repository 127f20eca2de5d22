import {
  keepAlive,
  layOutServices,
  prepareBackends,
  waitUntilReady,
  type Crash,
  type Restartable,
  type ServiceStack,
} from '@hookstream/testing';
import { provideDatabase, provideKafka, type OwnBackend } from './backends.js';
import type { GivenSettings } from './given-settings.js';
import { notReadyText } from './not-ready-text.js';
import { choosePorts } from './ports.js';
import type { Progress } from './progress.js';
import { loadOrMakeSecrets } from './secrets.js';
import { STATE } from './state-dir.js';

export interface LocalStackNeeds {
  readonly given: GivenSettings;
  readonly progress: Progress;
  /** Aborts when the stack is to stop; `up` then throws soon. */
  readonly signal: AbortSignal;
  readonly onServiceLine: (service: string, line: string) => void;
  /** Told when the stack cannot go on. */
  readonly onFailure: (reason: string) => void;
}

export interface RunningStack {
  readonly url: string;
  readonly apiKey: string;
  readonly brokers: string;
  readonly databaseUrl: string;
}

/** What a service exits with when it cannot use its settings: a restart would change nothing. */
const UNUSABLE_SETTINGS = 2;
const CRASHES_BEFORE_READY = 5;

/** Kafka, PostgreSQL and the five services of this machine, brought up and taken down together. */
export class LocalStack {
  private readonly backends: OwnBackend[] = [];
  private readonly watches: Promise<void>[] = [];
  private services: ServiceStack | undefined;
  private everReady = false;
  private crashes = 0;

  constructor(private readonly needs: LocalStackNeeds) {}

  /** Whether all services have been ready once. */
  get ready(): boolean {
    return this.everReady;
  }

  async up(): Promise<RunningStack> {
    const { given, progress, signal } = this.needs;
    const secrets = loadOrMakeSecrets(STATE.secrets);
    const { ports, notes } = await choosePorts(STATE.ports);
    for (const note of notes) progress.say(note);
    const own = (backend: OwnBackend) => this.backends.push(backend);
    const needs = { given, ports, progress, signal, own, databasePassword: secrets.databasePassword };

    const brokers = await provideKafka(needs);
    signal.throwIfAborted();
    const databaseUrl = await provideDatabase(needs);
    signal.throwIfAborted();
    for (const backend of this.backends) this.watch(backend);

    const settings = {
      brokers,
      databaseUrl,
      apiKey: given.HOOKSTREAM_BOOTSTRAP_API_KEY ?? secrets.apiKey,
      encryptionKeys: given.HOOKSTREAM_ENCRYPTION_KEYS ?? secrets.encryptionKeys,
      ...(given.HOOKSTREAM_TOPIC_PREFIX !== undefined && { topicPrefix: given.HOOKSTREAM_TOPIC_PREFIX }),
      ...(given.HOOKSTREAM_EGRESS_ALLOW !== undefined && { egressAllow: given.HOOKSTREAM_EGRESS_ALLOW }),
    };
    await progress.during('Creating topics and tables', () =>
      prepareBackends({
        ...settings,
        signal,
        ...(given.HOOKSTREAM_TOPIC_PARTITIONS !== undefined && { topicPartitions: given.HOOKSTREAM_TOPIC_PARTITIONS }),
        ...(given.HOOKSTREAM_TOPIC_REPLICATION !== undefined && {
          topicReplication: given.HOOKSTREAM_TOPIC_REPLICATION,
        }),
      }),
    );
    signal.throwIfAborted();

    this.services = await layOutServices({
      ...settings,
      ports,
      logDir: STATE.logDir,
      pidDir: STATE.runDir,
      onLine: this.needs.onServiceLine,
    });
    await progress.during('Starting the services', () => this.startServices());
    return { url: this.services.url, apiKey: settings.apiKey, brokers, databaseUrl };
  }

  /** Once the signal is aborted. Services first: what they drain needs Kafka and the database. */
  async down(): Promise<void> {
    await this.services?.stop();
    await Promise.all(this.backends.map((backend) => backend.stop()));
    await Promise.all(this.watches);
  }

  async kill(): Promise<void> {
    await Promise.all([this.services?.kill(), ...this.backends.map((backend) => backend.kill())]);
  }

  private async startServices(): Promise<void> {
    const { progress, signal } = this.needs;
    const services = this.services?.all ?? [];
    for (const service of services) {
      signal.throwIfAborted();
      await service.start();
      this.watch(service);
    }
    const waiting = new Map<string, string>();
    await Promise.all(
      services.map(async ({ name, url }) => {
        await waitUntilReady(url, signal, (reason) => {
          waiting.set(name, notReadyText(reason));
          progress.detail([...waiting].map(([service, why]) => `${service}: ${why}`).join(', '));
        });
        waiting.delete(name);
      }),
    );
    this.everReady = true;
  }

  private watch(restartable: Restartable): void {
    this.watches.push(keepAlive(restartable, (crash) => this.judge(crash), this.needs.signal));
  }

  private judge(crash: Crash): 'restart' | 'give-up' {
    const how = crash.signal === null ? `exit code ${crash.code}` : crash.signal;
    if (crash.code === UNUSABLE_SETTINGS) {
      this.needs.onFailure(`${crash.name} cannot use its settings; its lines above say why`);
      return 'give-up';
    }
    if (!this.everReady && ++this.crashes >= CRASHES_BEFORE_READY) {
      this.needs.onFailure(`${crash.name} ended again (${how}); see ${STATE.logDir}/${crash.name}.log`);
      return 'give-up';
    }
    this.needs.progress.say(`${crash.name} ended (${how}): it is started again in ${crash.restartInMs / 1_000} s`);
    return 'restart';
  }
}
