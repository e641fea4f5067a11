import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { addressIssue, networkOf, parseAddressRange } from './ip-address.js';

const ranges = (texts: string[]) => texts.map((text) => parseAddressRange(text)!);
const allow = (...texts: string[]) => ({ allow: ranges(texts), deny: [] });
const deny = (...texts: string[]) => ({ allow: ranges(['10.0.0.0/8', '::/0']), deny: ranges(texts) });

it.each([
  '1.1.1.1',
  '8.8.8.8',
  '9.255.255.255',
  '11.0.0.0',
  '100.63.255.255',
  '100.128.0.0',
  '126.255.255.255',
  '128.0.0.0',
  '169.253.255.255',
  '172.15.255.255',
  '172.32.0.0',
  '192.167.255.255',
  '192.169.0.0',
  '198.17.255.255',
  '198.20.0.0',
  '223.255.255.255',
  '2606:4700:4700::1111',
  '2001:4860:4860::8888',
  '2a00:1450:4001:82a::200e',
  '::ffff:8.8.8.8',
  '64:ff9b::8.8.8.8',
  // Ends as ISATAP addresses do, and is none.
  '2606:4700::1:5efe:a00:1',
])('%s is public', (address) => {
  expect(addressIssue(address)).toBeUndefined();
});

describe.each([
  ['an unspecified address', ['0.0.0.0', '0.1.2.3', '0.255.255.255', '::']],
  ['a loopback address', ['127.0.0.1', '127.255.255.255', '::1']],
  ['a private address', ['10.0.0.0', '10.255.255.255', '172.16.0.1', '172.31.255.255', '192.168.0.1']],
  ['a carrier-grade NAT address', ['100.64.0.0', '100.100.100.200', '100.127.255.255']],
  ['a link-local address', ['169.254.169.254', '169.254.0.1', 'fe80::1', 'febf::1']],
  ['a multicast address', ['224.0.0.1', '239.255.255.255', 'ff02::1', 'ff0e::1']],
  ['the broadcast address', ['255.255.255.255']],
  [
    'a reserved address',
    [
      '192.0.0.1',
      '192.0.0.192',
      '192.0.2.1',
      '192.88.99.1',
      '198.18.0.1',
      '198.19.255.255',
      '198.51.100.1',
      '203.0.113.1',
      '240.0.0.1',
      '255.255.255.254',
      '2001:db8::1',
      '2001:1::1',
      '2001:1ff::1',
      '3fff::1',
    ],
  ],
  ['a special-purpose address (as112)', ['192.31.196.1', '192.175.48.1']],
  ['a special-purpose address (amt)', ['192.52.193.1', '2001:3::1']],
  ['a special-purpose address (as112v6)', ['2001:4:112::1', '2620:4f:8000::1']],
  ["Azure's platform address", ['168.63.129.16']],
  ['a unique local address', ['fc00::1', 'fd00:ec2::254', 'fdff::1']],
  ['a site-local address', ['fec0::1', 'feff::1']],
  ['a discard-only address', ['100::1']],
  ['a segment routing address', ['5f00::1']],
  ['a benchmarking address', ['2001:2::1']],
  ['outside of 2000::/3', ['100:0:0:1::1', '200::1', '4000::1', '8000::1', 'e000::1', 'f000::1', '1fff::1']],
  ['an IPv4-mapped address of 127.0.0.1, a loopback address', ['::ffff:127.0.0.1', '::ffff:7f00:1']],
  ['an IPv4-compatible address', ['::10.0.0.1', '::a00:1', '::8.8.8.8']],
  ['a NAT64 address of 169.254.169.254, a link-local address', ['64:ff9b::169.254.169.254', '64:ff9b::a9fe:a9fe']],
  ['a local NAT64 address', ['64:ff9b:1::10.0.0.1', '64:ff9b:1::8.8.8.8', '64:ff9b:1:a00:0:100:808:808']],
  ['a 6to4 address', ['2002:a00:1::1', '2002:808:808::1']],
  ['a Teredo address', ['2001:0:a00:1:0:0:f7f7:f7f7', '2001:0:808:808:0:0:f7f7:f7f7']],
  ['an IPv4-translated address', ['::ffff:0:10.0.0.1', '::ffff:0:8.8.8.8']],
  ['an ISATAP address', ['2606:4700::5efe:10.0.0.1', '2606:4700::200:5efe:a00:1', '2606:4700::5efe:8.8.8.8']],
])('%s', (kind, addresses) => {
  it.each(addresses)('is %s', (address) => {
    expect(addressIssue(address)).toContain(`${address} is ${kind}`);
  });
});

it.each(['', 'example.com', '127.1', '0x7f000001', '2130706433', '127.0.0.1.', '[::1]', '１２７.0.0.1', '127.0.0.1/8'])(
  '%j is no IP address',
  (text) => {
    expect(addressIssue(text, allow('0.0.0.0/0', '::/0'))).toBe(`${text} is not an IP address`);
  },
);

it('refuses a zone id, whatever is allowed', () => {
  expect(addressIssue('fe80::1%eth0', allow('::/0'))).toContain('has a zone id');
});

describe('allow', () => {
  it.each([
    ['127.0.0.1', '127.0.0.1'],
    ['10.1.2.3', '10.0.0.0/8'],
    ['::ffff:10.1.2.3', '10.0.0.0/8'],
    ['::ffff:10.1.2.3', '::ffff:10.0.0.0/104'],
    ['::1', '::1'],
    ['fd12::1', 'fd00::/8'],
    ['64:ff9b:1::a00:1', '64:ff9b:1::/48'],
    ['64:ff9b::10.0.0.1', '64:ff9b::/96'],
    ['2002:a00:1::1', '2002::/16'],
    ['2606:4700::5efe:a00:1', '2606:4700::5efe:0:0/96'],
    ['fd00::1', '::/0'],
    ['::1', '::/0'],
  ])('opens %s by %s', (address, range) => {
    expect(addressIssue(address, allow('192.0.2.1', range))).toBeUndefined();
  });

  it.each([
    ['127.0.0.2', '127.0.0.1'],
    ['192.168.0.1', '10.0.0.0/8'],
    ['::1', '127.0.0.1'],
    ['127.0.0.1', '::1'],
    ['::', '::1'],
    ['64:ff9b::10.0.0.1', '10.0.0.0/8'],
    ['2002:a00:1::1', '10.0.0.0/8'],
    ['::10.0.0.1', '10.0.0.0/8'],
    ['::ffff:10.0.0.1', '::/0'],
    ['::ffff:10.0.0.1', '::/95'],
    ['64:ff9b::10.0.0.1', '::/0'],
    ['64:ff9b:1::10.0.0.1', '::/0'],
    ['2002:a00:1::1', '::/0'],
    ['2002:a00:1::1', '2000::/3'],
    ['2001:0:a00:1::1', '2000::/3'],
    ['::10.0.0.1', '::/0'],
    ['::ffff:0:10.0.0.1', '::/0'],
    ['fd00::5efe:10.0.0.1', 'fd00::/8'],
  ])('does not open %s by %s', (address, range) => {
    expect(addressIssue(address, allow(range))).toBeDefined();
  });
});

describe('deny', () => {
  it.each([
    ['8.8.8.8', '8.8.8.0/24'],
    ['10.1.2.3', '10.1.0.0/16'],
    ['::ffff:8.8.8.8', '8.8.8.8'],
    ['64:ff9b::8.8.8.8', '8.8.8.8'],
    ['2606:4700::1', '2606:4700::/32'],
    ['fd00::1', 'fd00::/8'],
  ])('closes %s by %s, whatever is allowed', (address, range) => {
    expect(addressIssue(address, deny('192.0.2.1', range))).toBe(`${address} is in a range of \`egress.deny\``);
  });

  it.each([
    ['8.8.4.4', '8.8.8.0/24'],
    ['10.2.0.1', '10.1.0.0/16'],
    ['2606:4700::1', '8.8.8.8'],
  ])('leaves %s open next to %s', (address, range) => {
    expect(addressIssue(address, deny(range))).toBeUndefined();
  });
});

it('reads an address the same in every spelling that a socket takes', () => {
  const hextet = fc.oneof(fc.constantFrom(0, 0xffff, 0x64, 0xff9b, 0x2001, 0x2002), fc.nat(0xffff));
  fc.assert(
    fc.property(fc.array(hextet, { minLength: 8, maxLength: 8 }), (hextets) => {
      const plain = hextets.map((part) => part.toString(16)).join(':');
      const compressed = new URL(`http://[${plain}]`).hostname.slice(1, -1);
      const dotted = hextets.slice(6).flatMap((part) => [part >> 8, part & 0xff]);
      const mixed = `${plain.split(':').slice(0, 6).join(':')}:${dotted.join('.')}`;
      const kind = (literal: string) => addressIssue(literal)?.slice(literal.length);
      expect(kind(compressed)).toBe(kind(plain));
      expect(kind(mixed)).toBe(kind(plain));
    }),
  );
});

describe('every address of a forbidden IPv4 range', () => {
  const forbidden: [string, number][] = [
    ['0.0.0.0', 8],
    ['10.0.0.0', 8],
    ['100.64.0.0', 10],
    ['127.0.0.0', 8],
    ['169.254.0.0', 16],
    ['172.16.0.0', 12],
    ['192.0.0.0', 24],
    ['192.0.2.0', 24],
    ['192.168.0.0', 16],
    ['198.18.0.0', 15],
    ['198.51.100.0', 24],
    ['203.0.113.0', 24],
    ['224.0.0.0', 4],
    ['240.0.0.0', 4],
  ];
  const address = fc
    .tuple(fc.constantFrom(...forbidden), fc.nat(0xffff_ffff))
    .map(([[network, length], host]) => (toNumber(network) + (host % 2 ** (32 - length))) >>> 0);
  const hextets = (ipv4: number) => `${(ipv4 >>> 16).toString(16)}:${(ipv4 & 0xffff).toString(16)}`;

  it.each<[string, (ipv4: number) => string]>([
    ['plain', toText],
    ['IPv4-mapped', (ipv4) => `::ffff:${toText(ipv4)}`],
    ['IPv4-mapped, in hexadecimal', (ipv4) => `0:0:0:0:0:FFFF:${hextets(ipv4)}`],
    ['IPv4-compatible', (ipv4) => `::${toText(ipv4)}`],
    ['IPv4-translated', (ipv4) => `::ffff:0:${toText(ipv4)}`],
    ['NAT64', (ipv4) => `64:ff9b::${toText(ipv4)}`],
    ['local NAT64', (ipv4) => `64:ff9b:1:2:3:4:${hextets(ipv4)}`],
    ['6to4', (ipv4) => `2002:${hextets(ipv4)}:1:2:3:4:5`],
    ['Teredo, as the server', (ipv4) => `2001:0:${hextets(ipv4)}:0:0:${hextets(~toNumber('8.8.8.8') >>> 0)}`],
    ['Teredo, as the client', (ipv4) => `2001:0:${hextets(toNumber('8.8.8.8'))}:0:0:${hextets(~ipv4 >>> 0)}`],
    ['ISATAP', (ipv4) => `2606:4700:0:0:0:5efe:${hextets(ipv4)}`],
  ])('is blocked in its form %s', (_, spell) => {
    fc.assert(
      fc.property(address, (ipv4) => {
        const literal = spell(ipv4);
        // ::0.0.0.1 is the loopback address of IPv6, and ::0.0.0.0 is its unspecified one.
        expect(addressIssue(literal)).toMatch(/ is (?:an? |the )/);
      }),
    );
  });
});

function toNumber(ipv4: string): number {
  return ipv4.split('.').reduce((number, octet) => number * 256 + Number(octet), 0);
}

function toText(ipv4: number): string {
  return [ipv4 >>> 24, (ipv4 >>> 16) & 0xff, (ipv4 >>> 8) & 0xff, ipv4 & 0xff].join('.');
}

it.each([
  ['an IPv4 address is itself', '203.0.113.7', '203.0.113.7'],
  ['an IPv6 address is its /64', '2001:db8:1:2::1', '2001:db8:1:2::'],
  ['an IPv4-mapped address is the IPv4 address', '::ffff:203.0.113.7', '203.0.113.7'],
  ['a NAT64 address is the IPv4 address', '64:ff9b::cb00:7107', '203.0.113.7'],
  ['each local NAT64 address is a network', '64:ff9b:1::203.0.113.7', '64:ff9b:1::cb00:7107'],
  ['what is no address is itself', 'receiver.example.org', 'receiver.example.org'],
])('the network of a customer: %s', (_, literal, network) => {
  expect(networkOf(literal)).toBe(network);
});
