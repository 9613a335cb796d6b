import { isObject, type Json } from '../json.ts'
import { rewriteJson } from './json-texts.ts'

/** Members of answers that name things of the wire, or hold what the request said, and no word of whoever answers. */
const NAMES: ReadonlySet<string> = new Set(
  (
    'id object model type role status finish_reason native_finish_reason stop_reason finishReason modelVersion responseId item_id response_id ' +
    'call_id tool_call_id tool_use_id system_fingerprint service_tier serviceTier provider signature thoughtSignature encrypted_content obfuscation ' +
    'mime_type mimeType instructions tools tool_choice metadata format prompt previous_response_id usage usageMetadata'
  ).split(' '),
)

/** Members in which a model names things itself. */
const OWN: ReadonlySet<string> = new Set(['input', 'args', 'arguments', 'top_logprobs'])

/** Texts of an answer, or of one event of it, whatever its dialect, and apart from them what looks like a picture, a sound or a file. */
export interface AnswerTexts {
  readonly texts: readonly string[]
  readonly opaque: readonly string[]
}

export function textsOfAnswer(answer: Json): AnswerTexts {
  const [texts, opaque]: [string[], string[]] = [[], []]
  const visitor = {
    text(own: string) {
      texts.push(own)
      return own
    },
    opaque: (own: string) => void opaque.push(own),
  }

  function visit(value: Json): void {
    if (typeof value === 'string') rewriteJson(JSON.stringify(value), visitor)
    else if (Array.isArray(value)) value.forEach(visit)
    else if (isObject(value)) for (const [name, member] of Object.entries(value)) visitMember(name, member)
  }

  function visitMember(name: string, member: Json | undefined): void {
    if (member === undefined) return
    if (OWN.has(name) && isObject(member)) rewriteJson(JSON.stringify(member), visitor)
    else if (!NAMES.has(name)) visit(member)
  }

  visit(answer)
  return { texts, opaque }
}
