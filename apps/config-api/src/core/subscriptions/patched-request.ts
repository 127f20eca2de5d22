import { z } from 'zod';
import { mergePatch } from '../json-merge.js';
import { settingsNamedBy } from '../profiles/profiles.js';
import { keptPayload } from './payload-fields.js';
import { type SubscriptionState } from './subscription-state.js';
import { asRequest } from './subscription-view.js';

const orderingPatch = z.object({
  ordering: z.object({ mode: z.string().optional(), policy: z.string().nullish() }),
});

/**
 * The whole request that a merge patch (RFC 7396) of a subscription stands for. What goes with a mode or a policy only ends
 * with it: nobody has to know, and take back, what was set before. A patch that names a profile brings its settings.
 */
export function patchedRequest(state: SubscriptionState, patch: unknown): unknown {
  const { ordering, endpoint, payload, ...current } = asRequest(state);
  const profile = settingsNamedBy(patch) ?? {};
  const asked = mergePatch(profile, patch);
  const kept = {
    ...current,
    endpoint: keptEndpoint(endpoint, asked),
    payload: keptPayload(payload, asked),
    ordering: keptOrdering(ordering, asked),
  };
  return mergePatch(mergePatch(kept, profile), patch);
}

const authPatch = z.object({ endpoint: z.object({ auth: z.object({ type: z.string() }) }) });

type EndpointView = ReturnType<typeof asRequest>['endpoint'];

/** What goes with one type of `auth` ends with it. */
function keptEndpoint(endpoint: EndpointView, patch: unknown): Partial<EndpointView> {
  const asked = authPatch.safeParse(patch).data?.endpoint.auth.type;
  if (asked === undefined || asked === endpoint.auth.type) return endpoint;
  const { auth: _, ...others } = endpoint;
  return others;
}

type OrderingView = ReturnType<typeof asRequest>['ordering'];

function keptOrdering(ordering: OrderingView, patch: unknown): Partial<OrderingView> {
  const asked = orderingPatch.safeParse(patch).data?.ordering;
  if (asked?.mode === 'none') return {};
  if (ordering.mode === 'none' || asked?.policy === undefined || asked.policy === 'skip') return ordering;
  const { skipAfter: _, ...others } = ordering;
  return others;
}
