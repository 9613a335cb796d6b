import { expect, test } from 'vitest'
import { readRedisUrl } from './redis-address.ts'

test.each([
  ['redis://localhost', { host: 'localhost', port: 6379, db: 0, tls: false }],
  ['redis://localhost/', { host: 'localhost', port: 6379, db: 0, tls: false }],
  ['redis://10.0.0.1:7000/3', { host: '10.0.0.1', port: 7000, db: 3, tls: false }],
  ['rediss://cache.example', { host: 'cache.example', port: 6379, db: 0, tls: true }],
  ['redis://[::1]:6380', { host: '::1', port: 6380, db: 0, tls: false }],
  ['redis://:p%40ss%25@h', { host: 'h', port: 6379, db: 0, tls: false, password: 'p@ss%' }],
  ['redis://tutti:비밀@h', { host: 'h', port: 6379, db: 0, tls: false, username: 'tutti', password: '비밀' }],
])('%s', (url, address) => {
  expect(readRedisUrl(url)).toEqual(address)
})

test.each([
  ['', 'no url of a Redis'],
  ['canary', 'no url of a Redis'],
  ['localhost:6379', 'no url of a Redis'],
  ['http://canary.example', 'no url of a Redis'],
  ['redis://', 'no url of a Redis'],
  ['redis:///0', 'no url of a Redis'],
  ['redis://canary/x', 'no number of a database'],
  ['redis://canary/-1', 'no number of a database'],
  ['redis://h?canary=1', '`?`'],
  ['redis://h#canary', '`#`'],
  ['redis://u:canary#1@h', 'no url of a Redis'],
  ['redis://u:canary%@h', '`%`'],
])('%s is refused, and what is said of it holds nothing of it', (url, wrong) => {
  const read = readRedisUrl(url)
  expect(read).toMatchObject({ wrong: expect.stringContaining(wrong), mend: expect.any(String) })
  expect(JSON.stringify(read)).not.toContain('canary')
})
