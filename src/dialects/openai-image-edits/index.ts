import type { Dialect } from '#src/core/dialect.ts'
import type { ApiRequest } from '#src/core/request.ts'
import { addCost } from '../openai/cost.ts'
import { DONE, renderFailure, renderStreamError } from '../openai/errors.ts'
import { countText, readFormRequest, switchText } from '../shared/read-form.ts'
import { invalid, readRequest, type Check, type Shape } from '../shared/read-request.ts'
import { senseEdit } from './sense.ts'

const text: Check = (value) => (typeof value === 'string' && value !== '' ? undefined : 'a text')

const SHAPE: Shape = {
  endpoint: 'imageEdits',
  required: [['prompt', text]],
  optional: [
    ['n', countText],
    ['stream', switchText],
  ],
}

/** What clients of OpenAI's image edits speak: a form with pictures, or JSON that says where they are. */
export const openaiImageEdits: Dialect = {
  endpoint: 'imageEdits',
  form: { required: false, read: (body, context) => checked(readFormRequest(body, context, SHAPE)) },
  read: (body, context) => checked(readRequest(body, context, SHAPE)),
  sense: senseEdit,
  renderFailure: (failure) => renderFailure(failure),
  renderStreamError,
  done: DONE,
  requestIdHeader: 'x-request-id',
  addCost,
  settings: { user: [['user']] },
}

/** As for generations: pictures come whole, a stream of partial ones is a 400, not a silence. */
function checked(request: ApiRequest): ApiRequest {
  if (request.stream) throw invalid('`stream` is not carried out for images: leave it out', 'stream')
  const { body } = request
  if (!Object.keys(body).some((name) => name.startsWith('image')))
    throw invalid('missing required parameter: `image`', 'image')
  return request
}
