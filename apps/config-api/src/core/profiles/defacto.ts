import type { Profile } from './profile.js';

/** Types are `Invoice.SUBMITTED`: the entity, then the status it came to. */
const TEMPLATE = `{
  "entity_type": $lowercase($substringBefore(event.type, ".")),
  "transition_name": event.transition ? event.transition : $substringAfter(event.type, "."),
  "status": $substringAfter(event.type, "."),
  "timestamp": event.time,
  "id": event.id,
  "event_type": event.type,
  "entity_state": $exists(entity) ? entity : data
}`;

export const defacto: Profile = {
  name: 'defacto',
  description:
    'A notification of a change of status: of an event type such as `Invoice.SUBMITTED`, with the entity as the event has it, or as its GET endpoint returns it where `payload.binding` is `delivery`, and the transition in the extension attribute `transition`. One subscription for one type, several, or all.',
  settings: {
    payload: { format: 'template', template: TEMPLATE },
    signing: { scheme: 'none' },
  },
};
