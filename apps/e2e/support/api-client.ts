/** An answer of the API: the status, the headers, and the parsed body. */
export interface ApiAnswer<T> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
}

export interface SubscriptionView {
  readonly id: `sub_${string}`;
  readonly version: number;
  readonly active: boolean;
  readonly signing: { readonly scheme: string; readonly secret?: string };
}

export interface AttemptView {
  readonly number: number;
  readonly outcome: string;
  readonly startedAt: string;
  readonly request: { readonly url: string; readonly headers: Readonly<Record<string, string>>; readonly body: string };
  readonly response?: { readonly status: number; readonly body: string };
  readonly error?: { readonly class: string; readonly message: string };
}

export interface DeliveryView {
  readonly id: string;
  readonly event: { readonly id: string; readonly externalId: string | null; readonly type: string };
  readonly subscription: string;
  readonly state: string;
  readonly reason: string | null;
  readonly attempts: number | readonly AttemptView[];
}

export interface Page<T> {
  readonly data: readonly T[];
  readonly nextCursor: string | null;
}

export interface ProblemView {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail?: string;
  readonly errors?: readonly { readonly pointer: string; readonly message: string }[];
}

/** The public API as a user would call it. */
export class ApiClient {
  constructor(
    private readonly url: string,
    private readonly key: string,
  ) {}

  withKey(key: string): ApiClient {
    return new ApiClient(this.url, key);
  }

  async call<T>(
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<ApiAnswer<T>> {
    const isText = typeof body === 'string';
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.key}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: isText ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: (text === '' ? null : JSON.parse(text)) as T };
  }

  async subscribe(settings: Readonly<Record<string, unknown>>): Promise<SubscriptionView & { secret: string }> {
    const { status, body } = await this.call<SubscriptionView>('POST', '/v1/subscriptions', settings);
    if (status !== 201) throw new Error(`POST /v1/subscriptions: ${status} ${JSON.stringify(body)}`);
    return { ...body, secret: body.signing.secret ?? '' };
  }

  async publish(event: Readonly<Record<string, unknown>>): Promise<string> {
    const { status, body } = await this.call<{ id: string }>('POST', '/v1/events', event);
    if (status !== 202) throw new Error(`POST /v1/events: ${status} ${JSON.stringify(body)}`);
    return body.id;
  }

  async deliveries(query: string): Promise<readonly DeliveryView[]> {
    const { status, body } = await this.call<Page<DeliveryView>>('GET', `/v1/deliveries?${query}`);
    if (status !== 200) throw new Error(`GET /v1/deliveries?${query}: ${status} ${JSON.stringify(body)}`);
    return body.data;
  }

  async attemptsOf(delivery: string): Promise<readonly AttemptView[]> {
    const { body } = await this.call<DeliveryView>('GET', `/v1/deliveries/${delivery}`);
    return Array.isArray(body.attempts) ? (body.attempts as readonly AttemptView[]) : [];
  }
}
