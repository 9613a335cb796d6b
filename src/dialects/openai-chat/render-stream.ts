import type { StreamPart } from '#src/core/answer.ts'
import {
  rendererOf,
  type CostNote,
  type RenderContext,
  type RenderReducer,
  type StreamRenderer,
} from '#src/core/dialect.ts'
import type { Usage } from '#src/core/usage.ts'
import { addCost } from '../openai/cost.ts'
import { DONE } from '../openai/errors.ts'
import { chatUsage } from '../openai/usage.ts'
import { advanced, endOf, NEW_CHOICE, roleFor, sayStep, type ChoiceState, type Said } from './render-choice.ts'
import { headOf } from './render-parts.ts'

/** A stream of chunks on its way out. */
interface State {
  readonly start: Start
  /** What every event begins with, up to the members of the chunk that follow. */
  readonly head: string
  readonly choices: ReadonlyMap<number, ChoiceState>
  readonly usage: Usage | undefined
}

type Start = Omit<Extract<StreamPart, { readonly type: 'start' }>, 'type'>

/** Before the first part. */
export function chatRenderer(context: RenderContext): StreamRenderer {
  return rendererOf(reducerFor(context))
}

function reducerFor(context: RenderContext): RenderReducer<State> {
  const { wantsUsage } = context.request
  const tail = wantsUsage ? '],"usage":null}\n\n' : ']}\n\n'
  const written = (head: string, index: number, said: readonly Said[]): string =>
    said
      .map(({ delta, more }) => {
        const choice = JSON.stringify({ index, delta, logprobs: null, finish_reason: null, ...more })
        return `${head},"choices":[${choice}${tail}`
      })
      .join('')

  return {
    start: { start: {}, head: headText({}, context), choices: new Map(), usage: undefined },
    part(state, step) {
      switch (step.type) {
        case 'start': {
          const { type: _type, ...more } = step
          const start = { ...state.start, ...more }
          return { state: { ...state, start, head: headText(start, context) }, out: '' }
        }
        case 'usage':
          return { state: { ...state, usage: { ...state.usage, ...step.usage } }, out: '' }
        case 'end':
        case 'rest':
        case 'failure':
          return { state, out: '' }
        default: {
          const known = state.choices.get(step.choice)
          const choice = known ?? NEW_CHOICE
          const said = sayStep(step, choice, context)
          const out = written(state.head, step.choice, known ? said : [roleFor(step), ...said])
          const next = advanced(choice, step)
          if (next === known) return { state, out }
          return { state: { ...state, choices: new Map(state.choices).set(step.choice, next) }, out }
        }
      }
    },
    finish({ head, choices, usage }, note) {
      const open = [...choices].filter(([, { finished }]) => !finished)
      const ends = open.map(([index, choice]) => written(head, index, endOf(choice, 'stop'))).join('')
      return ends + (wantsUsage ? usageEvent(head, usage ?? note.bill.usage, note) : '') + DONE
    },
  }
}

function headText(head: Start, context: RenderContext): string {
  return `data: ${JSON.stringify(headOf(head, context, 'chat.completion.chunk')).slice(0, -1)}`
}

function usageEvent(head: string, usage: Usage, note: CostNote): string {
  const chunk = `${head.slice('data: '.length)},"choices":[],"usage":${JSON.stringify(chatUsage(usage))}}`
  return `data: ${addCost(chunk, note)}\n\n`
}
