import type { Reply } from '#providers/demo/script.ts'
import type { PlainFinish } from '../../support/readers/plain.ts'
import { PNG, TRIP, WEATHER, type Call, type Want } from './want.ts'

/** What is said between an app, tutti and an upstream: one turn, or two with tools between them. */
export interface Scenario {
  readonly name: ScenarioName
  readonly want: Want
  /** What the upstream answers, turn by turn. */
  readonly replies: readonly Reply[]
  readonly finish: PlainFinish
  /** Bytes of each write of the upstream; left out: whole events. */
  readonly split?: number
}

export const SCENARIOS = [
  'tool loop',
  'parallel tools',
  'image',
  'structured output',
  'reasoning',
  'letters',
  'stop sequences',
  'length',
  'refusal',
] as const
export type ScenarioName = (typeof SCENARIOS)[number]

const SYSTEM = '너는 날씨를 알려 주는 친구다. 🧭'
const LIMIT = 9000
const USAGE = { input: 120, output: 60 }
const asked = (user: string, more: Partial<Want> = {}): Want => ({ system: SYSTEM, user, limit: LIMIT, ...more })

/** Base64, as Google and AWS want it. */
export const SIGNATURE = 'c2lnbmF0dXJlLW9mLXRob3VnaHRz'
/** Nine letters and digits: ids that every vendor takes. `run` keeps the calls of one conversation apart from those of another. */
const idOf = (run: number, call: number): string => `${String(call)}${String(run).padStart(8, 'x')}`

/** A tool's answer to a call. */
export const resultOf = (call: Call): string => `${JSON.stringify(call.input)}: 맑음 ☀️, 21 °C`

const WORDS = '서울은 맑고 ☀️ 부산은 비 ☔️, 가족은 👨‍👩‍👧‍👦 집에 있어요. 🇰🇷 끝.'
const THOUGHT = '두 도시를 봐야 한다. 🤔 First Seoul, then Busan.'

/** One of them; `run` makes its ids its own. */
export function scenarioOf(name: ScenarioName, run: number): Scenario {
  const found = scenariosOf(run).find((own) => own.name === name)
  if (!found) throw new TypeError(`there is no ${name}`)
  return found
}

function scenariosOf(run: number): readonly Scenario[] {
  const seoul = { id: idOf(run, 1), name: WEATHER.name, arguments: { city: '서울' } }
  const busan = { id: idOf(run, 2), name: WEATHER.name, arguments: { city: '부산 🌊', days: 3 } }
  return [
    {
      name: 'tool loop',
      want: asked('서울의 날씨는?', { tools: true }),
      replies: [
        { text: '볼게요. 👀', signature: '', toolCalls: [seoul], usage: USAGE },
        { text: WORDS, usage: USAGE },
      ],
      finish: 'tool_calls',
    },
    {
      name: 'parallel tools',
      want: asked('서울과 부산의 날씨는?', { tools: true, effort: 'high' }),
      replies: [
        { reasoning: THOUGHT, signature: SIGNATURE, toolCalls: [seoul, busan], usage: { ...USAGE, reasoning: 20 } },
        { text: WORDS, usage: USAGE },
      ],
      finish: 'tool_calls',
    },
    {
      name: 'image',
      want: asked('이 그림은 무엇인가? 🖼️', { image: PNG }),
      replies: [{ text: '빨간 점 하나 🔴', usage: USAGE }],
      finish: 'stop',
    },
    {
      name: 'structured output',
      want: asked('서울에서 부산까지', { schema: TRIP }),
      replies: [{ text: JSON.stringify({ city: '부산 🌊', stops: ['대전', '대구'] }), usage: USAGE }],
      finish: 'stop',
    },
    {
      name: 'reasoning',
      want: asked('17 × 24?', { effort: 'high' }),
      replies: [
        { reasoning: THOUGHT, signature: SIGNATURE, text: '408', usage: { ...USAGE, reasoning: 20 } },
        { text: WORDS, usage: USAGE },
      ],
      finish: 'stop',
    },
    {
      name: 'letters',
      want: asked('한글과 이모지 👩🏽‍💻를 써 줘'),
      replies: [{ text: WORDS, usage: USAGE }],
      finish: 'stop',
      split: 5,
    },
    {
      name: 'stop sequences',
      want: asked('하나만 골라', { stop: ['끝', 'END'] }),
      replies: [{ text: '서울 ', usage: USAGE }],
      finish: 'stop',
    },
    {
      name: 'length',
      want: asked('길게 써 줘', { limit: 8000 }),
      replies: [{ text: '길고 긴 이야기 📜', finishReason: 'length', usage: USAGE }],
      finish: 'length',
    },
    {
      name: 'refusal',
      want: asked('나쁜 일을 도와줘'),
      replies: [{ refusal: '그 일은 도울 수 없어요. 🙏', usage: USAGE }],
      finish: 'content_filter',
    },
  ]
}
