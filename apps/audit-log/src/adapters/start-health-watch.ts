import { encodeBinaryCloudEvent, encodeCommand } from '@hookstream/contracts';
import type { ServiceHost } from '@hookstream/service';
import type { DataSource } from 'typeorm';
import type { Settings } from '../config.js';
import { HealthWatch } from '../core/health/health-watch.js';
import type { Notice } from '../core/health/notice.js';
import type { WatchedSubscription } from '../core/health/watched-subscription.js';
import { PostgresHealthStore } from './postgres-health-store.js';
import { SmtpMailer } from './smtp-mailer.js';

/** Names who writes operational events; with their ids it makes them the same event when they are repeated. */
const SOURCE = 'urn:hookstream:endpoint-health';

/** Looks at the endpoints' health in rounds, as long as the service runs. */
export function startHealthWatch(
  host: ServiceHost<Settings>,
  dataSource: DataSource,
  subscriptions: { get(id: string): WatchedSubscription | undefined },
): void {
  const { topics, settings, logger, lifecycle } = host;
  const producer = host.producer();
  const mailer = mailerOf(settings);
  const watch = new HealthWatch({
    store: new PostgresHealthStore(dataSource),
    subscriptions,
    command: async (command) => {
      await producer.sendAll([encodeCommand(topics.commands, command)]);
    },
    produce: async (notice) => {
      await producer.sendAll([encodeBinaryCloudEvent(topics.events, eventOf(notice))]);
    },
    mail: mailer && ((mail) => mailer.send(mail)),
    logger,
    now: Date.now,
  });
  let timer: NodeJS.Timeout | undefined;
  let round: Promise<void> | undefined;
  const begin = () => {
    round ??= watch
      .round()
      .catch((error: unknown) => {
        logger.warn('the health of endpoints was not looked at; trying again in a while', { error });
      })
      .finally(() => {
        round = undefined;
      });
  };
  lifecycle.onStart('endpoint health', () => {
    if (!mailer) logger.info('no e-mails about endpoints that fail: SMTP_URL or SMTP_FROM is not set');
    timer = setInterval(begin, settings.HEALTH_CHECK_INTERVAL);
    timer.unref();
  });
  lifecycle.onDrain('endpoint health', async () => {
    clearInterval(timer);
    await round;
    mailer?.close();
  });
}

function mailerOf({ SMTP_URL: url, SMTP_FROM: from }: Settings): SmtpMailer | undefined {
  return url === undefined || from === undefined ? undefined : new SmtpMailer({ url, from });
}

function eventOf({ id, kind, organization, decidedAtMs, facts }: Notice) {
  return {
    ...{ id, organization, source: SOURCE },
    type: `hookstream.subscription.${kind}`,
    time: new Date(decidedAtMs).toISOString(),
    subject: facts.subscription,
    dataContentType: 'application/json',
    data: Buffer.from(JSON.stringify(facts)),
  };
}
