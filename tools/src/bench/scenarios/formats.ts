import { randomBytes } from 'node:crypto';
import { PLAIN_FORMATS, SIGNING_SCHEMES, type PlainFormat, type SigningScheme } from '@hookstream/domain';
import { renderPayload, templateInput, type DeliveryFacts, type RenderableEvent } from '@hookstream/rendering';
import { payloadMd5, schemeRules, signAttempt } from '@hookstream/signing';
import jsonata from 'jsonata';

/** What it costs to make the body of one delivery, and to sign it. */
interface MakingCost {
  readonly name: string;
  readonly microsPerDelivery: number;
}

export interface FormatsResult {
  /** Of each event's data. */
  readonly dataBytes: number;
  /** Each signed as by default. */
  readonly formats: readonly MakingCost[];
  /** Each over the default format. */
  readonly schemes: readonly MakingCost[];
  readonly problems: readonly string[];
}

const DELIVERIES = 20_000;
const TEMPLATES = 4_000;
const ROUNDS = 3;
const DEFAULT_FORMAT: PlainFormat = 'json';
const DEFAULT_SCHEME: SigningScheme = 'standard-webhooks';

/**
 * CPU of this process to render and sign deliveries in a loop, by each format and scheme; what comes with it (records, lanes,
 * HTTP) is the same for all and measured by `drain`. A template is evaluated here too: in a dispatcher its thread does that.
 */
export async function formats(dataBytes: number): Promise<FormatsResult> {
  const event = eventOf(dataBytes);
  const plain = PLAIN_FORMATS.map((format) => ({
    name: format,
    microsPerDelivery: cost(DELIVERIES, making(event, format, DEFAULT_SCHEME)),
  }));
  const schemes = SIGNING_SCHEMES.map((scheme) => ({
    name: scheme,
    microsPerDelivery: cost(DELIVERIES, making(event, DEFAULT_FORMAT, scheme)),
  }));
  const template = { name: 'template', microsPerDelivery: await templateCost(event) };
  return { dataBytes, formats: [...plain, template], schemes, problems: [] };
}

function making(event: RenderableEvent, format: PlainFormat, scheme: SigningScheme): () => void {
  const secrets = secretsOf(scheme);
  const md5 = scheme === 'md5' ? (bytes: Buffer) => payloadMd5(bytes, undefined) : undefined;
  return () => {
    const rendered = renderPayload(format, event, md5);
    if (!rendered.ok) throw new Error(rendered.detail);
    signAttempt(scheme, { id: 'dlv_1', timestampSeconds: 1_767_225_600, body: rendered.body, secrets });
  };
}

function secretsOf(scheme: SigningScheme): Buffer[] {
  const { secret, needsSecret } = schemeRules(scheme);
  return secret && needsSecret ? [secret.generate(randomBytes)] : [];
}

/** The least of a few rounds: what disturbs one of them is not its cost. */
function cost(deliveries: number, make: () => void): number {
  let least = Infinity;
  for (let round = 0; round < ROUNDS; round += 1) {
    const before = process.cpuUsage();
    for (let n = 0; n < deliveries; n += 1) make();
    const { user, system } = process.cpuUsage(before);
    least = Math.min(least, (user + system) / deliveries);
  }
  return least;
}

const FACTS: DeliveryFacts = {
  ...{ id: 'dlv_1', run: '0', attempt: 1, attemptInRun: 1, previous: null },
  ...{ firstSeenAt: '2026-01-02T03:04:06Z', firstSentAt: '2026-01-02T03:04:06Z', sentAt: '2026-01-02T03:04:06Z' },
};

async function templateCost(event: RenderableEvent): Promise<number> {
  const expression = jsonata('{ "text": event.type & " of " & data.customer, "amount": data.amount, "id": event.id }');
  const secrets = secretsOf(DEFAULT_SCHEME);
  let least = Infinity;
  for (let round = 0; round < ROUNDS; round += 1) {
    const before = process.cpuUsage();
    for (let n = 0; n < TEMPLATES; n += 1) {
      const input = templateInput(event, FACTS);
      if (!input.ok) throw new Error(input.detail);
      const body = Buffer.from(JSON.stringify(await expression.evaluate(JSON.parse(input.text))));
      signAttempt(DEFAULT_SCHEME, { id: 'dlv_1', timestampSeconds: 1_767_225_600, body, secrets });
    }
    const { user, system } = process.cpuUsage(before);
    least = Math.min(least, (user + system) / TEMPLATES);
  }
  return least;
}

function eventOf(dataBytes: number): RenderableEvent {
  const known = { amount: 12.5, customer: 'acme', lines: [{ sku: 'a', count: 2 }], note: '' };
  const note = 'x'.repeat(Math.max(0, dataBytes - JSON.stringify(known).length));
  const data = Buffer.from(JSON.stringify({ ...known, note }));
  return { id: 'inv-7', source: '/bench', type: 'invoice.submitted', time: '2026-01-02T03:04:05Z', data };
}
