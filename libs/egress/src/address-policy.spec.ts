import { describe, expect, it } from '@jest/globals';
import { createAddressPolicy } from './address-policy.js';
import { parseEgressAllow } from './egress-allow.js';

function policyAllowing(setting: string) {
  const parsed = parseEgressAllow(setting);
  if (!parsed.ok) throw new Error(parsed.message);
  return createAddressPolicy(parsed.allow);
}

const strict = policyAllowing('');

describe('an address outside the public Internet is refused', () => {
  it.each([
    ['0.0.0.0', 'unspecified'],
    ['0.1.2.3', 'unspecified'],
    ['10.0.0.0', 'private'],
    ['10.255.255.255', 'private'],
    ['100.64.0.1', 'shared (carrier-grade NAT)'],
    ['100.127.255.255', 'shared (carrier-grade NAT)'],
    ['127.0.0.1', 'loopback'],
    ['127.255.255.254', 'loopback'],
    ['169.254.1.1', 'link-local'],
    ['172.16.0.1', 'private'],
    ['172.31.255.255', 'private'],
    ['192.0.0.1', 'reserved'],
    ['192.0.2.1', 'documentation'],
    ['192.88.99.1', 'transition (IPv4 inside IPv6)'],
    ['192.168.0.1', 'private'],
    ['198.18.0.1', 'benchmarking'],
    ['198.19.255.255', 'benchmarking'],
    ['198.51.100.7', 'documentation'],
    ['203.0.113.7', 'documentation'],
    ['224.0.0.1', 'multicast'],
    ['239.255.255.255', 'multicast'],
    ['240.0.0.1', 'reserved'],
    ['255.255.255.255', 'broadcast'],
    ['::', 'unspecified'],
    ['::1', 'loopback'],
    ['::7f00:1', 'loopback'],
    ['::8.8.8.8', 'transition (IPv4 inside IPv6)'],
    ['::ffff:0:8.8.8.8', 'reserved'],
    ['64:ff9b::8.8.8.8', 'transition (IPv4 inside IPv6)'],
    ['64:ff9b:1::1', 'transition (IPv4 inside IPv6)'],
    ['100::1', 'reserved'],
    ['2001::1', 'transition (IPv4 inside IPv6)'],
    ['2001:2::1', 'benchmarking'],
    ['2001:10::1', 'reserved'],
    ['2001:20::1', 'reserved'],
    ['2001:db8::1', 'documentation'],
    ['2002:0808:0808::1', 'transition (IPv4 inside IPv6)'],
    ['3fff::1', 'documentation'],
    ['5f00::1', 'reserved'],
    ['fc00::1', 'private'],
    ['fdff::1', 'private'],
    ['fe80::1', 'link-local'],
    ['fe80::1%eth0', 'link-local'],
    ['fe80::1%.', 'link-local'],
    ['febf::1', 'link-local'],
    ['fec0::1', 'reserved'],
    ['ff02::1', 'multicast'],
  ])('%s, which is %s', (address, kind) => {
    expect(strict.refusalOf(address)).toBe(kind);
  });

  it.each([
    '169.254.169.254',
    '169.254.170.2',
    '100.100.100.200',
    '168.63.129.16',
    '192.0.0.192',
    'fd00:ec2::254',
    'FD00:0EC2::0254',
  ])('%s, which serves cloud metadata', (address) => {
    expect(strict.refusalOf(address)).toBe('cloud metadata');
  });

  it.each([
    ['::ffff:127.0.0.1', 'loopback'],
    ['::ffff:7f00:1', 'loopback'],
    ['0:0:0:0:0:ffff:0a00:0001', 'private'],
    ['::ffff:169.254.169.254', 'cloud metadata'],
    ['64:ff9b::a9fe:a9fe', 'cloud metadata'],
    ['64:ff9b::10.0.0.1', 'private'],
    ['2002:7f00:0001::', 'loopback'],
    ['2002:c0a8:0101::1', 'private'],
    ['::10.0.0.1', 'private'],
    ['::a00:1', 'private'],
  ])('%s, which leads to an IPv4 address that is %s', (address, kind) => {
    expect(strict.refusalOf(address)).toBe(kind);
  });

  it.each(['', 'localhost', '999.1.1.1', '1.2.3.4.5', '[::1]', 'g::1', '127.0.0.1:80'])(
    '%j, which is no address',
    (text) => {
      expect(strict.refusalOf(text)).toBe('reserved');
    },
  );
});

describe('an address of the public Internet is called', () => {
  it.each([
    '1.1.1.1',
    '8.8.8.8',
    '9.255.255.255',
    '11.0.0.0',
    '100.63.255.255',
    '100.128.0.0',
    '126.255.255.255',
    '128.0.0.1',
    '169.253.255.255',
    '172.15.255.255',
    '172.32.0.0',
    '192.0.1.0',
    '192.167.255.255',
    '192.169.0.0',
    '198.17.255.255',
    '198.20.0.0',
    '223.255.255.255',
    '::ffff:8.8.8.8',
    '2600::1',
    '2001:200::1',
    '2001:4860:4860::8888',
    '2003::1',
    '2a00:1450:4001::1',
    '3ffe::1',
  ])('%s', (address) => {
    expect(strict.refusalOf(address)).toBeUndefined();
  });
});

describe('the allow list', () => {
  it('opens exactly its blocks, and their IPv4-mapped spellings', () => {
    const policy = policyAllowing('127.0.0.0/8, 10.1.0.0/16 fd00:1::/32');
    for (const open of ['127.0.0.1', '127.9.9.9', '10.1.255.255', '::ffff:127.0.0.1', 'fd00:1::7']) {
      expect([open, policy.refusalOf(open)]).toEqual([open, undefined]);
    }
    for (const closed of ['10.2.0.0', '::1', 'fd00:2::1', '192.168.0.1', '0.0.0.0']) {
      expect([closed, policy.refusalOf(closed)]).not.toEqual([closed, undefined]);
    }
  });

  it('opens a metadata address only when it names that one address', () => {
    expect(policyAllowing('169.254.0.0/16').refusalOf('169.254.169.254')).toBe('cloud metadata');
    expect(policyAllowing('0.0.0.0/0 ::/0').refusalOf('169.254.169.254')).toBe('cloud metadata');
    expect(policyAllowing('0.0.0.0/0 ::/0').refusalOf('fd00:ec2::254')).toBe('cloud metadata');
    expect(policyAllowing('169.254.169.254').refusalOf('169.254.169.254')).toBeUndefined();
    expect(policyAllowing('fd00:ec2::254/128').refusalOf('fd00:ec2::254')).toBeUndefined();
  });

  it('opens a translation prefix to public IPv4 addresses only', () => {
    const policy = policyAllowing('64:ff9b::/96 2002::/16');
    expect(policy.refusalOf('64:ff9b::8.8.8.8')).toBeUndefined();
    expect(policy.refusalOf('2002:0808:0808::1')).toBeUndefined();
    expect(policy.refusalOf('64:ff9b::10.0.0.1')).toBe('private');
    expect(policy.refusalOf('64:ff9b::169.254.169.254')).toBe('cloud metadata');
    expect(policy.refusalOf('2002:7f00:1::')).toBe('loopback');
  });
});
