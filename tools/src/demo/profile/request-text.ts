import type { IncomingMessage } from 'node:http';

const INDENT = '  ';

/** A request as it came, line by line: the headers as they were written and in their order, the body's bytes as UTF-8. */
export function requestText(
  request: Pick<IncomingMessage, 'method' | 'url' | 'httpVersion' | 'rawHeaders'>,
  body: Buffer,
): string {
  const { method = '', url = '', httpVersion, rawHeaders } = request;
  const headers = rawHeaders.flatMap((name, i) => (i % 2 === 0 ? [`${name}: ${rawHeaders[i + 1] ?? ''}`] : []));
  const lines = [`${method} ${url} HTTP/${httpVersion}`, ...headers, '', ...body.toString().split('\n')];
  return lines.map((line) => (INDENT + line).trimEnd()).join('\n');
}
