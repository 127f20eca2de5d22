import {
  ClosedError,
  type KafkaError,
  KafkaRequestError,
  RebalancedError,
  RecordTooLargeError,
  TransientKafkaError,
} from '../errors.js';

/** What a failed request means for the one who sent it. */
export type Verdict = 'transient' | 'fenced' | 'too-large' | 'producer-lost' | 'unknown-topic' | 'refused';

const VERDICTS: Readonly<Record<string, Verdict>> = {
  REBALANCE_IN_PROGRESS: 'fenced',
  ILLEGAL_GENERATION: 'fenced',
  UNKNOWN_MEMBER_ID: 'fenced',
  FENCED_INSTANCE_ID: 'fenced',
  MESSAGE_TOO_LARGE: 'too-large',
  RECORD_LIST_TOO_LARGE: 'too-large',
  OUT_OF_ORDER_SEQUENCE_NUMBER: 'producer-lost',
  DUPLICATE_SEQUENCE_NUMBER: 'producer-lost',
  UNKNOWN_PRODUCER_ID: 'producer-lost',
  INVALID_PRODUCER_EPOCH: 'producer-lost',
  INVALID_PRODUCER_ID_MAPPING: 'producer-lost',
  UNKNOWN_TOPIC_OR_PARTITION: 'unknown-topic',
  // A broker that is going down refuses with these; another, or the same after its restart, will not.
  BROKER_NOT_AVAILABLE: 'transient',
  STALE_CONTROLLER_EPOCH: 'transient',
  STALE_BROKER_EPOCH: 'transient',
  UNKNOWN: 'transient',
};

interface ClientError {
  readonly name: string;
  readonly message: string;
  readonly code: string;
  readonly retriable: boolean;
}

/** What an error stands for: its cause, or the first of several that failed together. */
function inside(error: unknown): Error | undefined {
  if (!(error instanceof Error)) return undefined;
  const several: unknown = Reflect.get(error, 'errors');
  const within: unknown = error.cause ?? (Array.isArray(several) ? several[0] : undefined);
  return within instanceof Error ? within : undefined;
}

/** kafkajs wraps the broker's answer once or twice ("number of retries exceeded"): the innermost one knows. */
function innermost(error: unknown): ClientError {
  let current = error;
  for (let depth = 0; depth < 8; depth++) {
    const next = inside(current);
    if (next === undefined) break;
    current = next;
  }
  if (!(current instanceof Error))
    return { name: 'unknown', message: String(current), code: 'UNKNOWN_CLIENT_ERROR', retriable: false };
  const type: unknown = Reflect.get(current, 'type');
  return {
    name: current.name,
    message: current.message,
    code: typeof type === 'string' ? type : current.name,
    retriable: Reflect.get(current, 'retriable') === true,
  };
}

/** Reasons kafkajs calls final that are not: they come from its own state while brokers come and go. */
const CLIENT_STATE = new Set([
  'KafkaJSLockTimeout',
  'KafkaJSTimeout',
  'KafkaJSGroupCoordinatorNotFound',
  'KafkaJSNoBrokerAvailableError',
]);

export function verdictOf(error: unknown): Verdict {
  const { code, name, retriable } = innermost(error);
  const known = VERDICTS[code];
  if (known !== undefined) return known;
  if (retriable || CLIENT_STATE.has(name)) return 'transient';
  return 'refused';
}

export function codeOf(error: unknown): string {
  return innermost(error).code;
}

export function messageOf(error: unknown): string {
  return innermost(error).message;
}

function isKafkaError(error: unknown): error is KafkaError {
  return (
    error instanceof TransientKafkaError ||
    error instanceof RebalancedError ||
    error instanceof RecordTooLargeError ||
    error instanceof KafkaRequestError ||
    error instanceof ClosedError
  );
}

/** The error of our closed list that says the same. `what` names the request that failed. */
export function toKafkaError(what: string, error: unknown): KafkaError {
  if (isKafkaError(error)) return error;
  const { message, code } = innermost(error);
  const text = `${what}: ${message}`;
  switch (verdictOf(error)) {
    case 'transient':
    case 'producer-lost':
      return new TransientKafkaError(text, { cause: error });
    case 'fenced':
      return new RebalancedError(text, { cause: error });
    case 'too-large':
    case 'unknown-topic':
    case 'refused':
      return new KafkaRequestError(text, code, { cause: error });
  }
}
