import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Daemon } from '../child/daemon.js';
import { LogTail } from '../child/log-tail.js';
import { runCommandOrThrow } from '../child/run-command.js';
import { freePort } from '../free-port.js';
import { fetchKafka, type FetchOptions } from './artefacts.js';
import { newClusterId } from './cluster-id.js';
import { LOG4J_PROPERTIES, READY_LINE, serverProperties } from './broker-files.js';
import { findJava } from './java.js';
import { archivingArgs, jvmArgs, type JitMode, type Jvm } from './jvm.js';

export interface LocalKafkaOptions extends FetchOptions {
  /** Topics, settings and, unless `logFile` says otherwise, the broker's log. Made when missing, kept by `stop`. */
  readonly dataDir: string;
  /** Default: a free one, kept over restarts of this object. */
  readonly port?: number;
  readonly controllerPort?: number;
  /** Most heap. Default 512. */
  readonly heapMb?: number;
  readonly jit?: JitMode;
  /** Broker settings beyond, or instead of, ours. */
  readonly properties?: Readonly<Record<string, string>>;
  readonly logFile?: string;
  readonly pidFile?: string;
}

const START_TIMEOUT_MS = 90_000;
const TOOL_TIMEOUT_MS = 45_000;
const STOP_GRACE_MS = 20_000;

/** A single-node Apache Kafka (KRaft) on 127.0.0.1 with a life of its own: it can be stopped, killed and started again. */
export class LocalKafka {
  private broker: Daemon | undefined;

  private constructor(
    private readonly options: LocalKafkaOptions,
    private readonly jvm: Jvm,
    readonly port: number,
    private readonly controllerPort: number,
  ) {}

  /**
   * Fetches what is needed; nothing runs yet. Throws MissingToolError without Java 17, or without Maven at the very
   * first time.
   */
  static async prepare(options: LocalKafkaOptions): Promise<LocalKafka> {
    const java = await findJava();
    const jvm = { java, artefacts: await fetchKafka(options) };
    return new LocalKafka(
      options,
      jvm,
      options.port ?? (await freePort()),
      options.controllerPort ?? (await freePort()),
    );
  }

  /** Prepares and starts. */
  static async start(options: LocalKafkaOptions): Promise<LocalKafka> {
    const kafka = await LocalKafka.prepare(options);
    await kafka.start();
    return kafka;
  }

  get brokers(): string {
    return `127.0.0.1:${this.port}`;
  }

  get pid(): number | undefined {
    return this.broker?.running === true ? this.broker.pid : undefined;
  }

  /** Resolves when the broker's process ends, however it ends. Undefined before the first start. */
  get exited(): Daemon['exited'] | undefined {
    return this.broker?.exited;
  }

  get logFile(): string {
    return this.options.logFile ?? join(this.options.dataDir, 'kafka.log');
  }

  /** What is in the command line of this broker and of no other process. */
  static marker(dataDir: string): string {
    return join(dataDir, 'server.properties');
  }

  /** Resolves when the broker serves clients; throws with the end of its log if it ends before. */
  async start(): Promise<void> {
    await this.launch([]);
  }

  async stop(): Promise<void> {
    await this.broker?.stop('SIGTERM', STOP_GRACE_MS);
  }

  /** As a power cut: SIGKILL. A start after it takes longer, for the broker checks its logs. */
  async kill(): Promise<void> {
    await this.broker?.kill();
  }

  /** For `makeClassDataArchive`: a first broker that writes the archive when it is stopped. */
  async startArchiving(): Promise<{ readonly keep: () => Promise<void> }> {
    const { args, keep } = archivingArgs(this.jvm);
    await this.launch(args);
    return { keep };
  }

  /** Runs one of Kafka's own tools (`org.apache.kafka.tools.TopicCommand`) and returns what it prints. */
  async runTool(mainClass: string, args: readonly string[], input = ''): Promise<string> {
    const java = [...jvmArgs(this.jvm, { heapMb: 256, jit: 'quick' }), ...this.log4j(), mainClass, ...args];
    const run = { command: this.jvm.java.command, args: java, input, timeoutMs: TOOL_TIMEOUT_MS };
    return (await runCommandOrThrow(mainClass, run)).stdout;
  }

  private async launch(extraJvmArgs: readonly string[]): Promise<void> {
    if (this.pid !== undefined) return;
    await this.writeFiles();
    await this.format();
    const { heapMb = 512, jit = 'quick', dataDir, pidFile } = this.options;
    const log = LogTail.fromEnd(this.logFile);
    this.broker = await Daemon.spawn({
      name: 'kafka',
      command: this.jvm.java.command,
      args: [
        ...jvmArgs(this.jvm, { heapMb, jit }),
        ...extraJvmArgs,
        ...this.log4j(),
        'kafka.Kafka',
        LocalKafka.marker(dataDir),
      ],
      output: { file: this.logFile },
      ...(pidFile !== undefined && { pidFile }),
    });
    await log.waitFor(READY_LINE, this.broker, START_TIMEOUT_MS);
  }

  private async writeFiles(): Promise<void> {
    const { dataDir, properties = {} } = this.options;
    await mkdir(dataDir, { recursive: true });
    const settings = { dataDir, port: this.port, controllerPort: this.controllerPort, properties };
    await writeFile(LocalKafka.marker(dataDir), serverProperties(settings));
    await writeFile(join(dataDir, 'log4j2.properties'), LOG4J_PROPERTIES);
  }

  private async format(): Promise<void> {
    const { dataDir } = this.options;
    if (existsSync(join(dataDir, 'log', 'meta.properties'))) return;
    await this.runTool('kafka.tools.StorageTool', ['format', '-t', newClusterId(), '-c', LocalKafka.marker(dataDir)]);
  }

  private log4j(): string[] {
    return [`-Dlog4j2.configurationFile=file:${join(this.options.dataDir, 'log4j2.properties')}`];
  }
}
