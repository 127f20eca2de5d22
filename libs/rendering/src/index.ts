export { type DeliveryFacts } from './delivery-facts.js';
export { PAYLOAD_MD5_HEADER, type PayloadDigest } from './md5-envelope.js';
export { templateInput } from './template-input.js';
export { MAX_TEMPLATE_LENGTH, templateProblem } from './template-problem.js';
export { writeValue } from './written-value.js';
export { renderPayload } from './render-payload.js';
export { renderBatch } from './batch.js';
export { type RenderableEvent, type RenderResult } from './renderable-event.js';
export { MAX_JSON_DEPTH, type JsonFault, findJsonFault } from './json-fault.js';
export { fillHeaderPlaces, HEADER_PLACES, headerPlaceProblem, type HeaderFacts } from './header-places.js';
export {
  ENTITY_PLACES,
  entityKeyOf,
  entityKeyProblem,
  resourceUrlOf,
  resourceUrlProblem,
  sampleUrl,
} from './entity-reference.js';
