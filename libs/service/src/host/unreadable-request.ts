import { type Socket } from 'node:net';
import { codeOf } from '../failure.js';
import { Problem } from '../problems/problem.js';

/** Answers what Node cannot read as HTTP at all, and closes the connection: nobody knows where a next request would begin. */
export function answerUnreadable(error: Error, socket: Socket): void {
  if (codeOf(error) === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const { status, title, ...rest } = problemOf(error).toBody();
  const body = JSON.stringify({ status, title, ...rest });
  socket.end(
    [
      `HTTP/1.1 ${status} ${title}`,
      'Content-Type: application/problem+json; charset=utf-8',
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Connection: close',
      '',
      body,
    ].join('\r\n'),
  );
}

function problemOf(error: Error): Problem {
  switch (codeOf(error)) {
    case 'HPE_HEADER_OVERFLOW':
      return new Problem('headers-too-large', {
        detail: 'The head of a request has at most 16 KiB, its URL included.',
      });
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new Problem('request-timeout', { detail: 'The request did not arrive within a minute.' });
    default:
      return new Problem('invalid-request', { detail: 'This is not well-formed HTTP/1.1.', cause: error });
  }
}
