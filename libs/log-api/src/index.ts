export { decodeCursor, encodeCursor, type Cursor } from './cursor.js';
export {
  deadLettersQuery,
  deliveriesQuery,
  eventsQuery,
  idParams,
  type DeadLettersQuery,
  type DeliveriesQuery,
  type EventsQuery,
  type IdParams,
} from './queries.js';
export {
  type AttemptView,
  type DeadLetterView,
  type DeliveryView,
  type DeliveryWithAttemptsView,
  type EventView,
  type RoutedEventView,
  type WholeDeadLetterView,
} from './views.js';
export {
  statsQuery,
  subscriptionStatsQuery,
  type StatsQuery,
  type StatsView,
  type SubscriptionStatsView,
} from './stats.js';
export { logPaths, type Refusals } from './log-paths.js';
