/** What `runService` needs of the process around it. */
export interface ServiceProcess {
  onSignal(signals: readonly NodeJS.Signals[], listener: (signal: NodeJS.Signals) => void): void;
  /** Uncaught exceptions and unhandled rejections. */
  onDefect(listener: (error: Error) => void): void;
  writeError(line: string): void;
  exit(code: number): void;
}

export const nodeProcess: ServiceProcess = {
  onSignal: (signals, listener) => {
    for (const signal of signals) process.on(signal, listener);
  },
  // Node sends unhandled rejections here too.
  onDefect: (listener) => void process.on('uncaughtException', listener),
  writeError: (line) => void process.stderr.write(`${line}\n`),
  exit: (code) => process.exit(code),
};
