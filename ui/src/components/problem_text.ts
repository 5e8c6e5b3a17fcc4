import { useCallback } from 'react'
import { useTranslation } from 'react-i18next'
import { categoryOf, type Problem } from '@/api/problem'

export interface ProblemText {
  readonly title: string
  readonly detail: string
}

/** A problem in the reader's language: the scheduler's own words where it has some, ours otherwise. */
export function useProblemText(): (problem: Problem) => ProblemText {
  const { t, i18n } = useTranslation()
  const vietnamese = i18n.language !== 'en'
  return useCallback(
    (problem) => {
      const category = categoryOf(problem)
      const title = vietnamese ? problem.titleVi : problem.title
      const detail = vietnamese ? problem.detailVi : problem.detail
      if (category === 'network' || (title === '' && detail === '')) {
        return { title: t(`problem.${category}.title`), detail: t(`problem.${category}.advice`) }
      }
      return { title: title === '' ? t(`problem.${category}.title`) : title, detail }
    },
    [t, vietnamese],
  )
}
