/** Words that depend on the language and on loaded lists: topics, units, texts in two languages. */
import { useCallback, useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import type { BilingualText, Topic } from '@/api/types'
import { useTopics, useUnits } from '@/app/queries'

export function useVietnamese(): boolean {
  return useTranslation().i18n.language !== 'en'
}

export function useBilingual(): (text: BilingualText) => string {
  const vietnamese = useVietnamese()
  return useCallback((text) => (vietnamese ? text.vi || text.en : text.en || text.vi), [vietnamese])
}

export function useTopicNames(): (topicId: string) => string {
  const vietnamese = useVietnamese()
  const { data } = useTopics()
  const byId = useMemo(() => new Map((data ?? []).map((topic) => [topic.id, topic])), [data])
  return useCallback(
    (topicId) => {
      const topic = byId.get(topicId)
      if (topic === undefined) return topicId
      return vietnamese ? topic.name_vi : topic.name_en
    },
    [byId, vietnamese],
  )
}

/** A topic group as the plan names it. */
export function useGroupNames(): (group: string) => string {
  const { t } = useTranslation()
  return (group) => (isKnownTopicGroup(group) ? t(`topic_group.${group}`) : group)
}

export function useUnitNames(): (unitId: string) => string {
  const { data } = useUnits()
  const byId = useMemo(() => new Map((data ?? []).map((unit) => [unit.id, unit.name])), [data])
  return useCallback((unitId) => byId.get(unitId) ?? unitId, [byId])
}

export const knownTopicGroups = [
  'cchc-a',
  'cchc-b',
  'cchc-c',
  'cchc-d',
  'cchc-dd',
  'cchc-e',
  'other',
] as const
export type TopicGroup = (typeof knownTopicGroups)[number]

/** Groups in the plan's order (II.1 a, b, c, d, đ, e), others after them. */
export function topicsByGroup(topics: readonly Topic[]): [group: string, topics: Topic[]][] {
  const groups = new Map<string, Topic[]>()
  for (const topic of topics) groups.set(topic.group, [...(groups.get(topic.group) ?? []), topic])
  const rank = (group: string) => {
    const index = (knownTopicGroups as readonly string[]).indexOf(group)
    return index < 0 ? knownTopicGroups.length : index
  }
  return [...groups.entries()].sort(([a], [b]) => rank(a) - rank(b))
}

export function isKnownTopicGroup(group: string): group is TopicGroup {
  return (knownTopicGroups as readonly string[]).includes(group)
}
