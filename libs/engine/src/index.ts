export { hopTopic, NEAR_MS, planHop, type Hop } from './ladder/plan-hop.js';
export { WakeHeap } from './ladder/wake-heap.js';
