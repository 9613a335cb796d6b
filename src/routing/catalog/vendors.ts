/**
 * Who runs which hosts. A line: id | hosts | operator | country of its headquarters | region where prompts are processed | other names of the vendor.
 * An empty cell is unknown. Hosts and ids: shared facts on providers (2026-11-23) and the DeepSeek lineage list (2026-11-10, 2026-07-02); operators and
 * countries: the same, else public company records as generally known on that day. Data use is not in here: no source says it for a whole vendor.
 */
export const VENDORS_SOURCE = {
  source: 'providers.md parts 1 and 2, deepseek-lineage.json, public company records',
  asOf: '2026-11-23',
} as const

const VENDOR_LINES = `
openai|api.openai.com *.api.openai.com|openai|US
azure-openai|*.openai.azure.com *.services.ai.azure.com *.cognitiveservices.azure.com|microsoft|US||azure azure-cognitive-services
anthropic|api.anthropic.com|anthropic|US
google|generativelanguage.googleapis.com|google|US
google-vertex|aiplatform.googleapis.com *-aiplatform.googleapis.com|google|US
amazon-bedrock|bedrock-runtime.*.amazonaws.com bedrock-mantle.*.api.aws|amazon|US
mistral|api.mistral.ai|mistral|FR
xai|api.x.ai *.api.x.ai|xai|US||x-ai
groq|api.groq.com|groq|US
together|api.together.ai api.together.xyz|together|US||togetherai
fireworks|api.fireworks.ai|fireworks|US||fireworks-ai
cerebras|api.cerebras.ai|cerebras|US
deepseek|api.deepseek.com platform.deepseek.com chat.deepseek.com|deepseek|CN|CN
moonshot|api.moonshot.ai api.moonshot.cn|moonshot|CN||moonshotai moonshotai-cn
perplexity|api.perplexity.ai|perplexity|US||perplexity-agent
nvidia|integrate.api.nvidia.com|nvidia|US
huggingface|router.huggingface.co api-inference.huggingface.co|huggingface|US
openrouter|openrouter.ai *.openrouter.ai|openrouter|US
upstage|api.upstage.ai|upstage|KR
friendli|api.friendli.ai
sktax|guest-api.sktax.chat|skt|KR
hyperclova-x|clovastudio.stream.ntruss.com clovastudio.stream.gov-ntruss.com clovastudio.apigw.ntruss.com api.clovastudio.go.kr|naver|KR
fanar|api.fanar.qa|qcri|QA
workers-ai|api.cloudflare.com workers-binding.ai|cloudflare|US||cloudflare-workers-ai
cloudflare-ai-gateway|gateway.ai.cloudflare.com|cloudflare|US
meta|api.meta.ai api.llama.com|meta|US||llama
cohere|api.cohere.com api.cohere.ai|cohere|CA
zai|api.z.ai|zai|CN||z-ai
kakao||kakao|KR
lg||lg|KR
kt||kt|KR
skt||skt|KR
naver||naver|KR
humain||humain|SA
tii||tii|AE
core42||core42|AE
qcri||qcri|QA
baseten|inference.baseten.co|baseten|US
opencode|opencode.ai
opencode-go
alibaba-token-plan|token-plan.ap-southeast-1.maas.aliyuncs.com|alibaba|CN|SG|qwen-token-plan qwen-token-plan-individual
alibaba-token-plan-cn|token-plan.cn-beijing.maas.aliyuncs.com|alibaba|CN|CN|qwen-token-plan-cn qwen-token-plan-individual-cn
alibaba-cn|dashscope.aliyuncs.com|alibaba|CN|CN
alibaba|dashscope-intl.aliyuncs.com|alibaba|CN
radius|radius.pi.dev
vercel-ai-gateway|ai-gateway.vercel.sh|vercel|US||vercel
302ai|api.302.ai
abacus|routellm.abacus.ai|abacus|US
aihubmix
auriko|api.auriko.ai
chutes|llm.chutes.ai
clarifai|api.clarifai.com|clarifai|US
cortecs|api.cortecs.ai
crof|crof.ai
deepinfra|api.deepinfra.com|deepinfra|US
digitalocean|inference.do-ai.run|digitalocean|US
drun|chat.d.run
fastrouter|go.fastrouter.ai
frogbot|app.frogbot.ai
github-models|models.github.ai|microsoft|US
gmicloud|api.gmi-serving.com
helicone|ai-gateway.helicone.ai
iflowcn|apis.iflow.cn|alibaba|CN
io-net|api.intelligence.io.solutions
jiekou|api.jiekou.ai
kilo|api.kilo.ai
llmgateway|api.llmgateway.io
meganova|api.meganova.ai
merge-gateway
nano-gpt|nano-gpt.com
nebius|api.tokenfactory.nebius.com|nebius|NL
novita-ai|api.novita.ai
orcarouter|api.orcarouter.ai
poe|api.poe.com|quora|US
routing-run|ai.routing.sh
siliconflow|api.siliconflow.com|siliconflow|CN
siliconflow-cn|api.siliconflow.cn|siliconflow|CN|CN
submodel|llm.submodel.ai
venice|api.venice.ai
vivgrid|api.vivgrid.com
vultr|api.vultrinference.com|vultr|US
wafer.ai|pass.wafer.ai
wandb|api.inference.wandb.ai|coreweave|US
zenmux|zenmux.ai
`

/** Vendors that serve their own models alone, and who that is: there a name that begins like one of theirs is one. */
export const HOUSES: Readonly<Record<string, string>> = {
  openai: 'openai',
  anthropic: 'anthropic',
  google: 'google',
  xai: 'xai',
  cohere: 'cohere',
  mistral: 'mistral',
  moonshot: 'moonshot',
  zai: 'zai',
  upstage: 'upstage',
  'hyperclova-x': 'naver',
  sktax: 'skt',
  fanar: 'qcri',
}

/** A vendor. undefined is unknown. */
export interface VendorRow {
  readonly id: string
  /** Host names; `*` stands for any run. */
  readonly hosts: readonly string[]
  readonly operator?: string
  readonly country?: string
  readonly region?: string
  readonly aliases: readonly string[]
}

export const VENDORS: readonly VendorRow[] = VENDOR_LINES.trim().split('\n').map(vendorOf)

const ALIASES = new Map(VENDORS.flatMap((vendor) => vendor.aliases.map((alias) => [alias, vendor.id] as const)))

/** The vendor's id in the catalog for a name that some price list gives it. */
export function aliasOf(name: string): string {
  return ALIASES.get(name) ?? name
}

function vendorOf(line: string): VendorRow {
  const [id = '', hosts = '', operator = '', country = '', region = '', aliases = ''] = line.split('|')
  return {
    id,
    hosts: words(hosts),
    aliases: words(aliases),
    ...(operator === '' ? {} : { operator }),
    ...(country === '' ? {} : { country }),
    ...(region === '' ? {} : { region }),
  }
}

function words(text: string): readonly string[] {
  return text === '' ? [] : text.split(' ')
}
