export { type PayloadFormat, type RenderableEvent, type RenderResult, renderPayload } from './render-payload.js';
export { MAX_JSON_DEPTH, type JsonFault, findJsonFault } from './json-fault.js';
