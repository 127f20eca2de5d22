import { BlockList } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createAddressPolicy } from './address-policy.js';

const policy = createAddressPolicy([]);

// A second opinion: the same registry, judged by Node's own block list.
const blocks = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24'],
  ...['192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24'],
  ...['224.0.0.0/4', '240.0.0.0/4', '168.63.129.16/32'],
].map((cidr) => {
  const [network = '', prefix] = cidr.split('/');
  return { network, prefix: Number(prefix) };
});
const blockList = new BlockList();
for (const { network, prefix } of blocks) blockList.addSubnet(network, prefix);

const dotted = (value: number): string => [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join('.');
const hex = (value: number): string => `${(value >>> 16).toString(16)}:${(value & 0xffff).toString(16)}`;

const anywhere = fc.integer({ min: 0, max: 0xffff_ffff });
const atAnEdge = fc
  .tuple(fc.constantFrom(...blocks), fc.integer({ min: -2, max: 2 }), fc.boolean())
  .map(([{ network, prefix }, step, end]) => {
    const start = network.split('.').reduce((value, byte) => value * 256 + Number(byte), 0);
    return (start + (end ? 2 ** (32 - prefix) : 0) + step) >>> 0;
  });
const ipv4 = fc.oneof(anywhere, atAnEdge);

describe('the address policy', () => {
  it("agrees with Node's block list about every IPv4 address", () => {
    fc.assert(
      fc.property(ipv4, (value) => {
        const address = dotted(value);
        expect([address, policy.refusalOf(address) !== undefined]).toEqual([address, blockList.check(address)]);
      }),
      { numRuns: 3_000 },
    );
  });

  it('judges an IPv4-mapped address as the IPv4 address, in every spelling', () => {
    fc.assert(
      fc.property(ipv4, (value) => {
        const expected = policy.refusalOf(dotted(value));
        for (const spelling of [`::ffff:${dotted(value)}`, `::ffff:${hex(value)}`, `0:0:0:0:0:FFFF:${hex(value)}`]) {
          expect([spelling, policy.refusalOf(spelling)]).toEqual([spelling, expected]);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('refuses whatever a URL makes of the spelling of a refused IPv4 address', () => {
    const spellings = [
      (v: number) => String(v),
      (v: number) => `0x${v.toString(16)}`,
      (v: number) => `0${v.toString(8)}`,
      (v: number) => `${v >>> 24}.${v & 0xff_ffff}`,
      (v: number) => `0x${(v >>> 24).toString(16)}.0${((v >>> 16) & 255).toString(8)}.${v & 0xffff}`,
      (v: number) => `${dotted(v)}.`,
      (v: number) => dotted(v).replaceAll('1', '１').replaceAll('.', '。'),
    ];
    fc.assert(
      fc.property(ipv4, fc.constantFrom(...spellings), (value, spell) => {
        const { hostname } = new URL(`http://${spell(value)}/`);
        expect(hostname).toBe(dotted(value));
        expect(policy.refusalOf(hostname)).toBe(policy.refusalOf(dotted(value)));
      }),
      { numRuns: 1_000 },
    );
  });

  it('calls no IPv6 address outside 2000::/3', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffff }), fc.integer({ min: 0, max: 0xffff_ffff }), (first, rest) => {
        fc.pre(first < 0x2000 || first > 0x3fff);
        expect(policy.refusalOf(`${first.toString(16)}:1::${hex(rest)}`)).toBeDefined();
      }),
      { numRuns: 1_000 },
    );
  });

  it('never throws, whatever it is asked', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void policy.refusalOf(text)));
    fc.assert(fc.property(fc.stringMatching(/^[0-9a-fx.:%]{0,20}$/), (text) => void policy.refusalOf(text)));
  });
});
