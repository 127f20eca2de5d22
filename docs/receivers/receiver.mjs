// A receiver of webhooks with Node's own modules:  WEBHOOK_SECRET=whsec_… PORT=8000 node receiver.mjs
import { createHmac, timingSafeEqual } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';

const { PORT = '8000', WEBHOOK_SECRET = '', INBOX = 'inbox' } = process.env;
const key = Buffer.from(WEBHOOK_SECRET.replace(/^whsec_/, ''), 'base64');
if (key.length < 24) throw new Error('WEBHOOK_SECRET must be whsec_… as the subscription showed it');
const TOLERANCE_SECONDS = 300;
const MAX_BODY_BYTES = 4 * 1024 * 1024;

/** Whether one of the signatures (several while a secret is rotated) is ours, over the very bytes that came, and of now. */
function isGenuine({ 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures }, body) {
  if (!/^[\w-]+$/.test(id ?? '') || !/^\d+$/.test(timestamp ?? '') || signatures === undefined) return false;
  if (Math.abs(Date.now() / 1000 - Number(timestamp)) > TOLERANCE_SECONDS) return false;
  const expected = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest();
  return signatures.split(' ').some((one) => {
    const given = Buffer.from(one.startsWith('v1,') ? one.slice(3) : '', 'base64');
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
}

/** False when this id was here before: the file appears whole and only once, as a row under a unique key would. */
function store(id, body) {
  const path = join(INBOX, id);
  const written = `${path}.${process.pid}.tmp`;
  writeFileSync(written, body);
  try {
    linkSync(written, path);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(written);
  }
}

/** What the events are for. After a crash it is called again for the one that it was at. */
function handle(id, event) {
  console.log(`handled ${id} ${event.type}`);
}

function handleWhatWaits() {
  for (const id of readdirSync(INBOX)) {
    if (id.includes('.') || existsSync(join(INBOX, `${id}.done`))) continue;
    try {
      handle(id, JSON.parse(readFileSync(join(INBOX, id), 'utf8')));
      writeFileSync(join(INBOX, `${id}.done`), '');
    } catch (error) {
      console.error(`${id} waits for the next time:`, error);
    }
  }
}

async function bodyOf(request) {
  const chunks = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function answer(request) {
  const body = await bodyOf(request);
  if (body === undefined) return 413;
  if (!isGenuine(request.headers, body)) return 401;
  // Kept before the answer, handled after it: the sender waits for neither your work nor your errors.
  if (store(request.headers['webhook-id'], body)) setImmediate(handleWhatWaits);
  return 204;
}

mkdirSync(INBOX, { recursive: true });
handleWhatWaits();
const server = createServer((request, response) => {
  answer(request)
    .catch(() => 500) // It is sent again.
    .then((status) => response.writeHead(status).end());
});
server.listen(Number(PORT), '127.0.0.1', () => console.log(`listening on ${server.address().port}`));
