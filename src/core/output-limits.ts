import type { JsonObject } from './json.ts'
import { foldMember } from './member-name.ts'

/** What upstreams take a limit of the output by, folded: their dialects' own names, and those of the servers behind them. */
const LIMITS: ReadonlySet<string> = new Set([
  'maxtokens',
  'maxcompletiontokens',
  'maxoutputtokens',
  // Text Generation Inference, llama.cpp, Ollama.
  'maxnewtokens',
  'npredict',
  'numpredict',
])

/** Members of a request that some upstream may take for a limit of its output, as they are written. Null says nothing. */
export function outputLimitsIn(body: JsonObject): readonly string[] {
  return Object.keys(body).filter((name) => body[name] !== null && LIMITS.has(foldMember(name)))
}
