import { z } from 'zod';
import { asEventTypeRequest, type EventTypeState } from '../event-types/event-type-state.js';
import { asRequest } from '../subscriptions/subscription-view.js';
import { type SubscriptionState } from '../subscriptions/subscription-state.js';
import { type Change, type Present } from './changes.js';
import { type Applied, type ApplyOptions } from './configuration.js';
import { differences } from './difference.js';

const changeView = z.object({
  action: z.enum(['create', 'update', 'delete']),
  kind: z.enum(['event-type', 'subscription']),
  id: z.string(),
  name: z.string(),
  differences: z
    .array(
      z.object({
        pointer: z.string(),
        before: z.unknown().meta({ override: {} }),
        after: z.unknown().meta({ override: {} }),
      }),
    )
    .optional()
    .meta({ description: 'Of an update: where it differs, at most 50 places.' }),
  ping: z.string().optional().meta({ description: 'The delivery of the ping it was sent because it became active.' }),
  secret: z.string().optional().meta({ description: 'The signing secret that was made; shown here only.' }),
});

export const appliedView = z
  .object({
    organization: z.string(),
    dryRun: z.boolean(),
    created: z.int(),
    updated: z.int(),
    deleted: z.int(),
    unchanged: z.int(),
    changes: z.array(changeView),
  })
  .meta({ id: 'Applied' });

type ChangeView = z.input<typeof changeView>;

/** @param pings deliveries of the pings that were sent, by subscription */
export function viewApplied(
  { organization, plan }: Applied,
  { dryRun }: ApplyOptions,
  pings: ReadonlyMap<string, string>,
): z.input<typeof appliedView> {
  const changes = [
    ...plan.eventTypes.map((change) => viewChange('event-type', change, asEventTypeRequest)),
    ...plan.subscriptions.map((change) => {
      const view = viewChange('subscription', change, comparable);
      // Of a dry run nothing is left, so the secret would be nobody's.
      const secret = dryRun ? undefined : plan.secrets.get(view.id);
      const ping = pings.get(view.id);
      return { ...view, ...(secret !== undefined && { secret }), ...(ping !== undefined && { ping }) };
    }),
  ];
  const count = (action: ChangeView['action']) => changes.filter((change) => change.action === action).length;
  return {
    organization,
    dryRun,
    created: count('create'),
    updated: count('update'),
    deleted: count('delete'),
    unchanged: plan.unchanged,
    changes,
  };
}

/** The document that, applied, changes nothing. */
export function exportDocument({
  organization,
  eventTypes,
  subscriptions,
}: Present & Pick<Applied, 'organization'>): unknown {
  const names = new Map<string, number>();
  for (const { name } of subscriptions) names.set(name, (names.get(name) ?? 0) + 1);
  return {
    organization,
    eventTypes: eventTypes.map(asEventTypeRequest),
    subscriptions: subscriptions.map((state) => ({
      ...((names.get(state.name) ?? 0) > 1 && { id: state.id }),
      ...comparable(state),
    })),
  };
}

function comparable(state: SubscriptionState): Readonly<Record<string, unknown>> {
  return { ...asRequest(state), secretFingerprints: state.sealedSecrets.map(({ fingerprint }) => fingerprint) };
}

function viewChange<State extends SubscriptionState | EventTypeState>(
  kind: ChangeView['kind'],
  change: Change<State>,
  comparableOf: (state: State) => unknown,
): ChangeView {
  const { id, name } = change.action === 'delete' ? change.before : change.after;
  const view = { action: change.action, kind, id, name };
  if (change.action !== 'update') return view;
  const places = differences(comparableOf(change.before), comparableOf(change.after));
  return { ...view, differences: places.map((place) => ({ before: null, after: null, ...place })) };
}
