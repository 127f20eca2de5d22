export { DEFAULT_WINDOW, PartitionTracker, type CommitPoint, type Registration } from './tracker/partition-tracker.js';
export { DEFAULT_HANDLED_KEYS, HandledKeys, type HandledKey } from './tracker/handled-keys.js';
export {
  TrackerTable,
  type DueCommit,
  type OwnedPartition,
  type TopicPartition,
  type TrackerLimits,
} from './tracker/tracker-table.js';
export { TrackedOffsets, type GroupOffsets, type StoredOffset } from './tracker/tracked-offsets.js';
export {
  DEFAULT_LANE_LIMITS,
  Lanes,
  type Admission,
  type Enqueued,
  type LaneItem,
  type LaneLimits,
  type LaneView,
} from './lanes/lanes.js';
export {
  DEFAULT_INTAKE_LIMITS,
  Intake,
  type DecodedRecord,
  type FetchedBatch,
  type IntakeLimits,
  type IntakePorts,
  type TrackedItem,
  type WaitingLane,
} from './intake/intake.js';
export { WindowFull } from './tracker/window-full.js';
export { ParkedSweep } from './parked/parked-sweep.js';
export type {
  ParkedObserver,
  ParkedParts,
  ParkedRange,
  ParkedReader,
  RecordWriter,
  Undertaker,
  Written,
} from './parked/parked-ports.js';
export { NewestRuns } from './dispatch/newest-runs.js';
export { endingReport, type Ending } from './dispatch/reports.js';
export { hopTopic, NEAR_MS, planHop, type Delay, type Hop } from './ladder/plan-hop.js';
export { WakeHeap } from './ladder/wake-heap.js';
export { ForgiveResumed } from './endpoints/forgive-resumed.js';
export { Endpoints, type Candidate, type EndpointsParts, type StartedAttempt } from './endpoints/endpoints.js';
export {
  type AttemptEnd,
  type EndpointLimits,
  type EndpointMemory,
  type EndpointStanding,
  type Slot,
} from './endpoints/endpoint.js';
export {
  type AttemptFailure,
  type AttemptMaker,
  type AttemptOutcome,
  type AttemptRequest,
  type AttemptResponse,
  type AttemptWithheld,
  type PreparedAttempt,
} from './dispatch/attempts.js';
export { Dispatcher, type DispatcherParts } from './dispatch/dispatcher.js';
export { type OrderedLog } from './dispatch/ordered-log.js';
export type { DispatchItem } from './dispatch/dispatch-item.js';
export type { DispatchObserver } from './dispatch/dispatch-observer.js';
export { EffectTooLarge, EffectWriter, type Acknowledged, type EffectPublisher } from './dispatch/effects.js';
export { Fence } from './dispatch/fence.js';
export { GuardedBurials, HeldBack } from './guard/guarded-burials.js';
export { RetryScheduler, type SchedulerObserver, type SchedulerParts } from './delays/retry-scheduler.js';
export { ReleaseLoop, type ReleaseLoopParts } from './delays/release-loop.js';
export { Ownership, type OwnershipParts } from './dispatch/ownership.js';
export { RecordHandler, type RecordHandlerParts } from './dispatch/record-handler.js';
export {
  Recovery,
  type RecoveryClock,
  type RecoveryLimits,
  type RecoveryObserver,
  type ReportRange,
  type ReportReader,
} from './dispatch/recovery.js';
export {
  limitsOf,
  resumedAtMsOf,
  SubscriptionTable,
  type SubscriptionEntry,
  type SubscriptionInForce,
} from './dispatch/subscription-table.js';
export { OrderedIntake, type OrderedIntakePorts, type OrderedTopics } from './fifo/ordered-intake.js';
export { DEFAULT_ORDERED_LIMITS, type OrderedLimits } from './fifo/ordered-memory.js';
export { type Release } from './fifo/ordered-ports.js';
export { type OrderedItem } from './fifo/ordered-queue.js';
