import { expect, test } from 'vitest'
import { placeOf } from './place.ts'

test.each([
  ['anthropic.claude-haiku-4-5-20251001-v1:0', 'ap-northeast-2', 'KR', false],
  ['amazon.nova-lite-v1:0', 'ap-northeast-1', 'JP', false],
  ['deepseek.v3.2', 'eu-central-1', 'DE', false],
  ['openai.gpt-oss-120b-1:0', 'us-west-2', 'US', false],
  ['openai.gpt-oss-120b-1:0', 'xx-new-1', undefined, false],
  ['openai.gpt-oss-120b-1:0', 'constructor', undefined, false],
  ['us.anthropic.claude-haiku-4-5', 'us-east-1', 'US', true],
  // A profile asked from outside its country: where it leads is not known.
  ['us.anthropic.claude-haiku-4-5', 'ca-central-1', undefined, true],
  ['jp.anthropic.claude-sonnet-4-6', 'ap-northeast-3', 'JP', true],
  ['apac.anthropic.claude-sonnet-4', 'ap-northeast-2', undefined, true],
  ['eu.anthropic.claude-sonnet-4-6', 'eu-central-1', undefined, true],
  ['global.anthropic.claude-sonnet-4-6', 'ap-northeast-2', 'global', true],
  ['arn:aws:bedrock:ap-northeast-2:1:application-inference-profile/x', 'ap-northeast-2', undefined, true],
  ['arn:aws:bedrock:ap-northeast-2:1:inference-profile/us.anthropic.claude', 'ap-northeast-2', undefined, true],
  ['constructor.x', 'ap-northeast-2', undefined, true],
  ['', 'ap-northeast-2', undefined, true],
])('%s from %s is processed in %s', (model, awsRegion, region, roams) => {
  expect(placeOf(model, { awsRegion })).toEqual(region === undefined ? { roams } : { region, roams })
})
