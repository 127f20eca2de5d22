import ipaddr from 'ipaddr.js';
import { type Cidr, parseIp } from './special-addresses.js';

export type ParsedEgressAllow =
  { readonly ok: true; readonly allow: readonly Cidr[] } | { readonly ok: false; readonly message: string };

/**
 * Reads `HOOKSTREAM_EGRESS_ALLOW`: address blocks in CIDR notation or single addresses, separated by commas or spaces;
 * empty allows nothing beyond the public Internet. The message names the entry that is wrong and what would be right.
 */
export function parseEgressAllow(setting: string): ParsedEgressAllow {
  const allow: Cidr[] = [];
  for (const entry of setting.split(/[\s,]+/).filter((text) => text !== '')) {
    const parsed = parseEntry(entry);
    if (typeof parsed === 'string') return { ok: false, message: `HOOKSTREAM_EGRESS_ALLOW: "${entry}" ${parsed}` };
    allow.push(parsed);
  }
  return { ok: true, allow };
}

/** Returns the block, or what is wrong with the entry. */
function parseEntry(entry: string): Cidr | string {
  const [literal = '', prefixText, ...rest] = entry.split('/');
  const address = parseIp(literal);
  if (address === undefined || rest.length > 0 || literal.includes('%')) {
    return 'is not an address block; write it like 10.0.0.0/8, fd00::/8 or 192.168.1.7';
  }

  if (address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress())
    return 'is an IPv4 address written as IPv6; write it as IPv4';

  const bits = address.kind() === 'ipv4' ? 32 : 128;
  const prefix = prefixText === undefined ? bits : Number(prefixText);
  if (prefixText !== undefined && (!/^\d{1,3}$/.test(prefixText) || prefix > bits)) {
    return `has no valid prefix length; it is a number from 0 to ${bits}`;
  }

  const network = networkOf(address, prefix);
  if (network.toNormalizedString() !== address.toNormalizedString()) {
    return `has address bits beyond its prefix length; did you mean ${network.toString()}/${prefix}?`;
  }
  return [network, prefix];
}

function networkOf(address: ipaddr.IPv4 | ipaddr.IPv6, prefix: number): ipaddr.IPv4 | ipaddr.IPv6 {
  const block = `${address.toString()}/${prefix}`;
  return address instanceof ipaddr.IPv4
    ? ipaddr.IPv4.networkAddressFromCIDR(block)
    : ipaddr.IPv6.networkAddressFromCIDR(block);
}
