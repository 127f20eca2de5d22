/** Pattern of a handler → the topics whose batches it gets. */
export type PatternTopics = Readonly<Record<string, readonly string[]>>;

/** Which handler gets a topic's batches; the topics of a pattern may change while it runs. */
export class TopicRoutes {
  readonly #topicsOf: Map<string, readonly string[]>;

  /** @throws Error when a topic belongs to two patterns */
  constructor(patterns: PatternTopics) {
    this.#topicsOf = new Map(Object.entries(patterns));
    this.#assertDistinct();
  }

  patterns(): readonly string[] {
    return [...this.#topicsOf.keys()];
  }

  /** All topics, sorted. */
  topics(): readonly string[] {
    return [...this.#topicsOf.values()].flat().sort();
  }

  patternOf(topic: string): string | undefined {
    return [...this.#topicsOf].find(([, topics]) => topics.includes(topic))?.[0];
  }

  /** Returns whether the topics as a whole are others than before. */
  replace(pattern: string, topics: readonly string[]): boolean {
    const previous = this.#topicsOf.get(pattern);
    if (!previous) throw new Error(`no handler pattern "${pattern}"; known are ${this.patterns().join(', ')}`);
    const before = this.topics().join('\n');
    this.#topicsOf.set(pattern, [...new Set(topics)]);
    try {
      this.#assertDistinct();
    } catch (error) {
      this.#topicsOf.set(pattern, previous);
      throw error;
    }
    return this.topics().join('\n') !== before;
  }

  #assertDistinct(): void {
    const topics = this.topics();
    const twice = topics.find((topic, index) => topic === topics[index + 1]);
    if (twice !== undefined) throw new Error(`topic "${twice}" belongs to two patterns`);
  }
}
