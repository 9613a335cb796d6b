import type { Answer, Finish } from '#src/core/answer.ts'
import {
  rendererOf,
  type CostNote,
  type RenderContext,
  type RenderReducer,
  type StreamRenderer,
} from '#src/core/dialect.ts'
import type { Usage } from '#src/core/usage.ts'
import { addCostAt } from '../shared/cost.ts'
import { responseObject } from './render-answer.ts'
import { createWriter, type Writer } from './writer.ts'

/** A response under way. */
interface State {
  readonly head: Pick<Answer, 'model' | 'created' | 'serviceTier'>
  readonly begun: boolean
  readonly writer: Writer
  readonly finish: Finish | undefined
  readonly usage: Usage | undefined
}

/** Before the first part. */
export function responseRenderer(context: RenderContext): StreamRenderer {
  return rendererOf(reducerFor(context))
}

function reducerFor(context: RenderContext): RenderReducer<State> {
  function begin(state: State): { state: State; out: string } {
    if (state.begun) return { state, out: '' }
    const response = responseObject(context, { head: state.head, finish: undefined, output: [], usage: undefined })
    const created = state.writer.event('response.created', { response })
    const running = created.writer.event('response.in_progress', { response })
    return { state: { ...state, begun: true, writer: running.writer }, out: created.out + running.out }
  }

  return {
    start: { head: {}, begun: false, writer: createWriter(context), finish: undefined, usage: undefined },
    part(state, step) {
      switch (step.type) {
        case 'start': {
          const { model, created, serviceTier } = step
          const head = {
            ...(model !== undefined && { model }),
            ...(created !== undefined && { created }),
            ...(serviceTier !== undefined && { serviceTier }),
          }
          return { state: { ...state, head }, out: '' }
        }
        case 'usage':
          return { state: { ...state, usage: { ...state.usage, ...step.usage } }, out: '' }
        case 'end':
        case 'rest':
        case 'failure':
          return { state, out: '' }
        default: {
          if (step.choice !== 0) return { state, out: '' }
          const begun = begin(state)
          if (step.type === 'finish') return { state: { ...begun.state, finish: step.finish }, out: begun.out }
          const written = begun.state.writer.step(step)
          return { state: { ...begun.state, writer: written.writer }, out: begun.out + written.out }
        }
      }
    },
    finish(state, note) {
      const begun = begin(state)
      const closed = begun.state.writer.close()
      return begun.out + closed.out + lastEvent(context, { ...begun.state, writer: closed.writer }, note)
    },
  }
}

function lastEvent(
  context: RenderContext,
  { head, finish = { unified: 'stop' }, usage, writer }: State,
  note: CostNote,
): string {
  const response = responseObject(context, { head, finish, output: writer.output, usage: usage ?? note.bill.usage })
  const type = response['status'] === 'incomplete' ? 'response.incomplete' : 'response.completed'
  return addCostToEvent(writer.event(type, { response }).out, note)
}

/** The cost stands in `usage`, as everywhere. */
function addCostToEvent(event: string, note: CostNote): string {
  const begin = event.indexOf('{')
  const end = event.lastIndexOf('}') + 1
  return event.slice(0, begin) + addCostAt(event.slice(begin, end), ['response', 'usage'], note) + event.slice(end)
}
