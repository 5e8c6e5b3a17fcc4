import { describe, expect, it } from 'vitest'
import { minuteText, partsOf, rowsOf, secondOf } from '@/lib/template'

describe('parts of a template', () => {
  it('reads minutes and seconds, and nothing else', () => {
    expect(secondOf('05:00')).toBe(300)
    expect(secondOf(' 75:30 ')).toBe(4530)
    for (const wrong of ['', '5', '5:60', '05:0', '-1:00', '05:00:00', 'a:00'])
      expect(secondOf(wrong)).toBeNull()
    expect(minuteText(4530)).toBe('75:30')
  })

  it('come back from the form as they were, and new ones get a name of their own', () => {
    const parts = partsOf([
      { kind: 'signature', tune_item_id: 'tune', most: '01:00' },
      { kind: 'relay', at: '05:00', source: ' VOV1 ', most: '15:00', accepts: ['cchc-a'] },
      { id: 'items-1', kind: 'items', least: '01:00', cut_order: 2 },
      { kind: 'items', title: ' Tin ' },
    ])
    expect(parts.map(({ id }) => id)).toEqual(['signature-1', 'relay-1', 'items-1', 'items-2'])
    expect(parts[0]).toMatchObject({ tune_item_id: 'tune', most_seconds: 0, at: null })
    expect(parts[1]).toMatchObject({ at: 300, source: 'VOV1', most_seconds: 900, accepts: [] })
    expect(parts[2]).toMatchObject({ least_seconds: 60, cut_order: 2, most_seconds: 0 })
    expect(partsOf(rowsOf(parts))).toEqual(parts)
  })
})
