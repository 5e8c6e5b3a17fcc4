// @vitest-environment node
import { readFileSync } from 'node:fs'
import openapiTS, { astToString } from 'openapi-typescript'
import { expect, test } from 'vitest'

/** Descriptions may change without making the types old. */
const typesOf = (source: string) =>
  source
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/\s+/g, ' ')
    .trim()

test('the types are those of the API as it is described now (npm run api-types)', async () => {
  const description = new URL('../../scheduler/api/openapi.yaml', import.meta.url)
  const fresh = astToString(await openapiTS(description))
  const kept = readFileSync(new URL('../src/api/openapi.ts', import.meta.url), 'utf8')
  expect(typesOf(kept)).toBe(typesOf(fresh))
})
