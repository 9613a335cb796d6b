// `tutti/testing`: for the tests of apps. Nothing here imports `node:`, so that it runs wherever an app's tests do.
export {
  cite,
  cut,
  embedding,
  empty,
  fail,
  failInside,
  raw,
  redirect,
  refuse,
  reply,
  scores,
  script,
  stall,
  stream,
  structured,
  think,
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
  CitationReply,
  ErrorReply,
  Fault,
  Place,
  RawReply,
  Reply,
  Script,
  ScriptEndpoint,
  Timing,
  ToolCallReply,
  UsageReply,
  When,
  Wire,
} from '#providers/demo/script.ts'
export { mockProviders } from '#src/testing/mock-providers.ts'
export type { MockOptions, MockProviders } from '#src/testing/mock-providers.ts'
