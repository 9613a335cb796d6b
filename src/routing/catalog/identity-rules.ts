/**
 * Who made a model, by what its name begins with. Curated: each line is what the maker itself publishes, as generally known on the date below, or a
 * shared fact (providers.md part 1, deepseek-lineage.json). What nobody is sure of has no line, or an empty cell: it stays unknown.
 */
export const RULES_SOURCE = {
  source: "makers' own model cards; providers.md part 1; deepseek-lineage.json",
  asOf: '2026-11-23',
} as const

/**
 * begins with (folded names; `=`: is; `?`: a word so common that it counts only in a vendor's own list) | developer | family | lineage (`-`: none outside the maker's own family) | licence | open weights (y, n)
 * The longest beginning wins, a whole name over all. Lineage is as the makers state it; Fanar's names without a number stand for whatever the service
 * runs, of which most comes from Gemma.
 */
export const RULE_LINES = `
gpt chatgpt chatlatest codex =davinci =babbage =curie =ada|openai|gpt|-|proprietary|n
textembedding3 textembeddingada|openai|text-embedding|-|proprietary|n
o1 o3 o4|openai|o-series|-|proprietary|n
=whisper1|openai|whisper|-|proprietary|n
whisperlarge|openai|whisper|-||y
=tts1 =tts1hd|openai|tts|-|proprietary|n
dalle2 dalle3|openai|dall-e|-|proprietary|n
omnimoderation textmoderation|openai|moderation|-|proprietary|n
=sora2 =sora2pro|openai|sora|-|proprietary|n
computerusepreview|openai|gpt|-|proprietary|n
gptoss|openai|gpt-oss|-|apache-2.0|y
ftgpt ftchatgpt fto1 fto3 fto4|openai|gpt|
claude|anthropic|claude|-|proprietary|n
gemini deepresearchmax deepresearchpreview|google|gemini|-|proprietary|n
imagen3 imagen4|google|imagen|-|proprietary|n
veo2 veo3|google|veo|-|proprietary|n
learnlm|google|gemini|-|proprietary|n
textembedding004 textembedding005|google|text-embedding|-|proprietary|n
gemma gemma3n paligemma diffusiongemma embeddinggemma codegemma|google|gemma|-||y
gemmasealion|aisingapore|sea-lion|gemma-3
mistral openmistral ministral|mistral|mistral|-
mistralnemotron|mistral|mistral|
openmixtral mixtral|mistral|mixtral|-|apache-2.0|y
codestral|mistral|codestral|-
devstral labsdevstral|mistral|devstral|-
magistral|mistral|magistral|-
pixtral|mistral|pixtral|-
voxtral|mistral|voxtral|-
labsleanstral leanstral|mistral|leanstral|-
grok|xai|grok|-|proprietary|n
?solar upstagesolar|upstage|solar|
solarmini solar107b|upstage|solar|mistral-7b
solarpro2 solarpro3 solarpro4 solarmini4 solaropen solardecide|upstage|solar|-
qwen qwq qvq|alibaba|qwen|-
glm zaiglm zglm chatglm|zai|glm|-
kimi|moonshot|kimi|-
kimidev|moonshot|kimi|qwen2.5
moonshotv1|moonshot|moonshot|-|proprietary|n
llama metallama codellama llamaguard llamapromptguard|meta|llama|-||y
llama31nemotron70b|nvidia|nemotron|llama-3.1||y
llama31nemotronnano llama31nemotronultra|nvidia|nemotron|llama-3.1,deepseek-r1||y
llama33nemotronsuper|nvidia|nemotron|llama-3.3,deepseek-r1||y
openreasoningnemotron|nvidia|nemotron|qwen2.5,deepseek-r1||y
nemotron nvidianemotron|nvidia|nemotron|
?muse musespark museember museglimmer|meta|muse|
=phi phi1 phi2 phi3 phi4|microsoft|phi|-|mit|y
phi4minireasoning|microsoft|phi|deepseek-r1|mit|y
wizardlm28x22b|microsoft|wizardlm|mixtral
maiimage mai1|microsoft|mai|
?granite granite3 granite4|ibm|granite|-|apache-2.0|y
?command commandr commanda cohere c4ai|cohere|command|-
?embed ?rerank|cohere|embed|-
ayaexpanse ayavision|cohere|aya|-||y
?north|cohere|north|
?nova novalite novamicro novapro novapremier nova2lite|amazon|nova|-|proprietary|n
jamba|ai21|jamba|-
olmo|allenai|olmo|-|apache-2.0|y
minimax|minimax|minimax|
minimaxm1 =minimaxm2 minimax01 minimaxtext01|minimax|minimax|-||y
step35 step37 step5 step3|stepfun|step|
mimo|xiaomi|mimo|
hy3 hy4 hunyuan|tencent|hunyuan|
ernie|baidu|ernie|
?seed seed1 seed2 seedoss|bytedance|seed|
?ling ?ring ling2 ling3 ring2|inclusionai|ling|
lfm|liquid|lfm|
longcat|meituan|longcat|
palmyra|writer|palmyra|
?inkling|thinkingmachines|inkling|
?sonar sonarpro sonarreasoning sonardeepresearch|perplexity|sonar|
?aion aion2 aion3|aion-labs|aion|
aionrpllama31|aion-labs|aion|llama-3.1
hermes3llama31|nousresearch|hermes|llama-3.1||y
hermes4405b hermes470b|nousresearch|hermes|
sarvamm|sarvam|sarvam|mistral-small
sealion|aisingapore|sea-lion|
kanana|kakao|kanana|-||y
kanananano|kakao|kanana|-|cc-by-nc-4.0|y
kanana15|kakao|kanana|-|apache-2.0|y
kananasafeguard|kakao|kanana|-||y
hcx hyperclova|naver|hyperclova-x|-|proprietary|n
hyperclovaxseed|naver|hyperclova-x|-|licenseref-hyperclovax-seed|y
hyperclovaxseedthink32b hyperclovaxseedomni8b|naver|hyperclova-x|qwen2.5-vl|licenseref-hyperclovax-seed|y
exaone kexaone|lg|exaone|-||y
exaone40|lg|exaone|-|licenseref-exaone-1.2-nc|y
exaonedeep|lg|exaone|||y
ax40 ax4|skt|a.x|qwen2.5||y
axk1|skt|a.x|-||y
ax31|skt|a.x|-||y
midm|kt|midm|-|mit|y
믿음|kt|midm|-||
allam|humain|allam|-
allam7b allam17b|humain|allam|||y
?falcon falcon7b falcon11b falcon40b falcon180b falcon2 falcon3 falconh1 falconmamba|tii|falcon|-||y
jais30b jais13b|core42|jais|-|apache-2.0|y
jais|core42|jais|
fanar|qcri|fanar|
=fanar|qcri|fanar|gemma
fanars fanarstar|qcri|fanar|-
fanar19b|qcri|fanar|gemma-2||y
fanar227b fanarc227b|qcri|fanar|gemma-3||y
=yi yi34b yi6b yi9b yi15 yilarge|01-ai|yi|-
smollm|huggingface|smollm|-|apache-2.0|y
`

/**
 * Words that mark a model wherever they stand in a name; all words of a line must be there. Tried in order, before the rules above.
 * words | developer | family | lineage | licence | open weights
 */
export const MARK_LINES = `
deepseek nexn1|nex-agi|nex|deepseek-v3||y
nexn1|nex-agi|nex|deepseek-v3||y
deepseek chimera|tngtech|chimera|deepseek-r1,deepseek-v3||y
r1t chimera|tngtech|chimera|deepseek-r1,deepseek-v3||y
tng chimera|tngtech|chimera|deepseek-r1,deepseek-v3||y
maidsr1|microsoft|mai|deepseek-r1||y
r11776|perplexity|r1-1776|deepseek-r1||y
cogito 671b|deepcogito|cogito|deepseek-v3||y
phi4mini reasoning|microsoft|phi|deepseek-r1|mit|y
r1 distill qwen|deepseek|deepseek|qwen|mit|y
r1 distill llama|deepseek|deepseek|llama||y
deepseek qwen3 8b|deepseek|deepseek|qwen3|mit|y
deepseek qwen|deepseek|deepseek|qwen|mit|y
deepseek llama|deepseek|deepseek|llama||y
deepseek|deepseek|deepseek|-||
深度求索|deepseek|deepseek|-||
딥시크|deepseek|deepseek|-||
ディープシーク|deepseek|deepseek|-||
ديبسيك|deepseek|deepseek|-||
`

/** As above, only at a name's beginning: words too common to mark a name from within. */
export const START_MARK_LINES = `
aion10|aion-labs|aion|deepseek-r1||
chimera|tngtech|chimera|deepseek-r1,deepseek-v3||
`

/** The part of a name before its last slash, folded, where it names a maker. The others (a gateway, a reseller, a person) make a name's claim unknown. */
export const MAKERS: Readonly<Record<string, string>> = {
  openai: 'openai',
  anthropic: 'anthropic',
  google: 'google',
  mistralai: 'mistral',
  mistral: 'mistral',
  xai: 'xai',
  upstage: 'upstage',
  deepseek: 'deepseek',
  deepseekai: 'deepseek',
  qwen: 'alibaba',
  alibaba: 'alibaba',
  zai: 'zai',
  zaiorg: 'zai',
  thudm: 'zai',
  moonshotai: 'moonshot',
  moonshot: 'moonshot',
  meta: 'meta',
  metallama: 'meta',
  codellama: 'meta',
  metamodels: 'meta',
  nvidia: 'nvidia',
  microsoft: 'microsoft',
  ibmgranite: 'ibm',
  ibm: 'ibm',
  cohere: 'cohere',
  amazon: 'amazon',
  ai21: 'ai21',
  allenai: 'allenai',
  minimax: 'minimax',
  minimaxai: 'minimax',
  stepfun: 'stepfun',
  stepfunai: 'stepfun',
  xiaomi: 'xiaomi',
  xiaomimimo: 'xiaomi',
  tencent: 'tencent',
  baidu: 'baidu',
  bytedance: 'bytedance',
  bytedanceseed: 'bytedance',
  inclusionai: 'inclusionai',
  liquid: 'liquid',
  liquidai: 'liquid',
  meituan: 'meituan',
  writer: 'writer',
  thinkingmachines: 'thinkingmachines',
  perplexity: 'perplexity',
  aionlabs: 'aion-labs',
  nousresearch: 'nousresearch',
  sarvamai: 'sarvam',
  aisingapore: 'aisingapore',
  kakaocorp: 'kakao',
  kakao: 'kakao',
  naverhyperclovax: 'naver',
  naver: 'naver',
  lgaiexaone: 'lg',
  skt: 'skt',
  kintelligence: 'kt',
  humain: 'humain',
  humainai: 'humain',
  allamai: 'humain',
  tiiuae: 'tii',
  core42: 'core42',
  inceptionai: 'core42',
  qcri: 'qcri',
  deepcogito: 'deepcogito',
  tngtech: 'tngtech',
  nexagi: 'nex-agi',
  poolside: 'poolside',
  reflection: 'reflection',
  sakana: 'sakana',
  cloudflare: 'cloudflare',
  rekaai: 'reka',
  arceeai: 'arcee',
  inflection: 'inflection',
  inception: 'inception',
  morph: 'morph',
  relace: 'relace',
  essentialai: 'essentialai',
  abacusai: 'abacusai',
  typesafe: 'typesafe',
}

/** Path parts that name no maker: they stand in a vendor's own scheme of ids. */
export const NEUTRAL = [
  'models',
  'routers',
  'route',
  'accounts',
  'fireworks',
  'workersai',
  'tee',
  'pro',
  'cf',
  'hf',
] as const
