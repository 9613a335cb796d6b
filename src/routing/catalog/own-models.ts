/**
 * Rows of our own over the generated tables: models that no price list has, later facts, and dates. Prices here are dated like all others; where the
 * cell is empty the price is unknown (HyperCLOVA X, Kanana, EXAONE, A.X, Mi:dm, ALLaM, Fanar are in no public table).
 */
export const OWN_SOURCE = { source: 'providers.md parts 1, 2 and 3', asOf: '2026-11-23' } as const

/** As the generated rows: id|context:maxOutput|input|output|cachedInput|cacheWrite|tiers. */
export const OWN_ROWS: Readonly<Record<string, string>> = {
  upstage: `
solar-pro4
solar-mini4
solar-decide|524288
solar-decide-flash|524288
`,
  kakao: `
kanana-nano-2.1b-base
kanana-nano-2.1b-instruct
kanana-1.5-2.1b-instruct-2505
kanana-1.5-8b-instruct-2505
kanana-1.5-15.7b-a3b-instruct|32768
kanana-1.5-v-3b
kanana-2-30b-a3b-base
kanana-2-30b-a3b-mid
kanana-2-30b-a3b-instruct
kanana-2-30b-a3b-thinking
kanana-2-30b-a3b-thinking-2601
kanana-2-1.3b-instruct
kanana-2-3b-instruct
kanana-safeguard
`,
  'hyperclova-x': `
HCX-007|128000:32768
HCX-005|128000:4096
HCX-DASH-002|32000:4096
HCX-003
HCX-DASH-001
HCX-GOV-THINK
HCX-GOV
HCX-GOV-VLM
`,
  naver: `
HyperCLOVAX-SEED-Text-Instruct-0.5B
HyperCLOVAX-SEED-Text-Instruct-1.5B
HyperCLOVAX-SEED-Vision-Instruct-3B
HyperCLOVAX-SEED-Think-14B
HyperCLOVAX-SEED-Think-32B
`,
  lg: `
K-EXAONE-236B-A23B|262144
EXAONE-4.0-32B
`,
  friendli: `
LGAI-EXAONE/K-EXAONE-236B-A23B|262144
LGAI-EXAONE/EXAONE-4.0-32B
`,
  skt: `
A.X-4.0
A.X-4.0-Light
A.X-K1
`,
  sktax: `
ax4
`,
  kt: `
Midm-2.0-Base-Instruct
Midm-2.0-Mini-Instruct
`,
  humain: `
ALLaM-34B
`,
  tii: `
Falcon-40B
Falcon-180B
Falcon-H1-34B-Instruct
Falcon3-10B-Instruct
`,
  core42: `
jais-30b-chat
`,
  'github-models': `
core42/jais-30b-chat
`,
  fanar: `
Fanar
Fanar-S
Fanar-C-2-27B
Fanar-1-9B
Fanar-2-27B
`,
  qcri: `
Fanar-1-9B
Fanar-1-9B-Instruct
Fanar-2-27B
`,
}

/** Models of gateways that send requests on, beside what price lists have of them: who makes one, not who serves it. */
export const GATEWAY_SOURCE = {
  source: 'recorded answers of Vercel AI Gateway, documentation of Cloudflare AI Gateway',
  asOf: '2026-11-26',
} as const

export const GATEWAY_ROWS: Readonly<Record<string, string>> = {
  'vercel-ai-gateway': `
anthropic/claude-sonnet-4
google/gemini-2.5-flash
openai/gpt-5
`,
  'cloudflare-ai-gateway': `
anthropic/claude-opus-4.8
anthropic/claude-opus-5
anthropic/claude-opus-5.5
anthropic/claude-sonnet-4.6
anthropic/claude-sonnet-5
openai/gpt-4o-mini
openai/gpt-5.5
openai/gpt-5.6-luna
openai/gpt-5.6-sol
openai/gpt-5.6-terra
openai/gpt-6-astra
openai/gpt-6-luna
openai/gpt-6-sol
`,
}

/** ISO date from which a vendor's model no longer answers. Sources: openai 7.57.0 (2026-11-13), @anthropic-ai/sdk 1.12.0 (2026-11-20), DeepSeek. */
export const RETIRES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  openai: {
    '2026-10-23': 'gpt-3.5-turbo gpt-4 gpt-4-turbo gpt-4.1-nano o1 o3-mini o4-mini',
    '2026-12-11': 'gpt-5 gpt-5-mini gpt-5-nano o3',
    '2027-01-14': 'gpt-4o gpt-4o-mini gpt-4.1 gpt-4.1-mini',
    '2027-04-01': 'gpt-5.1 gpt-5.4-nano',
  },
  anthropic: { '2026-11-30': 'claude-sonnet-4-5 claude-sonnet-4-5-20250929' },
  deepseek: { '2026-07-24': 'deepseek-chat deepseek-reasoner' },
}
