import type { Json, JsonObject } from '#src/core/json.ts'

/** What an app wants, in no dialect: each caller says it in its own, each upstream should get it in its own. */
export interface Want {
  readonly system: string
  readonly user: string
  /** Base64 of a PNG. */
  readonly image?: string
  readonly tools?: boolean
  /** The JSON schema of the answer. */
  readonly schema?: JsonObject
  readonly effort?: 'high'
  readonly stop?: readonly string[]
  readonly limit: number
}

/** A call as an app sees it. */
export interface Call {
  readonly id: string
  readonly name: string
  readonly input: Json
}

/** What a tool gave. */
export interface Result {
  readonly call: Call
  readonly text: string
}

export const WEATHER = {
  name: 'weather',
  description: '도시의 날씨를 본다 ☀️',
  parameters: {
    type: 'object',
    properties: { city: { type: 'string', description: '도시' }, days: { type: 'integer' } },
    required: ['city'],
    additionalProperties: false,
  },
} as const

export const TRIP = {
  type: 'object',
  properties: { city: { type: 'string' }, stops: { type: 'array', items: { type: 'string' } } },
  required: ['city', 'stops'],
  additionalProperties: false,
} as const

/** One red point. */
export const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
