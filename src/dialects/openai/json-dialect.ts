import type { Dialect } from '#src/core/dialect.ts'
import type { Capability } from '#src/core/endpoint.ts'
import { readRequest, type Shape } from '../shared/read-request.ts'
import { senseTree } from '../shared/sense-tree.ts'
import { addCost } from './cost.ts'
import { DONE, renderFailure, renderStreamError } from './errors.ts'

/** An endpoint of OpenAI's style that answers one JSON object, and that an upstream either has or has not. */
export function jsonDialect(shape: Shape, capability: Capability): Dialect {
  return {
    endpoint: shape.endpoint,
    read: (text, context) => ({ ...readRequest(text, context, shape), stream: false }),
    sense: (request) => senseTree(request, capability),
    renderFailure: (failure) => renderFailure(failure),
    renderStreamError,
    done: DONE,
    requestIdHeader: 'x-request-id',
    addCost,
  }
}
