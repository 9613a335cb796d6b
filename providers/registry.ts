import type { Adapter } from '#src/core/adapter.ts'
import { anthropic } from '#providers/anthropic/index.ts'
import { awsBedrock } from '#providers/aws-bedrock/index.ts'
import { azureOpenai } from '#providers/azure-openai/index.ts'
import { cerebras } from '#providers/cerebras/index.ts'
import { cloudflareAiGateway } from '#providers/cloudflare-ai-gateway/index.ts'
import { cohere } from '#providers/cohere/index.ts'
import { deepseek } from '#providers/deepseek/index.ts'
import { demo } from '#providers/demo/index.ts'
import { fanar } from '#providers/fanar/index.ts'
import { fireworks } from '#providers/fireworks/index.ts'
import { friendli } from '#providers/friendli/index.ts'
import { gemini } from '#providers/google-gemini/index.ts'
import { googleVertex } from '#providers/google-vertex/index.ts'
import { groq } from '#providers/groq/index.ts'
import { huggingface } from '#providers/huggingface/index.ts'
import { hyperclovaX } from '#providers/hyperclova-x/index.ts'
import { hyperclovaXNative } from '#providers/hyperclova-x-native/index.ts'
import { llamaCpp } from '#providers/llama-cpp/index.ts'
import { lmStudio } from '#providers/lm-studio/index.ts'
import { mistral } from '#providers/mistral/index.ts'
import { moonshot } from '#providers/moonshot/index.ts'
import { nvidia } from '#providers/nvidia/index.ts'
import { ollama } from '#providers/ollama/index.ts'
import { ollamaNative } from '#providers/ollama-native/index.ts'
import { openai } from '#providers/openai/index.ts'
import { openaiCompatible } from '#providers/openai-compatible/index.ts'
import { openrouter } from '#providers/openrouter/index.ts'
import { perplexity } from '#providers/perplexity/index.ts'
import { sglang } from '#providers/sglang/index.ts'
import { sktax } from '#providers/sktax/index.ts'
import { together } from '#providers/together/index.ts'
import { tutti } from '#providers/tutti/index.ts'
import { upstage } from '#providers/upstage/index.ts'
import { vercelAiGateway } from '#providers/vercel-ai-gateway/index.ts'
import { vllm } from '#providers/vllm/index.ts'
import { workersAi } from '#providers/workers-ai/index.ts'
import { workersAiBinding, workersAiNative } from '#providers/workers-ai-native/index.ts'
import { xai } from '#providers/xai/index.ts'

const ALL: readonly Adapter[] = [
  anthropic,
  awsBedrock,
  azureOpenai,
  cerebras,
  cloudflareAiGateway,
  cohere,
  deepseek,
  demo,
  fanar,
  fireworks,
  friendli,
  gemini,
  googleVertex,
  groq,
  huggingface,
  hyperclovaX,
  hyperclovaXNative,
  llamaCpp,
  lmStudio,
  mistral,
  moonshot,
  nvidia,
  ollama,
  ollamaNative,
  openai,
  openaiCompatible,
  openrouter,
  perplexity,
  sglang,
  sktax,
  together,
  tutti,
  upstage,
  vercelAiGateway,
  vllm,
  workersAi,
  workersAiNative,
  workersAiBinding,
  xai,
]

/** Every vendor by the `type` that the file writes. */
export const adapters: ReadonlyMap<string, Adapter> = new Map(ALL.map((adapter) => [adapter.type, adapter]))
