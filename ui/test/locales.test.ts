import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import en from '@/i18n/en.json'
import vi from '@/i18n/vi.json'

interface Tree {
  [key: string]: string | Tree
}

function leaves(tree: Tree, prefix = ''): [key: string, text: string][] {
  return Object.entries(tree).flatMap(([name, value]) =>
    typeof value === 'string' ? [[prefix + name, value]] : leaves(value, `${prefix}${name}.`),
  )
}

/** Vietnamese has one form for every number, English two. */
const base = (key: string) => key.replace(/_(one|other)$/, '')
const variables = (text: string) => [...text.matchAll(/\{\{(\w+)/g)].map((found) => found[1]).sort()

const vietnamese = new Map(leaves(vi))
const english = leaves(en)

function filesBelow(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name)
    return statSync(path).isDirectory() ? filesBelow(path) : [path]
  })
}
const sources = filesBelow(join(__dirname, '../src')).filter((path) => /\.tsx?$/.test(path))

describe('both languages', () => {
  test('have the same keys', () => {
    expect([...new Set(english.map(([key]) => base(key)))].sort()).toEqual([...vietnamese.keys()].sort())
  })

  test('leave no text empty', () => {
    for (const [key, text] of [...vietnamese, ...english]) expect(text.trim(), key).not.toBe('')
  })

  test('fill in the same values', () => {
    for (const [key, text] of english) {
      expect(variables(text), key).toEqual(variables(vietnamese.get(base(key)) ?? ''))
    }
  })
})

describe('sources', () => {
  test('hold no Vietnamese text of their own', () => {
    const withMarks = /[ăâđêôơưáàảãạắằẳẵặấầẩẫậéèẻẽẹếềểễệíìỉĩịóòỏõọốồổỗộớờởỡợúùủũụứừửữựýỳỷỹỵ]/i
    for (const path of sources) {
      const code = readFileSync(path, 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')
      const lines = code.split('\n').filter((line) => withMarks.test(line) && !line.includes('.replace(/'))
      expect(lines, path).toEqual([])
    }
  })

  test('name no other host', () => {
    for (const path of sources.filter((path) => !path.endsWith('openapi.ts'))) {
      expect(readFileSync(path, 'utf8'), path).not.toMatch(/https?:\/\/(?!127\.0\.0\.1)/)
    }
  })

  test('send requests from one place', () => {
    const senders = sources.filter((path) => /\bfetch\(|XMLHttpRequest/.test(readFileSync(path, 'utf8')))
    expect(senders.map((path) => path.replace(/.*\/src\//, ''))).toEqual(['api/http.ts'])
  })
})
