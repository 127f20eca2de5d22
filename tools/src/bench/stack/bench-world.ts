import { topicNames } from '@hookstream/contracts';
import { connectKafka, type LogAdmin } from '@hookstream/kafka';
import {
  layOutServices,
  prepareBackends,
  randomApiKey,
  randomEncryptionKeys,
  republishConfiguration,
  type ServiceName,
  type ServiceStack,
} from '@hookstream/testing';
import type { Progress } from '../../start/progress.js';
import { Generator } from '../children/generator.js';
import { Receiver } from '../children/receiver.js';
import { ProcessMeter } from '../measure/process-meter.js';
import { profilingEnv } from '../profile/profiler.js';
import { BenchBackends } from './backends.js';
import { LogDatabase } from './log-database.js';
import { BENCH } from './state.js';
import { subscribe, type NewSubscription } from './subscribe.js';

export interface WorldNeeds {
  readonly progress: Progress;
  readonly signal: AbortSignal;
  /** Services to be profiled. */
  readonly profiled: readonly ServiceName[];
}

const TOPICS = topicNames('hookstream.');
const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/** What all scenarios of a run share: backends, services, generator and receiver. */
export class BenchWorld {
  private readonly cleanups: (() => Promise<void>)[] = [];
  private phases = 0;
  private parts:
    | {
        readonly backends: BenchBackends;
        readonly services: ServiceStack;
        readonly receiver: Receiver;
        readonly generator: Generator;
        readonly admin: LogAdmin;
        readonly log: LogDatabase;
        readonly republish: () => Promise<void>;
      }
    | undefined;
  /** Events, over all phases, that the log must know in the end. */
  expectedInLog = 0;
  readonly meter = new ProcessMeter(() => this.pids());

  constructor(private readonly needs: WorldNeeds) {}

  get progress(): Progress {
    return this.needs.progress;
  }

  get signal(): AbortSignal {
    return this.needs.signal;
  }

  get services(): ServiceStack {
    return this.running.services;
  }

  get receiver(): Receiver {
    return this.running.receiver;
  }

  get generator(): Generator {
    return this.running.generator;
  }

  get log(): LogDatabase {
    return this.running.log;
  }

  get brokerPid(): number | undefined {
    return this.running.backends.kafka.pid;
  }

  get databaseUrl(): string {
    return this.running.backends.databaseUrl;
  }

  async up(): Promise<void> {
    const { progress, signal, profiled } = this.needs;
    const backends = await BenchBackends.prepare(progress, signal);
    this.cleanups.push(() => backends.discard());
    signal.throwIfAborted();
    await progress.during('Starting Kafka and PostgreSQL', () => backends.start());
    const { databaseUrl } = backends;
    const { brokers } = backends.kafka;
    const settings = { brokers, databaseUrl, apiKey: randomApiKey(), encryptionKeys: randomEncryptionKeys(), signal };
    await progress.during('Creating topics and tables', () => prepareBackends(settings));
    signal.throwIfAborted();
    const services = await layOutServices({
      ...settings,
      logDir: BENCH.logDir,
      pidDir: BENCH.runDir,
      serviceEnv: Object.fromEntries(profiled.map((name) => [name, profilingEnv(name)])),
    });
    this.cleanups.unshift(() => services.kill());
    await progress.during('Starting the services', () => services.start());
    signal.throwIfAborted();
    const receiver = await Receiver.start();
    this.cleanups.unshift(() => receiver.child.stop());
    const generator = await Generator.start(brokers, TOPICS.events);
    this.cleanups.unshift(() => generator.child.stop());
    const admin = connectKafka({ brokers: [brokers], clientId: 'hookstream-bench', logger: silent }).admin();
    this.cleanups.unshift(() => admin.close());
    const log = await LogDatabase.connect(databaseUrl);
    this.cleanups.unshift(() => log.close());
    const onLine = (line: string) => progress.detail(line);
    const republish = () => republishConfiguration(settings, onLine);
    this.parts = { backends, services, receiver, generator, admin, log, republish };
  }

  /** Stops all that was started, the last first, whatever fails on the way; may be called again, also during `up`. */
  async down(): Promise<void> {
    for (const cleanUp of this.cleanups) await cleanUp().catch(() => undefined);
  }

  /** The receiver expects `events` events of a new phase, and the log as many more. */
  async openPhase(events: number): Promise<number> {
    this.expectedInLog += events;
    return this.openBarePhase(events);
  }

  /** The receiver expects requests that do not come through the log. */
  async openBarePhase(requests: number): Promise<number> {
    const phase = ++this.phases;
    await this.receiver.open(phase, requests);
    return phase;
  }

  /** Returns its id.
   * @param endpoint where its events go; to the receiver, unless told */
  async subscribe(
    type: string,
    endpoint = `http://127.0.0.1:${this.receiver.port}/${type}`,
    settings: Pick<NewSubscription, 'retry' | 'ordering'> = {},
  ): Promise<string> {
    return subscribe(this.services, { type, endpoint, ...settings });
  }

  /** Another one, which may be slow or hang without touching the first; of its own process, gone with the stack. */
  async startReceiver(): Promise<Receiver> {
    const receiver = await Receiver.start();
    this.cleanups.unshift(() => receiver.child.stop());
    return receiver;
  }

  /** Writes all configuration to its topic again, by the command that an operator has. */
  async republish(): Promise<void> {
    await this.running.republish();
  }

  /** Deliveries that the router has written so far. */
  async routed(): Promise<number> {
    const ends = await this.running.admin.endOffsets(TOPICS.deliveries);
    return ends.reduce((sum, { offset }) => sum + offset, 0);
  }

  private get running() {
    if (this.parts === undefined) throw new Error('the stack is not up');
    return this.parts;
  }

  private pids(): Record<string, number | undefined> {
    const { backends, services, receiver, generator } = this.running;
    return {
      ...Object.fromEntries(services.all.map(({ name, pid }) => [name, pid])),
      kafka: backends.kafka.pid,
      postgres: backends.postgres.pid,
      receiver: receiver.child.pid,
      generator: generator.child.pid,
    };
  }
}
