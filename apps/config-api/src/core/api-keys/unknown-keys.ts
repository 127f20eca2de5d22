import { type ApiKeyDirectory, type KnownApiKey } from './authenticator.js';

const MAX_REMEMBERED = 10_000;

/** Remembers for a moment which keys are unknown, so that a client with a wrong key does not keep the database busy. */
export class RememberingUnknownKeys implements ApiKeyDirectory {
  private readonly unknownUntilMs = new Map<string, number>();

  constructor(
    private readonly directory: ApiKeyDirectory,
    private readonly nowMs: () => number,
    private readonly rememberMs = 2_000,
  ) {}

  async find(hash: string): Promise<KnownApiKey | undefined> {
    if ((this.unknownUntilMs.get(hash) ?? 0) > this.nowMs()) return undefined;
    this.unknownUntilMs.delete(hash);
    const key = await this.directory.find(hash);
    if (!key) this.remember(hash);
    return key;
  }

  private remember(hash: string): void {
    const [oldest] = this.unknownUntilMs.keys();
    if (oldest !== undefined && this.unknownUntilMs.size >= MAX_REMEMBERED) this.unknownUntilMs.delete(oldest);
    this.unknownUntilMs.set(hash, this.nowMs() + this.rememberMs);
  }
}
