import { useMutation } from '@tanstack/react-query'
import { App } from 'antd'
import { useTranslation } from 'react-i18next'
import { takeBackEdit } from '@/api/endpoints'
import { problemOf } from '@/api/problem'
import { planChanged } from '@/app/queries'
import { useProblemText } from '@/components/problem_text'
import { usePlanning } from './planning'

/** Undoes one edit; a race is told and the plan of now is loaded. */
export function useTakeBack() {
  const { t } = useTranslation()
  const { message } = App.useApp()
  const { station, revision } = usePlanning()
  const textOf = useProblemText()
  return useMutation({
    mutationFn: (editId: string) => takeBackEdit(station.id, revision, editId),
    onSuccess: async () => {
      await planChanged(station.id)
      void message.success(t('edit.taken_back'))
    },
    onError: async (error) => {
      const problem = problemOf(error)
      const text = textOf(problem)
      void message.warning(problem.status === 412 ? t('edit.raced') : `${text.title} ${text.detail}`)
      await planChanged(station.id)
    },
  })
}
