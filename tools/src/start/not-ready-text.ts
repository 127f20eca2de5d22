import { z } from 'zod';

const report = z.object({ checks: z.record(z.string(), z.union([z.string(), z.object({ reason: z.string() })])) });

/** What a service says at /readyz in a few words: the checks that fail and why. Anything else as it came. */
export function notReadyText(body: string): string {
  const parsed = parse(body);
  if (parsed === undefined) return body;
  return Object.entries(parsed.checks)
    .flatMap(([check, outcome]) => (typeof outcome === 'string' ? [] : [`${check} ${outcome.reason}`]))
    .join('; ');
}

function parse(body: string): z.infer<typeof report> | undefined {
  try {
    return report.safeParse(JSON.parse(body)).data;
  } catch {
    return undefined;
  }
}
