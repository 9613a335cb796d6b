import { expect, test } from 'vitest'
import { createFakeClock } from '../../test/support/fake-clock.ts'
import { createAwsSigner } from './sign-aws.ts'

test('a body of bytes is signed as the same body of text', async () => {
  const sign = createAwsSigner(createFakeClock())
  const signature = async (body: { readonly body?: string; readonly bytes?: Uint8Array<ArrayBuffer> }) => {
    const request = { method: 'POST', url: 'https://host.example/a', headers: {}, ...body } as const
    const auth = { kind: 'aws-sigv4', service: 's', region: 'r', accessKeyId: 'id', secretAccessKey: 'key' } as const
    const { headers } = await sign(request, auth)
    return headers?.['authorization']
  }
  const bytes = new TextEncoder().encode('안녕')
  expect(await signature({ bytes })).toContain('Signature=')
  expect(await signature({ bytes })).toBe(await signature({ body: '안녕' }))
  expect(await signature({ bytes })).not.toBe(await signature({}))
})
