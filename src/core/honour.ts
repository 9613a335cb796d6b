import type { ConversationCodec } from './codec.ts'
import type { Conversation, Part, Reasoning, SettingName, Setting, Settings, Tool, Turn } from './conversation.ts'
import { featuresOf, isSystem, type Feature } from './features.ts'

/** What a codec makes of a conversation before it is encoded. */
export interface Honoured {
  /** Without what is dropped: an encoder sees only what its upstream takes. */
  readonly conversation: Conversation
  /** What the caller is told, each once. */
  readonly warnings: readonly string[]
  /** Without these the answer would not be what was asked for. */
  readonly refusals: readonly Refusal[]
}

export interface Refusal {
  readonly feature: Feature | 'server_tools' | 'foreign_part'
  readonly param: string
}

/** Holds a conversation against what an upstream takes (law 8): each feature is carried, emulated, dropped with a warning, or refused. */
export function honour(conversation: Conversation, codec: ConversationCodec, model: string): Honoured {
  const support = codec.support(model)
  const dropped = new Set<Feature>()
  const told = new Set<string>()
  const refusals: Refusal[] = []
  for (const [feature, param] of featuresOf(conversation)) {
    if (support[feature] === 'refused') refusals.push({ feature, param })
    if (support[feature] !== 'dropped') continue
    dropped.add(feature)
    if (isDefault(feature, conversation.settings, codec)) continue
    told.add(leftOut(feature, param))
  }
  if (!isOffered(conversation))
    refusals.push({ feature: 'tool_choice_named', param: conversation.toolChoice?.param ?? '' })
  for (const { param } of conversation.rest) told.add(`\`${param}\` was not sent: the provider has no such field`)
  const sieve = { codec, dropped, told, refusals }
  const sent = sifted(conversation, sieve)
  const lost = sent.turns.every(({ parts }) => parts.length === 0) ? saidIn(conversation) : undefined
  if (lost !== undefined) refusals.push({ feature: 'foreign_part', param: lost })
  return { conversation: sent, warnings: [...told], refusals }
}

/** What was said in a conversation of which nothing is left; undefined: nothing was. */
function saidIn({ turns, rest }: Conversation): string | undefined {
  const [part] = turns.flatMap(({ parts }) => parts)
  if (part) return part.type === 'opaque' ? part.kind : part.type
  return rest.find(({ param }) => param.includes('['))?.param
}

/** A choice of a tool that is not among the tools would leave none, and without tools there is none to choose. */
function isOffered({ tools, toolChoice }: Conversation): boolean {
  const choice = toolChoice?.value
  if (choice?.kind === 'required') return tools.length > 0
  const names = choice?.kind === 'named' ? [choice.name] : choice?.kind === 'allowed' ? choice.names : []
  return names.every((name) => tools.some((tool) => name === ('name' in tool ? tool.name : tool.value['name'])))
}

/** Of a member that says several things only one may be left out. */
function leftOut(feature: Feature, param: string): string {
  switch (feature) {
    case 'reasoning_turns':
      return 'thoughts of earlier turns were not sent: the provider does not take them'
    case 'reasoning_summary':
      return `how thoughts are to be shown was not sent of \`${param}\`: the provider does not take it`
    case 'reasoning_adaptive':
      return `that the model may decide was not sent of \`${param}\`: the provider does not take it`
    default:
      return `\`${param}\` was not sent: the provider does not take it`
  }
}

interface Sieve {
  readonly codec: ConversationCodec
  readonly dropped: ReadonlySet<Feature>
  readonly told: Set<string>
  readonly refusals: Refusal[]
}

function sifted(conversation: Conversation, sieve: Sieve): Conversation {
  const { toolChoice, output, reasoning: thinking } = conversation
  const { dropped } = sieve
  const choice =
    toolChoice && toolChoice.value.kind !== 'auto' ? (`tool_choice_${toolChoice.value.kind}` as const) : undefined
  const format = output?.value.kind === 'json' ? 'output_json' : 'output_schema'
  const reasoning = thinking && reasoningFor(thinking, dropped)
  return {
    turns: conversation.turns.flatMap((turn) => turnFor(turn, sieve)),
    tools: conversation.tools.flatMap((tool) => toolFor(tool, sieve)),
    settings: settingsFor(conversation.settings, dropped),
    rest: [],
    ...(toolChoice && !(choice && dropped.has(choice)) && { toolChoice }),
    ...(output && !dropped.has(format) && { output }),
    ...(reasoning && { reasoning }),
  }
}

function settingsFor(settings: Settings, dropped: ReadonlySet<Feature>): Settings {
  const left: { -readonly [Name in SettingName]?: Settings[Name] } = { ...settings }
  for (const feature of dropped) if (isSetting(feature, settings)) delete left[feature]
  return left
}

/** What the upstream does anyhow need not be told. */
function isDefault(feature: Feature, settings: Settings, { defaults = {} }: ConversationCodec): boolean {
  return isSetting(feature, settings) && feature in defaults && defaults[feature] === settings[feature]?.value
}

function isSetting(feature: Feature, settings: Settings): feature is SettingName {
  return feature in settings
}

function reasoningFor(
  { value, param }: Setting<Reasoning>,
  dropped: ReadonlySet<Feature>,
): Setting<Reasoning> | undefined {
  const { effort, budget, adaptive, summary } = value
  const left: Reasoning = {
    ...(effort !== undefined && !dropped.has('reasoning_effort') && { effort }),
    ...(budget !== undefined && !dropped.has('reasoning_budget') && { budget }),
    ...(adaptive !== undefined && !dropped.has('reasoning_adaptive') && { adaptive }),
    ...(summary !== undefined && !dropped.has('reasoning_summary') && { summary }),
  }
  return Object.keys(left).length === 0 ? undefined : { value: left, param }
}

function toolFor(tool: Tool, { codec, dropped, refusals }: Sieve): readonly Tool[] {
  switch (tool.kind) {
    case 'custom':
      return dropped.has('custom_tools') ? [] : [tool]
    case 'function': {
      if (dropped.has('function_tools')) return []
      const { strict, cache, ...rest } = tool
      const keepStrict = strict !== undefined && !dropped.has('tool_strict')
      return [{ ...rest, ...(keepStrict && { strict }), ...(cache && !dropped.has('cache_marks') && { cache }) }]
    }
    case 'server':
      if (tool.vendor === codec.vendor) return [tool]
      if (tool.common !== undefined && codec.serverTools.includes(tool.common)) return [tool]
      refusals.push({ feature: 'server_tools', param: 'tools' })
      return []
  }
}

/** A turn of which nothing is left is left out. */
function turnFor({ role, parts, name }: Turn, sieve: Sieve): readonly Turn[] {
  const left = parts.flatMap((part) => partFor(part, role, sieve))
  if (left.length === 0 && parts.length > 0) return []
  return [{ role, parts: left, ...(name !== undefined && !sieve.dropped.has('turn_name') && { name }) }]
}

function partFor(part: Part, role: Turn['role'], sieve: Sieve): readonly Part[] {
  if (isLeftOut(part, role, sieve)) return []
  const own = markedFor(signedFor(part, sieve), sieve.dropped)
  switch (own.type) {
    case 'text': {
      const { citations: all = [], ...rest } = own
      const citations = sieve.dropped.has('citations') ? [] : all.filter(({ vendor }) => vendor === sieve.codec.vendor)
      if (citations.length < all.length && !sieve.dropped.has('citations'))
        sieve.told.add('`citations` were not sent: only the provider that made them understands them')
      return [{ ...rest, ...(citations.length > 0 && { citations }) }]
    }
    case 'reasoning':
      // Of thoughts that are kept from everybody only the signature counts.
      return own.signature || own.text !== undefined || own.summary !== undefined ? [own] : []
    case 'tool-result': {
      const { parts, failed, ...rest } = own
      const media = sieve.dropped.has('tool_result_media')
      const left = parts.filter(({ type }) => !media || type === 'text').flatMap((inner) => partFor(inner, role, sieve))
      return [{ ...rest, parts: left, ...(failed === true && !sieve.dropped.has('tool_failed') && { failed }) }]
    }
    case 'image':
    case 'audio':
    case 'video':
    case 'document': {
      const { detail, name, ...rest } = own
      return [
        {
          ...rest,
          ...(detail !== undefined && !sieve.dropped.has('media_detail') && { detail }),
          ...(name !== undefined && !sieve.dropped.has('media_name') && { name }),
        },
      ]
    }
    default:
      return [own]
  }
}

function isLeftOut(part: Part, role: Turn['role'], { codec, dropped, told, refusals }: Sieve): boolean {
  switch (part.type) {
    case 'text':
      return false
    case 'refusal':
      return dropped.has('refusals')
    case 'reasoning':
      return dropped.has('reasoning_turns')
    case 'tool-call':
      return dropped.has(part.custom ? 'custom_calls' : 'tool_calls')
    case 'tool-result':
      return dropped.has('tool_results')
    case 'opaque':
      if (part.vendor === codec.vendor) return false
      // What a model has said may be left out, what it is asked may not.
      if (role !== 'assistant') refusals.push({ feature: 'foreign_part', param: part.kind })
      else told.add(`\`${part.kind}\` was not sent: only the provider that made it understands it`)
      return true
    default:
      return (
        dropped.has(`${part.type}_${part.source.kind}`) ||
        (role === 'assistant' && dropped.has('assistant_media')) ||
        (isSystem({ role }) && dropped.has('system_media'))
      )
  }
}

/** A signature goes to its own vendor, and nowhere else. */
function signedFor(part: Part, { codec, told }: Sieve): Part {
  if (!('signature' in part) || part.signature === undefined || part.signature.vendor === codec.vendor) return part
  told.add('signatures of reasoning were not sent: only the provider that made them understands them')
  const { signature: _signature, ...rest } = part
  return rest
}

function markedFor(part: Part, dropped: ReadonlySet<Feature>): Part {
  if (!('cache' in part) || !dropped.has('cache_marks')) return part
  const { cache: _cache, ...rest } = part
  return rest
}
