import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** What an address that must not be called is for. */
export type SpecialAddressKind =
  | 'unspecified'
  | 'loopback'
  | 'private'
  | 'shared (carrier-grade NAT)'
  | 'link-local'
  | 'cloud metadata'
  | 'multicast'
  | 'broadcast'
  | 'documentation'
  | 'benchmarking'
  | 'transition (IPv4 inside IPv6)'
  | 'reserved';

export type Ip = ipaddr.IPv4 | ipaddr.IPv6;
/** An address block in CIDR notation, parsed. */
export type Cidr = readonly [Ip, number];

/**
 * Parses an IP literal as the system reads it, or returns undefined for anything else.
 *
 * Stricter than ipaddr.js in two ways: no octal, hexadecimal or short IPv4 (the system's resolver has dealt with those
 * before an address gets here), and `::1.2.3.4` is the IPv4-compatible address it is, not the IPv4-mapped one.
 */
export function parseIp(text: string): Ip | undefined {
  const version = isIP(text);
  if (version === 0) return undefined;
  if (version === 4) return ipaddr.IPv4.parse(text);
  // A zone (`%eth0`) says by which interface, never to which address; Node takes any characters for one.
  const [address = ''] = text.split('%', 1);
  return ipaddr.IPv6.parse(
    address.replace(
      /(\d+)\.(\d+)\.(\d+)\.(\d+)/,
      (_, a: string, b: string, c: string, d: string) => `${hexPair(a, b)}:${hexPair(c, d)}`,
    ),
  );
}

const hexPair = (high: string, low: string): string => (Number(high) * 256 + Number(low)).toString(16);

/**
 * Instance metadata and credential services, single addresses. Some lie in public space (Azure) or in ranges that
 * operators allow as a whole, so only an entry that names exactly one of them allows it.
 */
const METADATA_ADDRESSES: ReadonlySet<string> = new Set(
  [
    '169.254.169.254', // AWS, Google Cloud, Azure, OpenStack and others
    '169.254.170.2', // AWS ECS task credentials
    '169.254.170.23', // AWS EKS pod identity
    '100.100.100.200', // Alibaba Cloud
    '168.63.129.16', // Azure wire server
    '192.0.0.192', // Oracle Cloud
    'fd00:ec2::254', // AWS
    'fd00:ec2::23', // AWS EKS pod identity
    'fd20:ce::254', // Google Cloud
  ].map((address) => ipaddr.parse(address).toNormalizedString()),
);

// IANA special-purpose address registries (RFC 6890 and its updates), most specific first where blocks overlap.
const SPECIAL: readonly (readonly [Cidr, SpecialAddressKind])[] = (
  [
    ['0.0.0.0/8', 'unspecified'],
    ['10.0.0.0/8', 'private'],
    ['100.64.0.0/10', 'shared (carrier-grade NAT)'],
    ['127.0.0.0/8', 'loopback'],
    ['169.254.0.0/16', 'link-local'],
    ['172.16.0.0/12', 'private'],
    ['192.0.0.0/24', 'reserved'],
    ['192.0.2.0/24', 'documentation'],
    ['192.88.99.0/24', 'transition (IPv4 inside IPv6)'],
    ['192.168.0.0/16', 'private'],
    ['198.18.0.0/15', 'benchmarking'],
    ['198.51.100.0/24', 'documentation'],
    ['203.0.113.0/24', 'documentation'],
    ['224.0.0.0/4', 'multicast'],
    ['255.255.255.255/32', 'broadcast'],
    ['240.0.0.0/4', 'reserved'],
    ['::/128', 'unspecified'],
    ['::1/128', 'loopback'],
    ['::/96', 'transition (IPv4 inside IPv6)'],
    ['64:ff9b::/96', 'transition (IPv4 inside IPv6)'],
    ['64:ff9b:1::/48', 'transition (IPv4 inside IPv6)'],
    ['2001::/32', 'transition (IPv4 inside IPv6)'],
    ['2001:2::/48', 'benchmarking'],
    ['2001::/23', 'reserved'],
    ['2001:db8::/32', 'documentation'],
    ['2002::/16', 'transition (IPv4 inside IPv6)'],
    ['3fff::/20', 'documentation'],
    ['fc00::/7', 'private'],
    ['fe80::/10', 'link-local'],
    ['ff00::/8', 'multicast'],
  ] as const
).map(([cidr, kind]) => [ipaddr.parseCIDR(cidr), kind]);

const GLOBAL_UNICAST_IPV6: Cidr = ipaddr.parseCIDR('2000::/3');

export function contains([network, prefix]: Cidr, address: Ip): boolean {
  return network.kind() === address.kind() && address.match(network, prefix);
}

/** The kind of an address that is not for the public Internet, or undefined for one that is. */
export function specialKindOf(address: Ip): SpecialAddressKind | undefined {
  if (METADATA_ADDRESSES.has(address.toNormalizedString())) return 'cloud metadata';
  const listed = SPECIAL.find(([cidr]) => contains(cidr, address));
  if (listed !== undefined) return listed[1];
  // IPv6 outside 2000::/3 is not allotted to anyone on the Internet: site-local, translated, discard-only and the rest.
  if (address.kind() === 'ipv6' && !contains(GLOBAL_UNICAST_IPV6, address)) return 'reserved';
  return undefined;
}

const CARRIES_IPV4: readonly (readonly [Cidr, number])[] = [
  [ipaddr.parseCIDR('::/96'), 12],
  [ipaddr.parseCIDR('64:ff9b::/96'), 12], // RFC 6052
  [ipaddr.parseCIDR('2002::/16'), 2], // RFC 3056
];

/** The IPv4 address that a translator or tunnel would call for this IPv6 address. */
export function carriedIpv4(address: Ip): ipaddr.IPv4 | undefined {
  const carrier = CARRIES_IPV4.find(([cidr]) => contains(cidr, address));
  if (carrier === undefined) return undefined;
  return new ipaddr.IPv4(address.toByteArray().slice(carrier[1], carrier[1] + 4));
}
