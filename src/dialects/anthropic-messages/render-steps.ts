import type { StreamPart } from '#src/core/answer.ts'
import type { Part, ReasoningPart, Signature } from '#src/core/conversation.ts'
import type { JsonObject } from '#src/core/json.ts'
import { writeSignature } from '#src/core/signature.ts'
import { BETWEEN_THOUGHTS, blockOf, callBlock, citationObject, pictureFrame } from './render-blocks.ts'

/** A step of one part. */
export type PartStep = Extract<StreamPart, { readonly index: number }>

/** A block that is being written. A value. */
export interface Open {
  /** The part that it is of. */
  readonly part: number
  /** Its own place in the message. */
  readonly block: number
  /** `sound`: begins with the first word that is said in it. `sealed`: a thought that begins with its data. */
  readonly kind: 'text' | 'thought' | 'sealed' | 'call' | 'custom' | 'picture' | 'sound' | 'whole'
  readonly begun: boolean
  /** The paragraph of a thought that was written last: -1 is its text, else an entry of its summary. */
  readonly paragraph: number | undefined
  readonly signed: boolean
}

export interface Written {
  readonly open: Open
  readonly out: string
}

/** An event of the stream. */
export function event(type: string, members: JsonObject): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...members })}\n\n`
}

/** Begins a part's block, with all of the part that is there already; undefined: the dialect has no place for it. */
export function openBlock(part: Part, at: Pick<Open, 'part' | 'block'>): Written | undefined {
  const open = (kind: Open['kind'], begun = true): Open => ({ ...at, kind, begun, paragraph: undefined, signed: false })
  const start = (block: JsonObject): string => event('content_block_start', { index: at.block, content_block: block })
  const text = start(TEXT)
  switch (part.type) {
    case 'text':
      return {
        open: open('text'),
        out: text + words(at.block, part.text) + (part.citations ?? []).map((own) => cited(at.block, own)).join(''),
      }
    case 'refusal':
      return { open: open('text'), out: text + words(at.block, part.text) }
    case 'reasoning':
      return openThought(part, open(part.redacted === true ? 'sealed' : 'thought', part.redacted !== true))
    case 'tool-call': {
      const kind = part.custom === true ? 'custom' : 'call'
      const before = part.custom === true ? input(at.block, '{"input":"') : ''
      return { open: open(kind), out: start(callBlock(part)) + before + growCall(open(kind), part.input) }
    }
    case 'image': {
      if (part.source.kind !== 'data') break
      return { open: open('picture'), out: text + words(at.block, pictureFrame(part)[0] + part.source.data) }
    }
    case 'audio':
    case 'video':
    case 'document':
      return grow(open('sound', false), { type: 'delta', choice: 0, index: at.part, text: part.transcript ?? '' })
    default:
  }
  const block = blockOf(part)
  return block && { open: open('whole'), out: start(block) }
}

function openThought(part: ReasoningPart, open: Open): Written {
  const { text = '', summary = [], signature } = part
  const begun = open.begun ? event('content_block_start', { index: open.block, content_block: THOUGHT }) : ''
  let written: Written = { open, out: begun }
  const paragraphs = [text, ...summary].entries()
  for (const [at, paragraph] of paragraphs) written = joined(written, think(written.open, paragraph, at - 1))
  return signature ? joined(written, sign(written.open, signature)) : written
}

const TEXT: JsonObject = { type: 'text', text: '' }
const THOUGHT: JsonObject = { type: 'thinking', thinking: '', signature: '' }

function joined(before: Written, { open, out }: Written): Written {
  return { open, out: before.out + out }
}

/** One more step of the part that is open; the same `open` where nothing about it changed. */
export function grow(open: Open, step: PartStep): Written {
  switch (step.type) {
    case 'delta':
      return growText(open, step.text)
    case 'summary-delta':
      return open.kind === 'thought' ? think(open, step.text, step.entry) : { open, out: '' }
    case 'media-delta':
      return { open, out: open.kind === 'picture' ? words(open.block, step.data) : '' }
    case 'signature':
      return sign(open, step.signature)
    case 'citation':
      return { open, out: open.kind === 'text' ? cited(open.block, step.citation) : '' }
    default:
      return { open, out: '' }
  }
}

function growText(open: Open, text: string): Written {
  switch (open.kind) {
    case 'text':
      return { open, out: words(open.block, text) }
    case 'thought':
      return think(open, text, -1)
    case 'call':
    case 'custom':
      return { open, out: growCall(open, text) }
    case 'sound': {
      if (text === '') return { open, out: '' }
      const begin = open.begun ? '' : event('content_block_start', { index: open.block, content_block: TEXT })
      return { open: open.begun ? open : { ...open, begun: true }, out: begin + words(open.block, text) }
    }
    default:
      return { open, out: '' }
  }
}

/** Ends a block. `used`: it has become a block of the message. */
export function closeBlock(open: Open): { readonly used: boolean; readonly out: string } {
  const { block, kind, begun } = open
  const begin =
    kind === 'sealed' && !begun ? event('content_block_start', { index: block, content_block: sealed('') }) : ''
  if (!begun && kind !== 'sealed') return { used: false, out: '' }
  const last = lastOf(open)
  return {
    used: true,
    out: `${begin}${last}event: content_block_stop\ndata: {"type":"content_block_stop","index":${block}}\n\n`,
  }
}

/** Clients that put streams together by themselves send a thought back only if some signature came, as the vendor always gives one. */
function lastOf({ block, kind, signed }: Open): string {
  switch (kind) {
    case 'custom':
      return input(block, '"}')
    case 'picture':
      return words(block, ')')
    case 'thought':
      return signed ? '' : signatureDelta(block, '')
    default:
      return ''
  }
}

function signatureDelta(block: number, value: string): string {
  return delta(block, `"signature_delta","signature":${JSON.stringify(value)}`)
}

function sealed(data: string): JsonObject {
  return { type: 'redacted_thinking', data }
}

/** Text of a thought; paragraphs are kept apart. */
function think(open: Open, text: string, paragraph: number): Written {
  if (text === '' || open.kind !== 'thought') return { open, out: '' }
  const between = open.paragraph !== undefined && open.paragraph !== paragraph ? BETWEEN_THOUGHTS : ''
  const out = delta(open.block, `"thinking_delta","thinking":${JSON.stringify(between + text)}`)
  return { open: open.paragraph === paragraph ? open : { ...open, paragraph }, out }
}

function sign(open: Open, signature: Signature): Written {
  const value = writeSignature(signature, 'anthropic')
  if (open.kind === 'thought') return { open: { ...open, signed: true }, out: signatureDelta(open.block, value) }
  if (open.kind !== 'sealed' || open.begun) return { open, out: '' }
  return {
    open: { ...open, begun: true },
    out: event('content_block_start', { index: open.block, content_block: sealed(value) }),
  }
}

function words(block: number, text: string): string {
  return text === '' ? '' : delta(block, `"text_delta","text":${JSON.stringify(text)}`)
}

/** A tool without a schema gets its text as the one member of an object, piece by piece. */
function growCall({ block, kind }: Open, text: string): string {
  return input(block, kind === 'custom' ? JSON.stringify(text).slice(1, -1) : text)
}

function input(block: number, json: string): string {
  return json === '' ? '' : delta(block, `"input_json_delta","partial_json":${JSON.stringify(json)}`)
}

function cited(block: number, citation: Parameters<typeof citationObject>[0]): string {
  return delta(block, `"citations_delta","citation":${JSON.stringify(citationObject(citation))}`)
}

/** Written by hand: of most streams this is nearly all there is. */
function delta(block: number, members: string): string {
  return `event: content_block_delta\ndata: {"type":"content_block_delta","index":${block},"delta":{"type":${members}}}\n\n`
}
