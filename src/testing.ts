// `tutti/testing`: for the tests of apps. Nothing here imports `node:`, so that it runs wherever an app's tests do.
export {
  cut,
  embedding,
  empty,
  fail,
  failInside,
  raw,
  redirect,
  refuse,
  reply,
  script,
  stall,
  stream,
  structured,
  times,
  toolCall,
  toolCalls,
  when,
} from '#providers/demo/builders.ts'
export type { ReplyOptions } from '#providers/demo/builders.ts'
export { parseScript, ScriptError } from '#providers/demo/parse-script.ts'
export type { RecordedRequest } from '#providers/demo/recorder.ts'
export type {
  Answer,
  ErrorReply,
  Fault,
  Place,
  RawReply,
  Reply,
  Script,
  Timing,
  ToolCallReply,
  UsageReply,
  When,
  Wire,
} from '#providers/demo/script.ts'
export { mockProviders } from '#src/testing/mock-providers.ts'
export type { MockOptions, MockProviders } from '#src/testing/mock-providers.ts'
