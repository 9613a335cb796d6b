import { NO_MEDIA, type Support } from '#src/core/features.ts'
import { chatSupport } from '#providers/openai-compatible/chat-support.ts'
import { QUIRKS } from './wire.ts'

/** A chat completion's messages without its files: nothing is fetched, images come as data alone. */
export function support(model: string): Support {
  return {
    ...chatSupport(QUIRKS, model),
    ...NO_MEDIA,
    image_data: 'carried',
    document_text: 'emulated',
    media_name: 'dropped',
    modalities: 'refused',
    speech: 'refused',
    // `tool_choice` is `required`, and only that tool is offered.
    tool_choice_named: 'emulated',
  }
}
