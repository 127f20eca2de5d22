import type { Topics } from '@hookstream/contracts';
import type { Caller } from '../caller.js';
import type { Rejection } from '../outcome.js';
import { internalTopicProblem } from '../sources/internal-topics.js';
import type { SubscriptionState } from './subscription-state.js';

/**
 * Why a caller may not have a subscription read its entities from the topic it names: a topic holds those of everybody. One that a
 * platform-wide key has named stays.
 *
 * @param before undefined for a new one
 */
export function refusedEntityTopic(
  caller: Caller,
  before: SubscriptionState | undefined,
  after: SubscriptionState,
  topics: Topics,
): Rejection | undefined {
  const topic = topicOf(after);
  if (topic === undefined || topic === topicOf(before)) return undefined;
  const problem = internalTopicProblem(topics, topic);
  if (problem !== undefined) return { kind: 'field', pointer: '/payload/hydrate/topic', message: problem };
  if (caller.organization === null) return undefined;
  return { kind: 'forbidden', detail: 'Only a platform-wide key names a topic that entities are read from.' };
}

function topicOf(state: SubscriptionState | undefined): string | undefined {
  const { hydrate } = state?.settings.payload ?? {};
  return hydrate && 'topic' in hydrate ? hydrate.topic : undefined;
}
