import { z } from 'zod';

const jsonLine = z.looseObject({ level: z.string(), message: z.string() });

const COLUMN = 15;
const LONGEST = 300;

/** `all`: every line. `problems`: warnings and errors. `errors`: no warnings either, as while everything starts. */
export type Shown = 'all' | 'problems' | 'errors';

const SHOWN_LEVELS: Readonly<Record<Exclude<Shown, 'all'>, readonly string[]>> = {
  problems: ['warn', 'error', 'fatal'],
  errors: ['error', 'fatal'],
};

/**
 * A service's line as it is shown in the terminal, prefixed with the service; undefined for what only the log file
 * needs. What is not one of our JSON lines (a crash of Node itself) is always shown.
 */
export function terminalLine(service: string, line: string, show: Shown): string | undefined {
  const prefix = `${service.padEnd(COLUMN)} │ `;
  const parsed = parse(line);
  if (parsed === undefined) return prefix + line;
  const { level, message, ...fields } = parsed;
  if (show !== 'all' && !SHOWN_LEVELS[show].includes(level)) return undefined;
  const { service: _service, time: _time, ...rest } = fields;
  const more = Object.keys(rest).length === 0 ? '' : ` ${JSON.stringify(rest)}`;
  const text = `${prefix}${level.padEnd(5)} ${message}${more}`;
  return text.length > LONGEST && show !== 'all' ? `${text.slice(0, LONGEST)}…` : text;
}

function parse(line: string): z.infer<typeof jsonLine> | undefined {
  try {
    return jsonLine.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}
