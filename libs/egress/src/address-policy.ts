import ipaddr from 'ipaddr.js';
import {
  type Cidr,
  type Ip,
  type SpecialAddressKind,
  carriedIpv4,
  contains,
  parseIp,
  specialKindOf,
} from './special-addresses.js';

const TRANSITION: SpecialAddressKind = 'transition (IPv4 inside IPv6)';

/** Decides which addresses may be called. Immutable, so a connection that passed stays allowed. */
export interface AddressPolicy {
  /**
   * Why an address must not be called, or undefined where it may.
   *
   * @param address an IPv4 or IPv6 literal in any spelling; what is no address is refused as `reserved`
   */
  refusalOf(address: string): SpecialAddressKind | undefined;
}

/**
 * Refuses every address that is not for the public Internet, unless the list allows it.
 *
 * IPv4 inside an IPv4-mapped IPv6 address is judged as the IPv4 address that the system would dial. IPv4 inside a
 * NAT64 or 6to4 address must itself be callable, so allowing such a prefix opens no way to private addresses.
 *
 * @param allow blocks that may be called although they are special; see `parseEgressAllow`
 */
export function createAddressPolicy(allow: readonly Cidr[]): AddressPolicy {
  const refusalOf = (dialled: Ip): SpecialAddressKind | undefined => {
    const address = withoutMapping(dialled);
    const kind = specialKindOf(address);
    if (kind === undefined) return undefined;

    const carried = kind === TRANSITION ? carriedIpv4(address) : undefined;
    const carriedRefusal = carried === undefined ? undefined : refusalOf(carried);
    if (carriedRefusal !== undefined && !isNamed(address)) return carriedRefusal;

    if (kind === 'cloud metadata') return isNamed(address) ? undefined : kind;
    return allow.some((cidr) => contains(cidr, address)) ? undefined : kind;
  };

  const isNamed = (address: Ip): boolean =>
    allow.some(
      ([network, prefix]) => prefix === network.toByteArray().length * 8 && contains([network, prefix], address),
    );

  return {
    refusalOf: (text) => {
      const address = parseIp(text);
      return address === undefined ? 'reserved' : refusalOf(address);
    },
  };
}

const withoutMapping = (address: Ip): Ip =>
  address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress() ? address.toIPv4Address() : address;
