import type { Dialect, DialectMemory } from '#src/core/dialect.ts'
import { stringAt } from '#src/core/json.ts'
import type { Keepsake } from '#src/core/state-store.ts'
import type { Attempt } from './attempt.ts'
import type { Call } from './call.ts'
import { KEPT_FOR, ownerOf, type Stored } from './memory.ts'

/** UTF-16 units of one: a longer one is not kept. */
const MOST = 8 * 1024 * 1024

/** Keeps what an answer is worth keeping for. `rest` is the whole answer, or the end of its stream. */
export async function keepAnswer(call: Call, attempt: Attempt, rest: string | Uint8Array): Promise<void> {
  const text = typeof rest === 'string' ? rest : new TextDecoder().decode(rest)
  const { gateway, dialect, key } = call
  const now = gateway.ports.clock.now()
  const at = { owner: ownerOf(key), expiresAt: now + Math.min(KEPT_FOR, gateway.snapshot.retention ?? KEPT_FOR) }
  const keepsakes = [
    ...answerOf(call, dialect.memory, { attempt, text }),
    ...signedBy(attempt, dialect.memory?.signed(text) ?? []),
    ...thoughtsOf(attempt, dialect),
  ].map((one): Keepsake => ({ ...one, ...at }))
  if (keepsakes.length > 0) await gateway.ports.store.keep(keepsakes, now)
}

type Kept = Pick<Keepsake, 'kind' | 'id' | 'value'>

function answerOf(
  { came, request, terms, warnings }: Call,
  memory: DialectMemory | undefined,
  { attempt, text }: { readonly attempt: Attempt; readonly text: string },
): readonly Kept[] {
  // Where the answer has put back what was taken out, so has the question: one item has one placeholder again when it goes on.
  const kept = memory?.keep(terms.redaction?.restored.size ? came : request, text)
  if (!kept) return []
  const stored: Stored = {
    answer: kept.answer,
    inputs: kept.input.length,
    items: [...kept.input, ...kept.output],
    target: attempt.target.id,
    account: attempt.account,
  }
  const value = JSON.stringify(stored)
  const items = kept.output.flatMap((item) => stringAt(item, 'id') ?? [])
  if (value.length <= MOST)
    return [
      { kind: 'response', id: kept.id, value },
      ...items.map((id): Kept => ({ kind: 'item', id, value: kept.id })),
    ]
  warnings.add('`store`: the answer is too large to be kept')
  return []
}

/** Who signed what the caller keeps itself. */
function signedBy(attempt: Attempt, ids: readonly string[]): readonly Kept[] {
  const value = JSON.stringify({ account: accountOf(attempt), reasoning: [], signature: null })
  return ids.map((id) => ({ kind: 'signature', id, value }))
}

function accountOf({ target, account }: Attempt): string {
  return `${target.provider.name}/${account}`
}

/** What was thought before a call is found again by the call's id. */
function thoughtsOf(attempt: Attempt, { translation }: Dialect): readonly Kept[] {
  const { thoughts = [] } = attempt
  const reasoning = translation?.carriesThoughts ? [] : thoughts.filter(({ type }) => type === 'reasoning')
  return thoughts.flatMap((part): readonly Kept[] => {
    if (part.type !== 'tool-call' || (reasoning.length === 0 && !part.signature)) return []
    const value = { account: accountOf(attempt), reasoning, signature: part.signature ?? null }
    return [{ kind: 'signature', id: part.id, value: JSON.stringify(value) }]
  })
}
