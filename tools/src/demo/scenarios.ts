import { inTurn, type Script } from '@hookstream/testing';

export interface Scenario {
  /** Also the path at the receiver and the column in the timeline. */
  readonly name: 'delivered' | 'retried' | 'exhausted' | 'unmatched';
  readonly eventType: string;
  readonly data: unknown;
  readonly via: 'api' | 'kafka';
  /** Undefined: nobody subscribes. */
  readonly subscription?: {
    /** Delays before the second, third, … attempt. */
    readonly schedule: readonly string[];
    readonly script: () => Script;
    /** In which the delivery must end. */
    readonly endsAs: 'delivered' | 'exhausted';
  };
}

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'delivered',
    eventType: 'demo.invoice.submitted',
    data: { invoice: 42, total: '99.50' },
    via: 'kafka',
    subscription: { schedule: ['1s'], script: () => inTurn(200), endsAs: 'delivered' },
  },
  {
    name: 'retried',
    eventType: 'demo.invoice.paid',
    data: { invoice: 42 },
    via: 'api',
    subscription: { schedule: ['1s', '2s'], script: () => inTurn(503, 500, 200), endsAs: 'delivered' },
  },
  {
    name: 'exhausted',
    eventType: 'demo.invoice.disputed',
    data: { invoice: 42, reason: 'wrong address' },
    via: 'api',
    subscription: { schedule: ['1s', '1s'], script: () => inTurn(500), endsAs: 'exhausted' },
  },
  { name: 'unmatched', eventType: 'demo.invoice.archived', data: { invoice: 42 }, via: 'api' },
];
