import { text } from 'node:stream/consumers';
import { freePort } from '@hookstream/testing';
import { SMTPServer } from 'smtp-server';

export interface ReceivedMail {
  readonly from: string;
  readonly to: readonly string[];
  readonly headers: ReadonlyMap<string, string>;
  readonly text: string;
}

const [USER, PASSWORD] = ['hookstream', 's3cret'];

/** A real SMTP server that keeps what it is sent. */
export class TestMailServer {
  readonly mails: ReceivedMail[] = [];
  private readonly server: SMTPServer;

  private constructor(private readonly port: number) {
    this.server = new SMTPServer({
      disabledCommands: ['STARTTLS'],
      allowInsecureAuth: true,
      onAuth: ({ username, password }, _session, done) => {
        if (username === USER && password === PASSWORD) done(null, { user: USER });
        else done(new Error('wrong password'));
      },
      onData: (stream, { envelope }, done) => {
        const { mailFrom, rcptTo } = envelope;
        text(stream).then(
          (raw) => {
            const to = rcptTo.map(({ address }) => address);
            this.mails.push({ from: mailFrom === false ? '' : mailFrom.address, to, ...parsed(raw) });
            done();
          },
          (error: unknown) => done(error instanceof Error ? error : new Error('unreadable')),
        );
      },
    });
  }

  static async open(): Promise<TestMailServer> {
    const server = new TestMailServer(await freePort());
    await new Promise<void>((resolve) => server.server.listen(server.port, '127.0.0.1', () => resolve()));
    return server;
  }

  get url(): string {
    return `smtp://${USER}:${PASSWORD}@127.0.0.1:${this.port}`;
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.server.close(() => resolve()));
  }
}

/** Headers unfolded (RFC 5322 §2.2.3), and a body in ASCII. */
function parsed(raw: string): Pick<ReceivedMail, 'headers' | 'text'> {
  const end = raw.indexOf('\r\n\r\n');
  const lines = raw
    .slice(0, end)
    .replaceAll(/\r\n[ \t]+/g, ' ')
    .split('\r\n');
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  });
  return { headers: new Map(headers), text: raw.slice(end + 4).replaceAll('\r\n', '\n') };
}
