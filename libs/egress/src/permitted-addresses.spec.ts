import { describe, expect, it } from '@jest/globals';
import { createAddressPolicy } from './address-policy.js';
import { checkDialled, permittedAddresses } from './permitted-addresses.js';

const policy = createAddressPolicy([]);
const answering =
  (...addresses: string[]) =>
  () =>
    Promise.resolve(addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })));
const failing = (code: string) => () => Promise.reject(Object.assign(new Error(code), { code }));
const addressesOf = (host: string, resolve: () => Promise<readonly { address: string; family: number }[]>) =>
  permittedAddresses(host, policy, resolve);

describe('the addresses that are dialled', () => {
  it('are those of the answer that may be called, in its order', async () => {
    const resolve = answering('10.0.0.1', '2600::1', '::ffff:127.0.0.1', '8.8.8.8');
    expect((await addressesOf('a.test', resolve)).map(({ address }) => address)).toEqual(['2600::1', '8.8.8.8']);
  });

  it('are a literal itself, without asking anyone', async () => {
    expect(await addressesOf('8.8.8.8', failing('asked'))).toEqual([{ address: '8.8.8.8', family: 4 }]);
  });

  it('are none for a literal that may not be called, and the words say the remedy', async () => {
    await expect(addressesOf('10.0.0.1', failing('asked'))).rejects.toMatchObject({
      failureClass: 'refused-address',
      message:
        '10.0.0.1 is not called because it is a private address; an operator can allow it with HOOKSTREAM_EGRESS_ALLOW',
    });
  });

  it('are none for a name that leads inside, and the words do not tell where', async () => {
    const refused = addressesOf('intranet.test', answering('10.1.2.3', 'fd00::1'));
    await expect(refused).rejects.toMatchObject({ failureClass: 'refused-address' });
    await expect(refused).rejects.toThrow(/^intranet\.test .*HOOKSTREAM_EGRESS_ALLOW$/);
    await expect(refused).rejects.not.toThrow(/10\.1\.2\.3|fd00|private/);
  });

  it.each([
    ['ENOTFOUND', 'the name a.test does not exist'],
    ['EAI_AGAIN', 'the name a.test could not be resolved: the name server did not answer'],
    ['ESERVFAIL', 'the name a.test could not be resolved (ESERVFAIL)'],
  ])('are none after %s', async (code, message) => {
    await expect(addressesOf('a.test', failing(code))).rejects.toMatchObject({ failureClass: 'dns', message });
  });

  it('are none for an empty answer', async () => {
    await expect(addressesOf('a.test', answering())).rejects.toMatchObject({ failureClass: 'dns' });
  });
});

describe('the peer of a connection', () => {
  it('is refused where it may not be called, and where it is not known', () => {
    expect(() => checkDialled('a.test', '8.8.8.8', policy)).not.toThrow();
    expect(() => checkDialled('a.test', '::ffff:10.0.0.1', policy)).toThrow(/outside the public Internet/);
    expect(() => checkDialled('a.test', undefined, policy)).toThrow(/closed/);
  });
});
