import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addressClass, hostClass, inRange } from './address.ts'

describe('addressClass', () => {
  it.each([
    ['8.8.8.8', 'public'],
    ['1.1.1.1', 'public'],
    ['172.15.255.255', 'public'],
    ['172.32.0.0', 'public'],
    ['100.63.255.255', 'public'],
    ['100.128.0.0', 'public'],
    ['2606:4700::1111', 'public'],
    ['2001:4860:4860::8888', 'public'],
    ['0.0.0.0', 'unspecified'],
    ['::', 'unspecified'],
    ['127.0.0.1', 'loopback'],
    ['127.255.255.254', 'loopback'],
    ['::1', 'loopback'],
    ['0:0:0:0:0:0:0:1', 'loopback'],
    ['::ffff:127.0.0.1', 'loopback'],
    ['::ffff:7f00:1', 'loopback'],
    ['::127.0.0.1', 'loopback'],
    ['64:ff9b::10.0.0.1', 'private'],
    ['64:ff9b::a9fe:a9fe', 'link-local'],
    ['2002:7f00:1::', 'loopback'],
    ['10.1.2.3', 'private'],
    ['172.16.0.1', 'private'],
    ['172.31.255.255', 'private'],
    ['192.168.0.1', 'private'],
    ['100.64.0.1', 'private'],
    ['100.127.255.255', 'private'],
    ['fc00::1', 'private'],
    ['fdff::1', 'private'],
    ['fec0::1', 'private'],
    ['169.254.169.254', 'link-local'],
    ['fe80::1%eth0', 'link-local'],
    ['febf::1', 'link-local'],
    ['fd00:ec2::254', 'metadata'],
    ['100.100.100.200', 'metadata'],
    ['168.63.129.16', 'metadata'],
    ['::ffff:8.8.8.8', 'reserved'],
    ['64:ff9b::8.8.8.8', 'reserved'],
    ['224.0.0.1', 'reserved'],
    ['255.255.255.255', 'reserved'],
    ['ff02::1', 'reserved'],
    ['2001:db8::1', 'reserved'],
    ['2001::1', 'reserved'],
    ['100::1', 'reserved'],
    ['[::1]', 'loopback'],
  ])('%s is %s', (text, expected) => {
    expect(addressClass(text)).toBe(expected)
  })

  it.each([
    '',
    'a',
    '1.2.3',
    '1.2.3.4.5',
    '256.0.0.1',
    '01.2.3.4',
    '1.2.3.+4',
    ':',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '12345::',
    'g::',
    '1.2.3.4::',
    '::1.2.3',
  ])('`%s` is no address', (text) => {
    expect(addressClass(text)).toBeUndefined()
  })

  it('says the same of every way to write an IPv6 address', () => {
    const groups = fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 8, maxLength: 8 })
    fc.assert(
      fc.property(groups, (parts) => {
        const long = parts.map((part) => part.toString(16).padStart(4, '0')).join(':')
        const short = new URL(`http://[${long}]`).hostname
        expect(addressClass(short)).toBe(addressClass(long.toUpperCase()))
        expect(addressClass(short)).not.toBeUndefined()
      }),
    )
  })

  it('never calls an address public whose IPv4 part is wrapped', () => {
    fc.assert(
      fc.property(fc.ipV4(), fc.constantFrom('::ffff:', '::', '64:ff9b::'), (address, wrap) => {
        expect(addressClass(wrap + address)).not.toBe('public')
      }),
    )
  })
})

describe('hostClass', () => {
  it.each([
    ['0x7f.1', 'loopback'],
    ['2130706433', 'loopback'],
    ['0177.0.0.1', 'loopback'],
    ['127.1', 'loopback'],
    ['127.0.0.1.', 'loopback'],
    ['１２７.0.0.1', 'loopback'],
    ['[::ffff:127.0.0.1]', 'loopback'],
    ['::1', 'loopback'],
    ['LOCALHOST', 'loopback'],
    ['localhost.', 'loopback'],
    ['api.localhost', 'loopback'],
    ['metadata.google.internal', 'metadata'],
    ['Metadata.Google.Internal.', 'metadata'],
    ['0xa9fea9fe', 'link-local'],
    ['0', 'unspecified'],
    ['api.openai.com', 'name'],
    ['notlocalhost', 'name'],
  ])('%s is %s', (host, expected) => {
    expect(hostClass(host)).toBe(expected)
  })
})

describe('inRange', () => {
  it.each([
    ['10.1.2.3', '10.0.0.0/8', true],
    ['11.1.2.3', '10.0.0.0/8', false],
    ['10.1.2.3', '10.1.2.3', true],
    ['10.1.2.3', '10.1.2.2/31', true],
    ['10.1.2.4', '10.1.2.2/31', false],
    ['fd00::1', 'fd00::/8', true],
    ['10.1.2.3', 'fd00::/8', false],
    ['example.com', '10.0.0.0/8', false],
    ['10.1.2.3', '10.0.0.0/33', false],
  ])('%s in %s: %s', (address, range, expected) => {
    expect(inRange(address, range)).toBe(expected)
  })
})
