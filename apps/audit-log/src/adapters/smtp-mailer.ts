import { createTransport } from 'nodemailer';
import type { Mail } from '../core/health/notice-mail.js';

export interface SmtpOptions {
  /** `smtp://user:password@host:port` or `smtps://…`. */
  readonly url: string;
  readonly from: string;
}

const TIMEOUTS = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 30_000, dnsTimeout: 10_000 };

/** Sends e-mails over one connection each: they are few. */
export class SmtpMailer {
  private readonly transport;
  private readonly domain: string;

  constructor(private readonly options: SmtpOptions) {
    // Neither files nor URLs are ever attached; without a logger nothing of a session is written anywhere.
    const safe = { disableFileAccess: true, disableUrlAccess: true, logger: false };
    this.transport = createTransport({ url: options.url, ...TIMEOUTS, ...safe });
    this.domain = /@([^\s<>@]+)>?\s*$/.exec(options.from)?.[1] ?? 'hookstream.invalid';
  }

  /** Resolves when the server has taken it. @throws when it was not reached, or refused it */
  async send({ id, to, subject, text }: Mail): Promise<void> {
    const headers = { 'Auto-Submitted': 'auto-generated' };
    const messageId = `<${id}.hookstream@${this.domain}>`;
    await this.transport.sendMail({ from: this.options.from, to: [...to], subject, text, headers, messageId });
  }

  close(): void {
    this.transport.close();
  }
}
