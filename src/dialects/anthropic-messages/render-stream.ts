import type { Answer, Finish } from '#src/core/answer.ts'
import {
  rendererOf,
  type CostNote,
  type RenderContext,
  type RenderReducer,
  type StreamRenderer,
} from '#src/core/dialect.ts'
import type { Usage } from '#src/core/usage.ts'
import { addCost } from './cost.ts'
import { headOf } from './render-answer.ts'
import { stopOf } from './render-blocks.ts'
import { closeBlock, event, grow, openBlock, type Open, type PartStep } from './render-steps.ts'
import { messageUsage, tierOf } from './usage.ts'

/** A message under way. Its blocks follow each other: what belongs to a later one waits. */
interface State {
  readonly head: Pick<Answer, 'id' | 'model' | 'serviceTier'>
  readonly begun: boolean
  readonly open: Open | undefined
  /** Blocks that are done. */
  readonly blocks: number
  readonly waiting: readonly Waiting[]
  readonly finish: Finish | undefined
  readonly usage: Usage | undefined
}

/** A part that has to wait for the open one, its steps the last one first: none is copied for the next. */
interface Waiting {
  readonly index: number
  readonly last: Link
}

interface Link {
  readonly step: PartStep
  readonly before: Link | undefined
}

interface Step {
  readonly state: State
  readonly out: string
}

const START: State = {
  head: {},
  begun: false,
  open: undefined,
  blocks: 0,
  waiting: [],
  finish: undefined,
  usage: undefined,
}

/** Before the first part. */
export function messageRenderer(context: RenderContext): StreamRenderer {
  const reducer: RenderReducer<State> = {
    start: START,
    part(state, step) {
      switch (step.type) {
        case 'start': {
          const { type: _type, ...head } = step
          return { state: { ...state, head: { ...state.head, ...head } }, out: '' }
        }
        case 'usage':
          return { state: { ...state, usage: { ...state.usage, ...step.usage } }, out: '' }
        case 'finish':
          return { state: step.choice === 0 ? { ...state, finish: step.finish } : state, out: '' }
        case 'end':
        case 'rest':
        case 'failure':
        case 'logprobs':
          return { state, out: '' }
        default:
          // The dialect knows one choice.
          return step.choice === 0 ? begunWith(state, step, context) : { state, out: '' }
      }
    },
    finish(state, note) {
      const begun = begin(state, context)
      const drained = drain(begun.state)
      return begun.out + drained.out + lastDelta(drained.state, note) + event('message_stop', {})
    },
  }
  return rendererOf(reducer)
}

function begunWith(state: State, step: PartStep, context: RenderContext): Step {
  if (state.begun) return take(state, step)
  const begun = begin(state, context)
  const taken = take(begun.state, step)
  return { state: taken.state, out: begun.out + taken.out }
}

/** The first event goes out with the first part, when the input's tokens may be known already. */
function begin(state: State, context: RenderContext): Step {
  if (state.begun) return { state, out: '' }
  const usage = { ...messageUsage(state.usage ?? {}), ...tierOf(state.head.serviceTier) }
  const message = {
    ...headOf(state.head, context),
    content: [],
    stop_reason: null,
    stop_sequence: null,
    stop_details: null,
    usage,
  }
  return { state: { ...state, begun: true }, out: event('message_start', { message }) }
}

function take(state: State, step: PartStep): Step {
  const { open } = state
  if (step.type === 'part-start') return open ? { state: wait(state, step), out: '' } : begunBlock(state, step)
  if (!open || step.index !== open.part) return { state: wait(state, step), out: '' }
  if (step.type === 'part-end') return ended(state, open)
  const written = grow(open, step)
  return { state: written.open === open ? state : { ...state, open: written.open }, out: written.out }
}

function begunBlock(state: State, { part, index }: Extract<PartStep, { type: 'part-start' }>): Step {
  const written = openBlock(part, { part: index, block: state.blocks })
  return written ? { state: { ...state, open: written.open }, out: written.out } : { state, out: '' }
}

/** Ends the open block, and writes what waited for that. */
function ended(state: State, open: Open): Step {
  const { used, out } = closeBlock(open)
  let step: Step = { state: { ...state, open: undefined, blocks: state.blocks + Number(used) }, out }
  while (!step.state.open && step.state.waiting.length > 0) {
    const [next, ...waiting] = step.state.waiting
    if (!next) break
    step = replay({ state: { ...step.state, waiting }, out: step.out }, next.last)
  }
  return step
}

function replay(before: Step, last: Link): Step {
  const steps: PartStep[] = []
  for (let link: Link | undefined = last; link; link = link.before) steps.push(link.step)
  let { state, out } = before
  for (const step of steps.toReversed()) {
    const taken = take(state, step)
    state = taken.state
    out += taken.out
  }
  return { state, out }
}

/** A step of a part that has no block is nothing to wait for. */
function wait(state: State, step: PartStep): State {
  const known = state.waiting.find(({ index }) => index === step.index)
  if (!known && step.type !== 'part-start') return state
  const own: Waiting = { index: step.index, last: { step, before: known?.last } }
  const waiting = known ? state.waiting.map((other) => (other === known ? own : other)) : [...state.waiting, own]
  return { ...state, waiting }
}

/** Ends what was never ended. */
function drain(start: State): Step {
  let step: Step = { state: start, out: '' }
  while (step.state.open) {
    const next = ended(step.state, step.state.open)
    step = { state: next.state, out: step.out + next.out }
  }
  return step
}

function lastDelta({ finish = { unified: 'stop' }, usage }: State, note: CostNote): string {
  const data = JSON.stringify({
    type: 'message_delta',
    delta: stopOf(finish),
    usage: messageUsage(usage ?? note.bill.usage),
  })
  return `event: message_delta\ndata: ${addCost(data, note)}\n\n`
}
