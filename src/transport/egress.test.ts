import { describe, expect, it } from 'vitest'
import type { Egress } from '#src/core/transport.ts'
import { bypassesProxy, refuseAddress, refuseUrl } from './egress.ts'

const away: Egress = { local: false, connectTimeoutMs: 1000 }
const home: Egress = { local: true, connectTimeoutMs: 1000 }

describe('refuseUrl', () => {
  it.each([
    ['https://api.openai.com/v1', true, true],
    ['https://8.8.8.8/', true, true],
    ['http://127.0.0.1:8000/', false, true],
    ['http://0x7f000001/', false, true],
    ['http://localhost:11434/', false, true],
    ['http://[::1]/', false, true],
    ['http://[::ffff:10.0.0.1]/', false, true],
    ['http://192.168.1.1/', false, true],
    ['http://0.0.0.0:8000/', false, true],
    ['http://169.254.169.254/', false, true],
    ['http://[fd00:ec2::254]/', false, true],
    ['http://metadata.google.internal/', false, true],
    ['http://224.0.0.1/', false, false],
    ['http://[::ffff:8.8.8.8]/', false, false],
    ['http://[64:ff9b::808:808]/', false, false],
    ['ftp://8.8.8.8/', false, false],
    ['file:///etc/passwd', false, false],
  ])('%s: away %s, local %s', (url, fromAway, fromHome) => {
    expect(refuseUrl(new URL(url), away) === undefined).toBe(fromAway)
    expect(refuseUrl(new URL(url), home) === undefined).toBe(fromHome)
  })

  it('says what to write', () => {
    expect(refuseUrl(new URL('http://10.0.0.1/'), away)).toEqual({
      code: 'refused_address',
      message: '`10.0.0.1` is a private address; write `local: true` if it is meant',
      sentNothing: true,
    })
  })
})

describe('refuseAddress', () => {
  it.each([
    ['8.8.8.8', true, true],
    ['10.0.0.1', false, true],
    ['::1', false, true],
    ['169.254.169.254', false, false],
    ['::ffff:169.254.169.254', false, false],
    ['fd00:ec2::254', false, false],
    ['0.0.0.0', false, false],
    ['fe80::1%eth0', false, false],
    ['no address', false, false],
  ])('%s: away %s, local %s', (address, fromAway, fromHome) => {
    expect(refuseAddress(address, false) === undefined).toBe(fromAway)
    expect(refuseAddress(address, true) === undefined).toBe(fromHome)
  })
})

describe('bypassesProxy', () => {
  it.each([
    ['https://a.example.com/', 'example.com', true],
    ['https://example.com/', '.example.com', true],
    ['https://badexample.com/', 'example.com', false],
    ['https://example.com/', '*.example.com', false],
    ['https://a.example.com/', '*.example.com', true],
    ['https://a.example.com/', 'x, example.com', true],
    ['https://a.example.com/', '*', true],
    ['https://a.example.com/', '', false],
    ['https://a.example.com/', undefined, false],
    ['https://example.com/', 'example.com:443', true],
    ['https://example.com/', 'example.com:80', false],
    ['http://10.1.2.3/', '10.0.0.0/8', true],
    ['http://11.1.2.3/', '10.0.0.0/8', false],
    ['http://[::1]:80/', '::1', true],
    ['http://[::1]/', '[::1]:80', true],
    ['http://[::1]/', '[::1]:81', false],
    ['http://EXAMPLE.com./', 'Example.COM', true],
  ])('%s with %s: %s', (url, noProxy, expected) => {
    expect(bypassesProxy(new URL(url), noProxy)).toBe(expected)
  })
})
