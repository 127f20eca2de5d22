export {
  type FailureClass,
  type HttpFailure,
  type HttpOutcome,
  type HttpResponse,
  type HttpSender,
  type OutboundRequest,
} from './http-exchange.js';
