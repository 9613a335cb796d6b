import type { ReadContext } from '#src/core/dialect.ts'
import { arrayAt, stringAt, type JsonObject } from '#src/core/json.ts'
import type { ApiRequest } from '#src/core/request.ts'
import {
  array,
  boolean,
  integer,
  invalid,
  object,
  objects,
  readRequest,
  stringOrArray,
  type Shape,
} from '../shared/read-request.ts'

const SHAPE: Shape = {
  endpoint: 'messages',
  required: [
    ['max_tokens', integer(0)],
    ['messages', objects],
  ],
  optional: [
    ['stream', boolean],
    ['system', stringOrArray],
    ['tools', array],
    ['tool_choice', object],
    ['stop_sequences', array],
    ['thinking', object],
    ['output_config', object],
    ['metadata', object],
    ['mcp_servers', array],
  ],
}

/** The first version of the API; the next one, 2026-10-21, knows `system` among the messages. */
const FIRST_VERSION = '2023-06-01'

/** Headers by which a caller chooses a version of the API: they travel to upstreams that speak it. */
const VERSIONS = ['anthropic-version', 'anthropic-beta'] as const

/** `POST /v1/messages`, of both versions of the API. Throws FailureError; see `readRequest`. */
export function read(text: string, context: ReadContext): ApiRequest {
  const request = readRequest(text, context, SHAPE)
  const versions = versionsOf(context)
  if (versions.headers?.['anthropic-version'] === FIRST_VERSION) refuseLaterSystem(request.body)
  refuseOtherModels(request.body)
  return { ...request, wantsUsage: true, ...versions }
}

/** The version of the API that the caller chose, where it did. */
export function versionsOf({ header }: ReadContext): Pick<ApiRequest, 'headers'> {
  const known = VERSIONS.flatMap((name) => {
    const value = header?.(name)
    return value === undefined || value === '' ? [] : [[name, value] as const]
  })
  return known.length === 0 ? {} : { headers: Object.fromEntries(known) }
}

function refuseLaterSystem(body: JsonObject): void {
  const at = (arrayAt(body, 'messages') ?? []).findIndex((message) => stringAt(message, 'role') === 'system')
  if (at < 0) return
  const param = `messages[${at}].role`
  throw invalid(
    `\`${param}\` cannot be \`system\` in version ${FIRST_VERSION} of the API: use \`system\`, or version 2026-10-21`,
    param,
  )
}

/** A tool that asks another model would reach one that nobody has decided on (law 1). */
function refuseOtherModels(body: JsonObject): void {
  const at = (arrayAt(body, 'tools') ?? []).findIndex((tool) => stringAt(tool, 'model') !== undefined)
  if (at < 0) return
  const param = `tools[${at}].model`
  throw invalid(`\`${param}\` names a model of its own, which is not permitted here`, param)
}
