import * as z from 'zod/mini'

const texts = z.exactOptional(
  z.array(z.string().check(z.minLength(1), z.maxLength(1000))).check(z.minLength(1), z.maxLength(1000)),
)
const share = z.number().check(z.minimum(0), z.maximum(1))
/** ms; the longest that a caller waits for a guard. */
const timeout = z._default(z.number().check(z.minimum(1), z.maximum(60_000)), 5000)

/** What stands under `guard`: words and patterns that no text may hold, or who is asked, and of which texts. */
export const schema = z.strictObject({
  literals: texts,
  patterns: texts,
  webhook: z.exactOptional(
    z.strictObject({
      url: z.string(),
      secret: z.exactOptional(z.string()),
      local: z._default(z.boolean(), false),
      timeout,
    }),
  ),
  moderation: z.exactOptional(
    z.strictObject({
      model: z.string(),
      categories: z.exactOptional(z.array(z.string()).check(z.minLength(1))),
      threshold: z.exactOptional(share),
      timeout,
    }),
  ),
  decision: z.exactOptional(
    z.strictObject({ model: z.string(), question: z.string(), threshold: z._default(share, 0.5), timeout }),
  ),
  on: z._default(z.array(z.enum(['input', 'output'])).check(z.minLength(1)), ['input']),
})

export type GuardBody = z.output<typeof schema>
