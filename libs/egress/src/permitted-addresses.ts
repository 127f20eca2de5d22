import { isIP } from 'node:net';
import { type AddressPolicy } from './address-policy.js';
import { EgressFailure } from './egress-failure.js';
import { type ResolveHost, type ResolvedAddress } from './resolve-host.js';

const REMEDY = 'an operator can allow it with HOOKSTREAM_EGRESS_ALLOW';

/**
 * The addresses of a host that may be dialled, in the resolver's order.
 *
 * @param host a name, or an IP literal without brackets
 * @throws EgressFailure `refused-address` where none of them may be, `dns` where there are none. The words name no
 *   address that the host did not name, so that a subscription cannot be used to read internal DNS.
 */
export async function permittedAddresses(
  host: string,
  policy: AddressPolicy,
  resolve: ResolveHost,
): Promise<readonly ResolvedAddress[]> {
  const family = isIP(host);
  if (family !== 0) {
    const refusal = policy.refusalOf(host);
    if (refusal === undefined) return [{ address: host, family }];
    throw new EgressFailure('refused-address', `${host} is not called because it is a ${refusal} address; ${REMEDY}`);
  }

  const addresses = await resolve(host).catch((error: unknown) => {
    throw dnsFailure(host, error);
  });
  const permitted = addresses.filter(({ address }) => policy.refusalOf(address) === undefined);
  if (permitted.length > 0) return permitted;
  if (addresses.length === 0) throw new EgressFailure('dns', `the name ${host} has no address`);
  throw new EgressFailure(
    'refused-address',
    `${host} is not called because its name leads to an address outside the public Internet; ${REMEDY}`,
  );
}

/** What is found at the other end of a connection must be callable too, whatever was asked for. */
export function checkDialled(host: string, dialled: string | undefined, policy: AddressPolicy): void {
  if (dialled === undefined) throw new EgressFailure('connect', 'the connection was closed while it was being made');
  if (policy.refusalOf(dialled) === undefined) return;
  throw new EgressFailure(
    'refused-address',
    `${host} is not called because the connection led to an address outside the public Internet; ${REMEDY}`,
  );
}

function dnsFailure(host: string, error: unknown): EgressFailure {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  switch (code) {
    case 'ENOTFOUND':
    case 'ENODATA':
      return new EgressFailure('dns', `the name ${host} does not exist`);
    case 'EAI_AGAIN':
    case 'ETIMEOUT':
      return new EgressFailure('dns', `the name ${host} could not be resolved: the name server did not answer`);
    default:
      return new EgressFailure('dns', `the name ${host} could not be resolved${code === '' ? '' : ` (${code})`}`);
  }
}
