import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  arrayAt,
  isObject,
  numberAt,
  objectAt,
  parseJson,
  stringAt,
  type Json,
  type JsonObject,
} from '#src/core/json.ts'
import { SHARED } from '../../support/require.ts'

/** One recorded answer of an upstream, of whatever form. */
export interface Recorded {
  /** `provider/case`. */
  readonly id: string
  readonly api: string
  readonly provider: string
  /** The form of its bytes: `json`, `sse`, `ndjson`, `eventstream`, `text`. */
  readonly kind: string
  readonly stream: boolean
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** Of the address where it was recorded. */
  readonly path: string
  /** As the recorded request names it; undefined: nobody knows. */
  readonly model: string | undefined
  /** The recorded request without its model, empty where none was kept whole. */
  readonly request: JsonObject
  readonly features: ReadonlySet<Json>
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** Of one hop, or of an encoding that the recording has no more. */
const NOT_REPLAYED = new Set(['content-length', 'content-encoding', 'transfer-encoding', 'connection', 'set-cookie'])

const fileOf = (name: string): Uint8Array<ArrayBuffer> => Uint8Array.from(readFileSync(join(SHARED, 'corpus', name)))
const objectOf = (name: string): Json | undefined => parseJson(new TextDecoder().decode(fileOf(name)))

/** Every case of the corpus, in the order of its index. */
export function loadRecorded(): readonly Recorded[] {
  const rows = objectOf('index.json')
  return Array.isArray(rows) ? rows.filter(isObject).map(recordedOf) : []
}

function recordedOf(row: JsonObject): Recorded {
  const id = stringAt(row, 'id') ?? ''
  const meta = objectOf(`${id}.meta.json`)
  const { model, ...request } = objectAt(objectAt(meta, 'request'), 'body') ?? {}
  const whole = request['truncated'] === undefined && request['bytes'] === undefined
  return {
    id,
    api: stringAt(row, 'api') ?? '',
    provider: stringAt(row, 'provider') ?? '',
    kind: stringAt(row, 'kind') ?? '',
    stream: row['stream'] === true,
    status: numberAt(row, 'status') ?? 0,
    headers: headersOf(row, objectAt(meta, 'response_headers') ?? {}),
    path: pathOf(objectAt(meta, 'request')),
    model: stringAt(meta, 'model') ?? (typeof model === 'string' && model !== '' ? model : undefined),
    request: whole ? request : {},
    features: new Set(arrayAt(meta, 'features') ?? []),
    bytes: fileOf(stringAt(row, 'file') ?? ''),
  }
}

function pathOf(request: JsonObject | undefined): string {
  const url = stringAt(request, 'url') ?? ''
  return URL.canParse(url) ? new URL(url).pathname : ''
}

function headersOf(row: JsonObject, recorded: JsonObject): Readonly<Record<string, string>> {
  const kept = Object.entries(recorded).flatMap(([name, value]) =>
    typeof value === 'string' && !NOT_REPLAYED.has(name.toLowerCase()) ? [[name.toLowerCase(), value] as const] : [],
  )
  return { 'content-type': stringAt(row, 'content_type') ?? 'application/json', ...Object.fromEntries(kept) }
}
