import { describe, expect, it } from '@jest/globals';
import { parseEgressAllow } from './egress-allow.js';

describe('HOOKSTREAM_EGRESS_ALLOW', () => {
  it.each([
    ['', []],
    [' , ', []],
    ['127.0.0.0/8', ['127.0.0.0/8']],
    ['10.0.0.0/8, fd00::/8\n192.168.1.7', ['10.0.0.0/8', 'fd00::/8', '192.168.1.7/32']],
    ['::1', ['::1/128']],
    ['0.0.0.0/0', ['0.0.0.0/0']],
  ])('%j is read as %j', (setting, blocks) => {
    const parsed = parseEgressAllow(setting);
    expect(parsed.ok && parsed.allow.map(([network, prefix]) => `${network.toString()}/${prefix}`)).toEqual(blocks);
  });

  it.each([
    ['10.0.0.0/8,localhost', /"localhost" is not an address block/],
    ['10.0.0/8', /"10\.0\.0\/8" is not an address block/],
    ['010.0.0.1', /"010\.0\.0\.1" is not an address block/],
    ['0x7f000001', /is not an address block/],
    ['10.0.0.0/8/8', /is not an address block/],
    ['fe80::1%eth0', /is not an address block/],
    ['10.0.0.0/33', /"10\.0\.0\.0\/33" has no valid prefix length; it is a number from 0 to 32/],
    ['fd00::/129', /from 0 to 128/],
    ['10.0.0.0/', /has no valid prefix length/],
    ['10.0.0.0/-1', /has no valid prefix length/],
    ['10.0.0.1/8', /"10\.0\.0\.1\/8" has address bits beyond its prefix length; did you mean 10\.0\.0\.0\/8\?/],
    ['::ffff:10.0.0.0/104', /write it as IPv4/],
  ])('%j is refused with the entry and the remedy', (setting, message) => {
    expect(parseEgressAllow(setting)).toEqual({ ok: false, message: expect.stringMatching(message) });
    expect(parseEgressAllow(setting)).toEqual({
      ok: false,
      message: expect.stringMatching(/^HOOKSTREAM_EGRESS_ALLOW: /),
    });
  });
});
