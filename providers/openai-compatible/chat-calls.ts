import type { StreamPart } from '#src/core/answer.ts'
import { isObject, numberAt, type JsonObject } from '#src/core/json.ts'
import { callMembers, inputOf, signatureOf, type CallMembers } from './chat-decode.ts'
import type { ChatCall, ChatChoice, Reading } from './chat-state.ts'

/** A call in a delta: all of it, its beginning, or more of one that is under way. */
export function readCall(call: JsonObject, before: ChatChoice, reading: Reading): ChatChoice {
  const members = callMembers(call)
  const key = keyOf(call, members, before)
  let state = before
  let running = state.calls.get(key)
  if (running && isAnother(running, members)) {
    reading.parts.push(...closeCalls([running], { choice: reading.index, next: state.next }))
    running = undefined
  }
  if (!running) state = { ...state, called: state.called + 1 }
  const known = running ?? newCall(members, `call_${reading.id}_${state.called - 1}`)
  const text = growth(members, known)
  const own: ChatCall = {
    ...known,
    ...(known.index === undefined && members.given !== '' && { id: members.given, given: true }),
    bare: known.bare && text === '',
  }
  return own.index === undefined && members.name !== ''
    ? startCall({ ...own, name: members.name, held: own.held + text }, key, { state, call, reading })
    : growCall(own, key, { state, call, reading, text })
}

interface Growing {
  readonly state: ChatChoice
  readonly call: JsonObject
  readonly reading: Reading
}

function startCall(own: ChatCall, key: number, { state, call, reading }: Growing): ChatChoice {
  const { index: choice, parts } = reading
  const { id, name, custom, held } = own
  if (state.open) parts.push({ type: 'part-end', choice, index: state.open.index })
  const part = { type: 'tool-call', id, name, input: '', ...(custom && { custom }) } as const
  parts.push({ type: 'part-start', choice, index: state.next, part })
  const begun = { ...state, open: undefined, next: state.next + 1 }
  return growCall({ ...own, index: state.next, held: '' }, key, { state: begun, call, reading, text: held })
}

function growCall(
  own: ChatCall,
  key: number,
  { state, call, reading, text }: Growing & { readonly text: string },
): ChatChoice {
  const { index: choice, parts } = reading
  const calls = state.calls
  const signature = signatureOf(call)
  if (own.index === undefined) {
    const held = { ...own, held: own.held + text }
    return { ...state, lastCall: key, calls: new Map(calls).set(key, held) }
  }
  if (text !== '') parts.push({ type: 'delta', choice, index: own.index, text })
  if (signature) parts.push({ type: 'signature', choice, index: own.index, signature })
  const known = calls.get(key)
  // More of the same call changes nothing that is kept.
  if (state.lastCall === key && known?.index === own.index && known.bare === own.bare) return state
  return { ...state, lastCall: key, calls: new Map(calls).set(key, own) }
}

function newCall({ given, custom }: CallMembers, otherwise: string): ChatCall {
  const id = given === '' ? otherwise : given
  return { index: undefined, id, given: given !== '', name: '', held: '', bare: true, custom }
}

/** Some number all calls 0: another id, or without ids another name behind some input, is another call. */
function isAnother(running: ChatCall, { given, name }: CallMembers): boolean {
  if (running.index === undefined || name === '') return false
  if (given !== '' && running.given) return given !== running.id
  return given === '' && name !== running.name && !running.bare
}

/** Without an index: by its id if that is known, a new one if it names a tool, else the last one goes on. */
function keyOf(call: JsonObject, { given, name }: CallMembers, { calls, lastCall }: ChatChoice): number {
  const index = numberAt(call, 'index')
  if (index !== undefined) return index
  if (given !== '') for (const [key, own] of calls) if (own.id === given) return key
  return name !== '' || given !== '' || lastCall < 0 ? Math.max(-1, ...calls.keys()) + 1 : lastCall
}

/** More of a call's input. A whole object, the word null and nothing at all come too. */
function growth({ input, custom }: CallMembers, { bare }: ChatCall): string {
  if (isObject(input)) return inputOf(input)
  if (typeof input !== 'string') return ''
  return input === 'null' && bare && !custom ? '' : input
}

/** Ends calls. One whose name never came is started with what there is; input that never came is an empty object. */
export function closeCalls(
  calls: readonly ChatCall[],
  { choice, next }: { readonly choice: number; readonly next: number },
): readonly StreamPart[] {
  const parts: StreamPart[] = []
  let free = next
  for (const { index: own, id, held, bare, custom } of calls) {
    const index = own ?? free++
    const part = { type: 'tool-call', id, name: '', input: '', ...(custom && { custom }) } as const
    if (own === undefined) parts.push({ type: 'part-start', choice, index, part })
    const text = bare && !custom ? '{}' : held
    if (text !== '') parts.push({ type: 'delta', choice, index, text })
    parts.push({ type: 'part-end', choice, index })
  }
  return parts
}
