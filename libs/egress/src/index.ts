export {
  type FailureClass,
  type HttpFailure,
  type HttpOutcome,
  type HttpResponse,
  type HttpSender,
  type HttpWithheld,
  type OutboundRequest,
} from './http-exchange.js';
export { type AddressPolicy, createAddressPolicy } from './address-policy.js';
export { type ParsedEgressAllow, parseEgressAllow } from './egress-allow.js';
export { type HttpSenderOptions, createHttpSender } from './http-sender.js';
export { type EndpointSender, createEndpointSender } from './endpoint-sender.js';
export { type Cidr, type SpecialAddressKind } from './special-addresses.js';
export { type ResourceRequest, type SmallExchange, type SmallRequest, createSmallExchange } from './small-exchange.js';
export { type TlsSettings } from './checked-connector.js';
export { type ResolveHost, type ResolvedAddress } from './resolve-host.js';
