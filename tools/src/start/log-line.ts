import { z } from 'zod';

const jsonLine = z.looseObject({ level: z.string(), message: z.string() });

const COLUMN = 15;
const WORTH_SHOWING = ['warn', 'error', 'fatal'];

/**
 * A service's line as it is shown in the terminal, prefixed with the service; undefined for what only the log file
 * needs. What is not one of our JSON lines (a crash of Node itself) is always shown.
 */
export function terminalLine(service: string, line: string, show: 'all' | 'problems'): string | undefined {
  const prefix = `${service.padEnd(COLUMN)} │ `;
  const parsed = parse(line);
  if (parsed === undefined) return prefix + line;
  const { level, message, ...fields } = parsed;
  if (show === 'problems' && !WORTH_SHOWING.includes(level)) return undefined;
  const { service: _service, time: _time, ...rest } = fields;
  const more = Object.keys(rest).length === 0 ? '' : ` ${JSON.stringify(rest)}`;
  return `${prefix}${level.padEnd(5)} ${message}${more}`;
}

function parse(line: string): z.infer<typeof jsonLine> | undefined {
  try {
    return jsonLine.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}
