import type { Place } from '#src/core/adapter.ts'

/** The countries of AWS's regions (AWS, Regions and Availability Zones). */
const COUNTRIES: Readonly<Record<string, string>> = {
  'us-east-1': 'US',
  'us-east-2': 'US',
  'us-west-1': 'US',
  'us-west-2': 'US',
  'us-gov-east-1': 'US',
  'us-gov-west-1': 'US',
  'ca-central-1': 'CA',
  'ca-west-1': 'CA',
  'sa-east-1': 'BR',
  'mx-central-1': 'MX',
  'eu-central-1': 'DE',
  'eu-central-2': 'CH',
  'eu-north-1': 'SE',
  'eu-south-1': 'IT',
  'eu-south-2': 'ES',
  'eu-west-1': 'IE',
  'eu-west-2': 'GB',
  'eu-west-3': 'FR',
  'ap-northeast-1': 'JP',
  'ap-northeast-2': 'KR',
  'ap-northeast-3': 'JP',
  'ap-south-1': 'IN',
  'ap-south-2': 'IN',
  'ap-southeast-1': 'SG',
  'ap-southeast-2': 'AU',
  'ap-southeast-3': 'ID',
  'ap-southeast-4': 'AU',
  'ap-southeast-5': 'MY',
  'ap-southeast-7': 'TH',
  'ap-east-1': 'HK',
  'ap-east-2': 'TW',
  'me-central-1': 'AE',
  'me-south-1': 'BH',
  'il-central-1': 'IL',
  'af-south-1': 'ZA',
}

/**
 * Inference profiles answer wherever there is room within a geography (AWS, cross-region inference). Only geographies of one country say where
 * that is, and only to those who ask from inside it; `eu.` and `apac.` are several.
 */
const GEOGRAPHIES: Readonly<Record<string, string>> = { us: 'US', 'us-gov': 'US', jp: 'JP', au: 'AU' }

/** Makers' names, which stand first in the id of a model that stays where it is asked. */
const MAKERS = new Set(
  'ai21 amazon anthropic cohere deepseek google luma meta minimax mistral moonshot moonshotai nvidia openai qwen stability twelvelabs upstage writer zai'.split(
    ' ',
  ),
)

/** Where prompts to this model are processed: the region that is asked, unless the id is a profile's or says nothing of it. */
export function placeOf(model: string, { awsRegion = '' }: Readonly<Record<string, string>>): Place {
  const first = model.slice(0, Math.max(0, model.indexOf('.')))
  const asked = Object.hasOwn(COUNTRIES, awsRegion) ? COUNTRIES[awsRegion] : undefined
  if (MAKERS.has(first)) return asked === undefined ? { roams: false } : { region: asked, roams: false }
  if (first === 'global') return { region: 'global', roams: true }
  // An ARN may be a profile's: it shows neither the geography nor the model.
  const within = Object.hasOwn(GEOGRAPHIES, first) ? GEOGRAPHIES[first] : undefined
  return within === undefined || within !== asked ? { roams: true } : { region: within, roams: true }
}
