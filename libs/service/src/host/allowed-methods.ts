interface KnownRoute {
  readonly method: string;
  readonly pattern: RegExp;
}

/** Remembers every route, to tell a wrong method (405) from a wrong path (404): Fastify itself answers 404 to both. */
export class AllowedMethods {
  readonly #routes: KnownRoute[] = [];

  add(methods: string | readonly string[], url: string): void {
    const pattern = patternOf(url);
    for (const method of [methods].flat()) this.#routes.push({ method, pattern });
  }

  /** Methods that some route takes at the path, sorted; empty when there is none. */
  of(path: string): string[] {
    const methods = this.#routes.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method);
    return [...new Set(methods)].sort();
  }
}

/** `:name` stands for one segment, `*` for any rest. */
function patternOf(url: string): RegExp {
  const source = url
    .split('/')
    .map((segment) => {
      if (segment.startsWith(':')) return '[^/]+';
      return segment.split('*').map(escaped).join('.*');
    })
    .join('/');
  return new RegExp(`^${source}$`);
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
