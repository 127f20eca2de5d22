import { HTTP } from 'cloudevents';
import {
  byAuthorization,
  byEd25519,
  byHub,
  byMd5InForm,
  byMd5InJson,
  byMd5InXml,
  byStandardWebhooks,
  type Judge,
} from './genuine.js';

/** How an event is sent, and how its receiver finds out that it is. */
export interface SchemeCase {
  /** Also the path. */
  readonly name: string;
  readonly signing?: object;
  readonly payload?: object;
  /** `origin` is the receiver's. */
  readonly auth?: (origin: string) => object;
  readonly judge: Judge;
}

export const DATA = { name: 'Müller & Co', tags: [1, null] };
const SECRET = 'a secret of both';
export const OAUTH = { clientId: 'hookstream', clientSecret: 'client-secret', token: 'a-token-of-now' };

const basic = (user: string, password: string) => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
export const OAUTH_CLIENT = basic(OAUTH.clientId, OAUTH.clientSecret);

const both =
  (one: Judge, other: Judge): Judge =>
  (request, known) =>
    one(request, known) && other(request, known);

const cloudEvent: Judge = ({ headers, body }) => {
  const read = HTTP.toEvent({ headers, body: body.toString() });
  return !Array.isArray(read) && JSON.stringify(read.data) === JSON.stringify(DATA);
};

export const SCHEMES: readonly SchemeCase[] = [
  { name: 'v1', judge: byStandardWebhooks },
  { name: 'v1a', signing: { scheme: 'standard-webhooks-v1a' }, judge: byEd25519 },
  { name: 'github', signing: { scheme: 'github', secret: SECRET }, judge: byHub('sha256', 'sha1') },
  { name: 'intercom', signing: { scheme: 'intercom', secret: SECRET }, judge: byHub('sha1') },
  { name: 'messenger', signing: { scheme: 'messenger', secret: SECRET }, judge: byHub('sha256') },
  { name: 'md5-json', signing: { scheme: 'md5', secret: SECRET }, judge: byMd5InJson },
  { name: 'md5-xml', signing: { scheme: 'md5', secret: SECRET }, payload: { format: 'xml' }, judge: byMd5InXml },
  { name: 'md5-form', signing: { scheme: 'md5', secret: SECRET }, payload: { format: 'form' }, judge: byMd5InForm },
  {
    name: 'basic',
    auth: () => ({ type: 'basic', username: 'crm', password: 'pässword' }),
    judge: byAuthorization(basic('crm', 'pässword')),
  },
  { name: 'bearer', auth: () => ({ type: 'bearer', token: 't0ken' }), judge: byAuthorization('Bearer t0ken') },
  {
    name: 'header',
    auth: () => ({ type: 'header', name: 'X-Api-Key', value: 'k3y' }),
    judge: ({ headers }) => headers['x-api-key'] === 'k3y',
  },
  {
    name: 'oauth2',
    auth: (origin) => {
      const { clientId, clientSecret } = OAUTH;
      return { type: 'oauth2-client-credentials', tokenUrl: `${origin}/token`, clientId, clientSecret };
    },
    judge: byAuthorization(`Bearer ${OAUTH.token}`),
  },
  {
    name: 'form',
    payload: { format: 'form' },
    judge: both(byStandardWebhooks, ({ body }) => new URLSearchParams(body.toString()).get('data[name]') === DATA.name),
  },
  {
    name: 'xml',
    payload: { format: 'xml' },
    judge: both(byStandardWebhooks, ({ body }) => body.includes('<name>Müller &amp; Co</name>')),
  },
  {
    name: 'binary',
    payload: { format: 'cloudevents-binary' },
    judge: both(byStandardWebhooks, cloudEvent),
  },
  {
    name: 'structured',
    payload: { format: 'cloudevents-structured' },
    judge: both(byStandardWebhooks, cloudEvent),
  },
  {
    name: 'template',
    payload: { format: 'template', template: '{"text": event.type & ": " & data.name}' },
    judge: both(byStandardWebhooks, ({ body }) => body.toString() === '{"text":"schemes.all: Müller & Co"}'),
  },
];
