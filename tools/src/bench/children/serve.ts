import { z } from 'zod';

const requestSchema = z.object({ id: z.number(), op: z.string(), input: z.unknown() });

export interface Operation {
  readonly run: (input: unknown) => unknown;
}

/** An operation that parses what it is asked. */
export function operation<Input>(schema: z.ZodType<Input>, run: (input: Input) => unknown): Operation {
  return { run: (input) => run(schema.parse(input)) };
}

/** Makes this process answer its parent, and end when the parent does. */
export function serve(operations: Readonly<Record<string, Operation>>): void {
  process.on('disconnect', () => process.exit(0));
  process.on('message', (message) => {
    void answer(operations, message);
  });
}

async function answer(operations: Readonly<Record<string, Operation>>, message: unknown): Promise<void> {
  const { id, op, input } = requestSchema.parse(message);
  try {
    const found = operations[op];
    if (found === undefined) throw new Error(`no such operation: ${op}`);
    process.send?.({ id, value: await found.run(input) });
  } catch (error) {
    process.send?.({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
}
